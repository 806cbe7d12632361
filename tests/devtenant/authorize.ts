import type { DevTenant } from "../../lib/devtenant/start.ts";
import { type Fields, msalScope, postEntra } from "./sign-in.ts";

export const verifier = "a-verifier-of-at-least-forty-three-characters-0123";
const challenge = new Bun.CryptoHasher("sha256").update(verifier).digest("base64url");
export const redirectUri = "http://localhost:7777";

/** The address of a good sign-in, with some parameters changed; an undefined one is left out. */
export function authorizeUrl(tenant: DevTenant, changes: Fields = {}): string {
  const url = new URL(`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/authorize`);
  const parameters: Fields = {
    client_id: tenant.publicClientId,
    response_type: "code",
    redirect_uri: redirectUri,
    scope: msalScope(tenant),
    state: "a state & more",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

/** Opens the page and decides; gives the answer that the browser gets, unfollowed. */
export async function decideInBrowser(tenant: DevTenant, changes: Fields = {}, decision: Fields = {}) {
  const page = await (await fetch(authorizeUrl(tenant, changes))).text();
  const id = /name="request" value="([^"]+)"/.exec(page)?.[1];
  return decideOnce(tenant, { request: id, ...decision });
}

/** Sends a decision for a sign-in by its id. */
export async function decideOnce(tenant: DevTenant, fields: Fields): Promise<Response> {
  const form = { decision: "approve", person: "ada", ...fields };
  const body = new URLSearchParams(
    Object.entries(form).filter((field): field is [string, string] => !!field[1]),
  );
  return fetch(`${tenant.origin}/authorize/decision`, { method: "POST", body, redirect: "manual" });
}

/** What an answer by redirect brings to the application. */
export function parametersOf(answer: Response): Record<string, string> {
  return Object.fromEntries(new URL(answer.headers.get("location") ?? "").searchParams);
}

/** Signs in and gives the code. */
export async function getCode(tenant: DevTenant, person = "ada"): Promise<string> {
  return parametersOf(await decideInBrowser(tenant, {}, { person }))["code"] ?? "";
}

/** Redeems a code. */
export function redeem(tenant: DevTenant, code: string, changes: Fields = {}): Promise<Response> {
  return postEntra(tenant, "token", {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...changes,
  });
}
