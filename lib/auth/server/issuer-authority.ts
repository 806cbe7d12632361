import { nowSeconds } from "../../base/clock.ts";
import type { SignatureAlgorithm } from "../../config/signature-algorithms.ts";
import { discoverKeyUrl } from "./discover-keys.ts";
import { fetchJson } from "./fetch-json.ts";
import { checkIssuerClaims, type IssuerExpectation, toIssuerCaller } from "./issuer-claims.ts";
import { createKeyStore } from "./key-store.ts";
import { readSigningKeys, type SigningKey } from "./signing-keys.ts";
import type { AuthorityOptions, TokenAuthority } from "./token-authority.ts";

export interface IssuerAuthorityOptions extends AuthorityOptions {
  /** `iss` of the tokens, to the letter. */
  readonly issuer: string;
  /** Where the keys are; undefined: as the issuer's metadata say. */
  readonly jwksUri: string | undefined;
  /** One of them must stand in `aud`. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly SignatureAlgorithm[];
}

/** Any issuer of JWT access tokens in Entra's place. */
export function createIssuerAuthority(options: IssuerAuthorityOptions): TokenAuthority {
  const { issuer, audiences, algorithms, clock, log, skewSeconds, fetchTimeoutMs } = options;
  const expectation: IssuerExpectation = { issuer, audiences, skewSeconds };
  let discovered: string | undefined;

  async function load(): Promise<readonly SigningKey[]> {
    const url = options.jwksUri ?? discovered ?? (await discoverKeyUrl(issuer, fetchTimeoutMs));
    // Where no keys are found any more they may have moved: then the next attempt asks for their address again.
    discovered = undefined;
    const keys = await readSigningKeys(await fetchJson(url, fetchTimeoutMs), algorithms);
    if (keys.length > 0) discovered = url;
    return keys;
  }

  const keyStore = createKeyStore({ load, clock, log, times: options.keyTimes });
  return {
    algorithms,
    async checkClaims(claims) {
      checkIssuerClaims(claims, expectation, nowSeconds(clock));
      return keyStore;
    },
    checkKey() {},
    toCaller: toIssuerCaller,
    issuers: () => [issuer],
    isReady: keyStore.isLoaded,
    load: keyStore.load,
  };
}
