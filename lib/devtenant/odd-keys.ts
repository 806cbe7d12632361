import { generateRsaKey, nameKey, type PublicKey, type RsaKey, type RsaKeyOptions } from "./rsa-key.ts";

const recipes = {
  /** Good in itself and published by no fault but `duplicate`. */
  foreign: {},
  weak: { modulusLength: 1024 },
  encryption: { use: "enc" },
  "foreign-issuer": {},
  "msa-issuer": {},
} as const satisfies Record<string, RsaKeyOptions>;

/** RSA keys that no verifier may accept tokens from. */
export type OddKeyName = keyof typeof recipes;

/** A symmetric key in the place of a public one. */
export interface SymmetricKey {
  readonly kid: string;
  readonly secret: Uint8Array;
}

/** The bad keys of one running dev tenant: made when they are first asked for, the same ever after. */
export interface OddKeys {
  rsa(name: OddKeyName): Promise<RsaKey>;
  symmetric(): SymmetricKey;
}

/** Makes no key yet. */
export function createOddKeys(): OddKeys {
  const made = new Map<OddKeyName, Promise<RsaKey>>();
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const { kid } = nameKey(secret.toHex());
  return {
    rsa(name) {
      const key = made.get(name) ?? generateRsaKey(recipes[name]);
      made.set(name, key);
      return key;
    },
    symmetric: () => ({ kid, secret }),
  };
}

/** The same key with as many zero bytes before its modulus, so that it looks twice as long; its `kid` is its own. */
export function padModulus(key: PublicKey): PublicKey {
  const modulus = Buffer.from(key.n, "base64url");
  const n = Buffer.concat([Buffer.alloc(modulus.length), modulus]).toString("base64url");
  return { ...key, ...nameKey(n), n };
}
