import { importJWK } from "jose";

/** A public key that may have signed a token. */
export interface SigningKey {
  readonly kid: string;
  readonly key: CryptoKey;
  /** `issuer` member of Entra's keys, e.g. `https://login.microsoftonline.com/{tenantid}/v2.0`. */
  readonly issuer: string | undefined;
}

const minModulusBits = 2048;

function isUsable(jwk: Record<string, unknown>): boolean {
  const { kty, use, alg, kid, n, e } = jwk;
  if (kty !== "RSA" || typeof kid !== "string" || typeof n !== "string" || typeof e !== "string")
    return false;
  if (use !== undefined && use !== "sig") return false;
  if (alg !== undefined && alg !== "RS256") return false;
  return Buffer.from(n, "base64url").length * 8 >= minModulusBits;
}

async function importKey(jwk: Record<string, unknown>): Promise<SigningKey | undefined> {
  try {
    const { kid, n, e, issuer } = jwk;
    const key = await importJWK({ kty: "RSA", n: String(n), e: String(e) }, "RS256");
    if (key instanceof Uint8Array) return undefined;
    return { kid: String(kid), key, issuer: typeof issuer === "string" ? issuer : undefined };
  } catch {
    return undefined;
  }
}

/**
 * Takes the usable keys out of a JSON Web Key Set: RSA signature keys of at least 2048 bits with a unique `kid`.
 * Others are skipped, so that one bad key harms no other.
 *
 * @see RFC 7517 section 5
 */
export async function readSigningKeys(jwks: unknown): Promise<ReadonlyMap<string, SigningKey>> {
  const listed: unknown = typeof jwks === "object" && jwks !== null && "keys" in jwks ? jwks.keys : undefined;
  const jwkList = Array.isArray(listed) ? listed.slice(0, 100) : [];
  const keys = new Map<string, SigningKey>();
  const ambiguous = new Set<string>();
  for (const jwk of jwkList) {
    const key = typeof jwk === "object" && jwk !== null && isUsable(jwk) ? await importKey(jwk) : undefined;
    if (!key) continue;
    if (keys.has(key.kid)) ambiguous.add(key.kid);
    keys.set(key.kid, key);
  }
  for (const kid of ambiguous) keys.delete(kid);
  return keys;
}
