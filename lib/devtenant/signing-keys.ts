import { exportJWK, generateKeyPair } from "jose";

/** A public key as it is published, but for `issuer`, which the JWKS endpoint adds. */
export interface PublicKey {
  readonly kty: "RSA";
  readonly use: "sig";
  readonly kid: string;
  readonly x5t: string;
  readonly n: string;
  readonly e: string;
}

/** A key that signs tokens. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  /** RSASSA-PKCS1-v1_5 with SHA-256 (RS256). */
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

/** What becomes of the old key when a new one takes over. */
export interface Rollover {
  /** Removes the old key from the JWKS at once. Default false: it stays published beside the new one. */
  readonly withdrawPrevious?: boolean;
}

/** The keys of one running dev tenant. */
export interface SigningKeys {
  /** The key that signs now. */
  current(): SigningKey;
  /** The published keys, as in the JWKS. */
  published(): readonly PublicKey[];
  /** A key that is not published and never was; the same at each call. */
  foreign(): Promise<SigningKey>;
  /** Makes a new key that signs from now on. */
  rollover(options?: Rollover): Promise<void>;
}

async function generateKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", {
    modulusLength: 2048,
    extractable: true,
  });
  const { n = "", e = "" } = await exportJWK(publicKey);
  // Entra's kid is the certificate's SHA-1 thumbprint; without a certificate the modulus does.
  const kid = new Bun.CryptoHasher("sha1").update(n).digest("base64url");
  return {
    publicKey: { kty: "RSA", use: "sig", kid, x5t: kid, n, e },
    sign: async (data) => new Uint8Array(await crypto.subtle.sign("RSASSA-PKCS1-v1_5", privateKey, data)),
  };
}

/** Makes fresh keys. */
export async function createSigningKeys(): Promise<SigningKeys> {
  let signing = await generateKey();
  let published: readonly PublicKey[] = [signing.publicKey];
  let foreign: Promise<SigningKey> | undefined;
  return {
    current: () => signing,
    published: () => published,
    foreign: () => (foreign ??= generateKey()),
    async rollover({ withdrawPrevious = false } = {}) {
      const next = await generateKey();
      published = [...(withdrawPrevious ? [] : [signing.publicKey]), next.publicKey];
      signing = next;
    },
  };
}
