import type { Clock } from "../base/clock.ts";
import { neutraliseLine } from "../base/text.ts";
import { describeAadsts, type Refusal } from "./aadsts.ts";

const noStore = {
  "Cache-Control": "no-store, no-cache",
  Pragma: "no-cache",
  "X-Content-Type-Options": "nosniff",
} as const;

/** Answers with JSON that nobody may store. */
export function answerJson(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(body, { status, headers: { ...noStore, ...headers } });
}

/** Answers with one plain sentence: for what Entra has no form for. */
export function answerText(
  text: string,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const contentType = { "Content-Type": "text/plain; charset=utf-8" };
  return new Response(`${text}\n`, { status, headers: { ...noStore, ...contentType, ...headers } });
}

function fill(text: string, values: Refusal["values"]): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => neutraliseLine(values[name] ?? "").slice(0, 80));
}

/** A refusal's sentence, without its AADSTS number. */
export function fillAadsts({ name, values }: Refusal): string {
  return fill(describeAadsts(name).text, values);
}

/** What an error answer needs beside its refusal. */
export interface ErrorContext {
  /** Source of the timestamp. */
  readonly clock: Clock;
  /** Where `error_uri` points. */
  readonly origin: string;
  /** As the client sent it, or a new one. */
  readonly correlationId: string;
}

/** The claims challenge of a Conditional Access block; the policy's id is made up. */
const policyClaims = JSON.stringify({
  access_token: { capolids: { essential: true, values: ["dec0de00-0000-4000-8000-0000000000ca"] } },
});

/** Turns a refusal into Entra's error answer, with AADSTS code, trace id, correlation id and timestamp. */
export function answerRefusal(refusal: Refusal, context: ErrorContext): Response {
  const row = describeAadsts(refusal.name);
  const timestamp = new Date(context.clock.nowMs())
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
  const traceId = crypto.randomUUID();
  const sentence = `AADSTS${row.code}: ${fillAadsts(refusal)}`;
  const body = {
    error: row.error,
    error_description: `${sentence} Trace ID: ${traceId} Correlation ID: ${context.correlationId} Timestamp: ${timestamp}`,
    error_codes: [row.code],
    timestamp,
    trace_id: traceId,
    correlation_id: context.correlationId,
    error_uri: `${context.origin}/error?code=${row.code}`,
    ...(row.suberror === undefined ? {} : { suberror: row.suberror }),
    ...(row.hasClaims ? { claims: policyClaims } : {}),
  };
  const retryAfter = refusal.retryAfterSeconds;
  const headers = {
    "x-ms-request-id": traceId,
    ...(retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) }),
    ...(row.status === 405 ? { Allow: "POST" } : {}),
  };
  return answerJson(body, row.status, headers);
}
