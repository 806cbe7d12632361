import { expect } from "bun:test";
import type { ErrorCode } from "../../lib/base/errors.ts";
import type { Principal } from "../../lib/base/principal.ts";
import type { Stack } from "./start-stack.ts";

/** What a refusal must look like. */
export interface Refusal {
  readonly status: number;
  readonly reason: ErrorCode;
  /** What the sentence must contain. */
  readonly says?: readonly string[];
  /** Seconds; 503 alone. Default 1. */
  readonly retryAfter?: number;
}

/** `error` by status, written down here once more: the table of the errors is not its own judge (RFC 6750, 3.1). */
function oauthErrorOf({ status, reason }: Refusal): string | undefined {
  if (reason === "missing_token") return undefined;
  switch (status) {
    case 400:
      return "invalid_request";
    case 401:
      return "invalid_token";
    case 403:
      return reason === "insufficient_scope" ? "insufficient_scope" : "access_denied";
    case 503:
      return "temporarily_unavailable";
    default:
      throw new Error(`no refusal has the status ${status}`);
  }
}

/** The parameters of a challenge in their order; fails for what is not exactly one Bearer challenge. */
export function parseChallenge(header: string | null): readonly (readonly [name: string, value: string])[] {
  expect(header).toMatch(/^Bearer [a-z_]+="[^"\\]*"(?:, [a-z_]+="[^"\\]*")*$/);
  const parameters = (header ?? "").matchAll(/([a-z_]+)="([^"\\]*)"/g);
  return [...parameters].map(([, name = "", value = ""]) => [name, value]);
}

/** As RFC 6750 permits it in a quoted value. */
function toQuoted(text: string): string {
  return [...text].map((c) => (c === '"' ? "'" : /[ !#-[\]-~]/.test(c) ? c : "?".repeat(c.length))).join("");
}

function expectChallenge(stack: Stack, header: string | null, body: Body, refusal: Refusal): void {
  const error = oauthErrorOf(refusal);
  const isSilent = error === undefined || stack.isTerse;
  const description = toQuoted(body.error_description ?? "");
  expect(parseChallenge(header)).toEqual([
    ...(error === undefined ? [] : [["error", error] as const]),
    ...(isSilent ? [] : [["error_description", description] as const]),
    ["scope", stack.scopes.join(" ")],
    ["resource_metadata", `${stack.origin}/.well-known/oauth-protected-resource/mcp`],
  ]);
}

interface Body {
  readonly error?: string;
  readonly error_description?: string;
  readonly reason?: string;
}

/** Some clients show nothing but `error_description`: it has the code and the whole sentence. */
function expectBody(stack: Stack, body: Body, refusal: Refusal): void {
  const error = oauthErrorOf(refusal);
  const told = {
    error_description: expect.stringMatching(new RegExp(`^${refusal.reason}: .`)),
    reason: refusal.reason,
  };
  expect(body).toEqual({ ...(error === undefined ? {} : { error }), ...(stack.isTerse ? {} : told) });
  for (const part of refusal.says ?? []) expect(body.error_description).toContain(part);
}

/** Parts of a token that nobody may read in an answer: the signature, and what is signed. */
function expectNoSecret(text: string, token: string): void {
  const secrets = token.split(".", 3).filter((segment) => segment.length > 20);
  for (const secret of secrets) expect(text).not.toContain(secret);
}

/** What a real answer has, from `fetch` or from a bare connection. */
export type Answer = Pick<Response, "status" | "headers" | "text">;

/**
 * Status, body and headers of a refusal, whole.
 *
 * @param token what was sent, which must not come back
 */
export async function expectRefused(
  stack: Stack,
  answer: Answer,
  refusal: Refusal,
  token = "",
): Promise<void> {
  const text = await answer.text();
  const challenge = answer.headers.get("www-authenticate");
  expect([answer.status, text]).toEqual([refusal.status, expect.any(String)]);
  const body: Body = JSON.parse(text);
  expectBody(stack, body, refusal);
  if (refusal.status === 503) expect(challenge).toBeNull();
  else expectChallenge(stack, challenge, body, refusal);
  const retryAfter = refusal.status === 503 ? String(refusal.retryAfter ?? 1) : null;
  expect(answer.headers.get("retry-after")).toBe(retryAfter);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expectNoSecret(`${text} ${challenge}`, token);
}

interface CallAnswer {
  readonly result?: { readonly structuredContent?: Principal };
}

/** Who came in, after what the tool says. Fails where nobody did. */
export async function expectAdmitted(answer: Answer): Promise<Principal> {
  const text = await answer.text();
  expect([answer.status, text]).toEqual([200, expect.stringContaining("structuredContent")]);
  expect(answer.headers.get("www-authenticate")).toBeNull();
  // A call is answered by an event stream or by JSON; both hold one message.
  const message = /^data: (.*structuredContent.*)$/m.exec(text)?.[1] ?? text;
  const { result }: CallAnswer = JSON.parse(message);
  return result?.structuredContent as Principal;
}
