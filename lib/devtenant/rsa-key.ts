import { constants, generateKeyPair, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";

/** A public key as it is published, but for `issuer`, which the JWKS adds. */
export interface PublicKey {
  readonly kty: "RSA";
  readonly use: "sig" | "enc";
  readonly kid: string;
  readonly x5t: string;
  readonly n: string;
  readonly e: string;
}

/** What an RSA key can sign with (RFC 7518 sections 3.3 and 3.5). */
export const rsaAlgorithms = ["RS256", "RS384", "RS512", "PS256"] as const;
export type RsaAlgorithm = (typeof rsaAlgorithms)[number];

/** An RSA key pair. */
export interface RsaKey {
  readonly publicKey: PublicKey;
  /** The public key for export in other forms. */
  readonly publicKeyObject: KeyObject;
  sign(data: Uint8Array, algorithm: RsaAlgorithm): Uint8Array;
}

/** How a key is made. */
export interface RsaKeyOptions {
  /** Bits. Default 2048. */
  readonly modulusLength?: number;
  /** Default `sig`. Does not keep the key from signing. */
  readonly use?: PublicKey["use"];
}

const makeKeyPair = promisify(generateKeyPair);

/** Entra's kid is the certificate's SHA-1 thumbprint; without a certificate the modulus does. */
export function nameKey(n: string): { readonly kid: string; readonly x5t: string } {
  const kid = new Bun.CryptoHasher("sha1").update(n).digest("base64url");
  return { kid, x5t: kid };
}

/**
 * Makes a fresh RSA key. By Node's crypto and not by jose: the same key must sign with several algorithms, may
 * be too weak for jose, and shares no code with the verifier.
 */
export async function generateRsaKey({
  modulusLength = 2048,
  use = "sig",
}: RsaKeyOptions = {}): Promise<RsaKey> {
  const { publicKey, privateKey } = await makeKeyPair("rsa", { modulusLength });
  const { n = "", e = "" } = publicKey.export({ format: "jwk" });
  return {
    publicKey: { kty: "RSA", use, ...nameKey(n), n, e },
    publicKeyObject: publicKey,
    sign(data, algorithm) {
      const padding = algorithm === "PS256" ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
      return sign(`sha${algorithm.slice(2)}`, data, { key: privateKey, padding, saltLength });
    },
  };
}
