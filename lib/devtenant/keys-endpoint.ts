import { sleep } from "../base/abort.ts";
import { answerJson, answerText } from "./answer.ts";
import type { EntraRequest } from "./entra-request.ts";
import type { TenantState } from "./tenant-state.ts";

/** So long a hanging answer hangs, in milliseconds. */
const hangMs = 30_000;

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
    case "ok": {
      // Entra's template: `{tenantid}` stands there as it is.
      const issuer = `${state.origin}/{tenantid}/v2.0`;
      return answerJson({ keys: state.keys.published().map((key) => ({ ...key, issuer })) });
    }
  }
}
