import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { padModulus } from "./odd-keys.ts";
import type { RsaAlgorithm, RsaKey } from "./rsa-key.ts";
import type { TenantState } from "./tenant-state.ts";
import type { AccessTokenOverrides } from "./token-overrides.ts";

/** What signs one token, and how the token's header names it. */
export interface TokenSigner {
  readonly alg: string;
  /** Also `x5t`. */
  readonly kid: string;
  sign(data: Uint8Array): Uint8Array;
}

function signWithRsa(key: RsaKey, algorithm: RsaAlgorithm, kid = key.publicKey.kid): TokenSigner {
  return { alg: algorithm, kid, sign: (data) => key.sign(data, algorithm) };
}

function signWithSecret(secret: string | Uint8Array, kid: string): TokenSigner {
  return { alg: "HS256", kid, sign: (data) => createHmac("sha256", secret).update(data).digest() };
}

function signWithFreshCurve(kid: string): TokenSigner {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // The form of RFC 7518 section 3.4: R and S side by side, not DER.
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
  return { alg: "ES256", kid, sign: (data) => sign("sha256", data, key) };
}

/** Finds what signs a token, making odd keys where they are missing. */
export async function selectSigner(
  state: TenantState,
  { key = "current", algorithm = "RS256" }: Pick<AccessTokenOverrides, "key" | "algorithm">,
): Promise<TokenSigner> {
  const current = state.keys.current();
  const { kid, n } = current.publicKey;
  switch (key) {
    case "current":
      return signWithRsa(current, algorithm);
    case "foreign":
      return signWithRsa(await state.oddKeys.rsa("foreign"), algorithm, kid);
    case "none":
      return { alg: algorithm, kid, sign: () => new Uint8Array() };
    case "ec":
      return signWithFreshCurve(kid);
    case "public-pem":
      return signWithSecret(current.publicKeyObject.export({ type: "spki", format: "pem" }), kid);
    case "public-der":
      return signWithSecret(current.publicKeyObject.export({ type: "spki", format: "der" }), kid);
    case "public-n":
      return signWithSecret(Buffer.from(n, "base64url"), kid);
    case "symmetric": {
      const symmetric = state.oddKeys.symmetric();
      return signWithSecret(symmetric.secret, symmetric.kid);
    }
    case "weak-padded": {
      const weak = await state.oddKeys.rsa("weak");
      return signWithRsa(weak, algorithm, padModulus(weak.publicKey).kid);
    }
    default:
      return signWithRsa(await state.oddKeys.rsa(key), algorithm);
  }
}
