import { generateRsaKey, type PublicKey, type RsaKey } from "./rsa-key.ts";

/** What becomes of the old key when a new one takes over. */
export interface Rollover {
  /** Removes the old key from the JWKS at once. Default false: it stays published beside the new one. */
  readonly withdrawPrevious?: boolean;
}

/** The good keys of one running dev tenant. */
export interface SigningKeys {
  /** The key that signs now. */
  current(): RsaKey;
  /** The published keys, as in the JWKS; the current one stands last. */
  published(): readonly PublicKey[];
  /** Makes a new key that signs from now on. */
  rollover(options?: Rollover): Promise<void>;
}

/** Makes fresh keys. */
export async function createSigningKeys(): Promise<SigningKeys> {
  let signing = await generateRsaKey();
  let published: readonly PublicKey[] = [signing.publicKey];
  return {
    current: () => signing,
    published: () => published,
    async rollover({ withdrawPrevious = false } = {}) {
      const next = await generateRsaKey();
      published = [...(withdrawPrevious ? [] : [signing.publicKey]), next.publicKey];
      signing = next;
    },
  };
}
