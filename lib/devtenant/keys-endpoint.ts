import { sleep } from "../base/abort.ts";
import { answerJson, answerText } from "./answer.ts";
import type { EntraRequest } from "./entra-request.ts";
import { listAllGoodKeys, listKeys } from "./jwks.ts";
import { tenantId } from "./registration.ts";
import type { TenantState } from "./tenant-state.ts";

/** So long a hanging answer hangs, in milliseconds. */
const hangMs = 30_000;

/** Bytes of padding in an oversized JWKS. */
const oversizedBytes = 2 * 1024 * 1024;

/** Below `/{tenant}`: where the `redirect` fault sends to. */
export const movedKeysPath = "/discovery/moved/keys";

/** Piece by piece and so without `Content-Length`: whoever trusts in that header reads it all. */
function streamOversized(keys: unknown): Response {
  const piece = new TextEncoder().encode("x".repeat(64 * 1024));
  let left = oversizedBytes / piece.byteLength;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(`{"keys":${JSON.stringify(keys)},"padding":"`)),
    pull(controller) {
      controller.enqueue(left > 0 ? piece : encoder.encode('"}'));
      if (left === 0) controller.close();
      left -= 1;
    },
  });
  return new Response(body, { headers: { "Content-Type": "application/json" } });
}

/** The JWKS (RFC 7517 section 5), or what the `jwks` fault puts in its place. */
export async function answerKeys(state: TenantState, { signal }: EntraRequest): Promise<Response> {
  state.counts.jwks += 1;
  switch (state.faults.settings.jwks) {
    case "error":
      return answerText("The service is unavailable.", 500);
    case "html":
      return new Response("<!doctype html><title>Sign in to the hotel Wi-Fi</title>", {
        headers: { "Content-Type": "text/html; charset=utf-8" },
      });
    case "hang":
      await sleep(hangMs, { signal });
      return answerText("The service is unavailable.", 503);
    case "redirect":
      return new Response(null, {
        status: 302,
        headers: { Location: `${state.origin}/${tenantId}${movedKeysPath}` },
      });
    case "not-json":
      return new Response('{"keys":[{"kty":"RSA","use":"sig",', {
        headers: { "Content-Type": "application/json" },
      });
    case "oversized":
      return streamOversized(await listKeys(state));
    default:
      return answerJson({ keys: await listKeys(state) });
  }
}

/** The good keys whatever the fault, at the end of a redirect. Counts as a request for the JWKS, too. */
export function answerMovedKeys(state: TenantState): Response {
  state.counts.jwks += 1;
  return answerJson({ keys: listAllGoodKeys(state) });
}
