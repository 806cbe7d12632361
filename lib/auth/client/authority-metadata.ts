import type { Abortable } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { type EntraAuthority, formatAuthority, isLoopbackAuthority } from "./authority.ts";
import { type Fetch, fetchJson, isRecord } from "./fetch-json.ts";
import { describeOAuthError, readOAuthError } from "./sign-in-error.ts";

const timeoutMs = 10_000;
const maxBytes = 64 * 1024;
const endpointNames = ["issuer", "token_endpoint", "authorization_endpoint", "jwks_uri"] as const;

function pickEndpoints(
  body: Readonly<Record<string, unknown>>,
  origin: string,
): Record<string, string> | undefined {
  const picked: Record<string, string> = {};
  for (const name of endpointNames) {
    const value = body[name];
    if (typeof value !== "string" || URL.parse(value)?.origin !== origin) return undefined;
    picked[name] = value;
  }
  // MSAL derives the device code endpoint from it.
  return picked["token_endpoint"]?.endsWith("/token") ? picked : undefined;
}

/**
 * Reads the OpenID configuration of a tenant, such as a dev tenant on this machine, as MSAL's `authorityMetadata`. MSAL would
 * refuse an authority over http, but takes such endpoints when they are given.
 *
 * @throws `unreachable`, `timeout`, `sign_in_failed`; `protocol_error` when an endpoint is elsewhere
 */
export async function readAuthorityMetadata(
  authority: EntraAuthority,
  options: Abortable & { readonly fetch?: Fetch | undefined },
): Promise<string> {
  const url = `${formatAuthority(authority)}/v2.0/.well-known/openid-configuration`;
  const { body } = await fetchJson(url, { ...options, timeoutMs, maxBytes, party: "The sign-in service" });
  const oauth = isRecord(body) ? readOAuthError(body) : undefined;
  if (oauth) throw describeOAuthError(oauth, "device_code");
  const endpoints = isRecord(body) ? pickEndpoints(body, authority.loginUrl) : undefined;
  if (endpoints) return JSON.stringify(endpoints);
  throw new AppError("protocol_error", `The OpenID configuration at ${quote(url)} cannot be used.`, {
    hint: isLoopbackAuthority(authority)
      ? "Check that the dev tenant runs at that address."
      : "Something else seems to answer in its place: a proxy, or the sign-in page of a network?",
  });
}
