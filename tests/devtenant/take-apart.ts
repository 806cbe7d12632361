import type { DevTenant } from "../../lib/devtenant/start.ts";
import type { Json } from "./sign-in.ts";

/** A segment's bytes, as Node's lenient decoder reads them. */
export const decode = (segment = "") => Buffer.from(segment, "base64url");

/** Header, claims and signature of a token of three segments, by hand. */
export function takeApart(token: string) {
  const [header = "", claims = "", signature = ""] = token.split(".");
  return {
    header: JSON.parse(decode(header).toString()) as Json,
    claims: JSON.parse(decode(claims).toString()) as Json,
    signature: decode(signature),
    signatureText: signature,
  };
}

/** The address of the JWKS. */
export const keysUrl = (tenant: DevTenant) => `${tenant.origin}/${tenant.tenantId}/discovery/v2.0/keys`;

/** The keys that the JWKS lists now. */
export async function readKeys(tenant: DevTenant): Promise<readonly Json[]> {
  const { keys } = (await (await fetch(keysUrl(tenant))).json()) as { keys: readonly Json[] };
  return keys;
}

/** Whether the signature is a key's by RS256; WebCrypto, as jose refuses weak keys. Says nothing on claims. */
export async function isSignedBy(token: string, { n, e }: Json): Promise<boolean> {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const jwk = { kty: "RSA", n: String(n), e: String(e) };
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
  const [header, claims, signature] = token.split(".");
  const data = new TextEncoder().encode(`${header}.${claims}`);
  return crypto.subtle.verify(algorithm.name, key, decode(signature), data);
}
