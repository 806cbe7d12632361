import { jwtVerify } from "jose";
import type { Clock } from "../../base/clock.ts";
import { nowSeconds } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import type { Principal } from "../../base/principal.ts";
import { sleep } from "../../base/abort.ts";
import { checkPermission } from "./check-permission.ts";
import { type DecodedToken, decodeToken } from "./decode-token.ts";
import { checkEntraClaims, type EntraExpectation } from "./entra-claims.ts";
import type { EntraCloud } from "./entra-cloud.ts";
import { fetchJson } from "./fetch-json.ts";
import { createKeyStore } from "./key-store.ts";
import { resolveTenant } from "./resolve-tenant.ts";
import { readSigningKeys, type SigningKey } from "./signing-keys.ts";

export interface EntraVerifierOptions {
  readonly cloud: EntraCloud;
  /** GUID, or a domain of the tenant. */
  readonly tenant: string;
  /** Client id of the API. */
  readonly apiClientId: string;
  /** App ID URIs that v1.0 tokens may be for. */
  readonly appIdUris: readonly string[];
  /** All of them are needed. */
  readonly requiredScopes: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Decides who a token speaks for. */
export interface TokenVerifier {
  /**
   * Verifies an access token and returns its caller.
   *
   * @throws a reason code: 401 for tokens that are none of ours, 403 for callers who may not, 503
   *   `keys_unavailable` when it cannot be known at the moment
   */
  verify(token: string): Promise<Principal>;
  /** Whether keys were loaded. */
  isReady(): boolean;
  /** Loads the keys, again and again until it works or the signal fires. */
  warmUp(signal: AbortSignal): Promise<void>;
  /** GUID of the tenant once it is known. */
  tenantId(): string | undefined;
}

const skewSeconds = 60;
const warmUpIntervalMs = 1_000;

function splitWords(claim: unknown): readonly string[] {
  return typeof claim === "string" ? claim.split(" ").filter((word) => word !== "") : [];
}

function readRoles(claim: unknown): readonly string[] {
  return Array.isArray(claim) ? claim.filter((role) => typeof role === "string") : [];
}

function optionalText(claim: unknown): string | undefined {
  return typeof claim === "string" && claim !== "" ? claim : undefined;
}

/** Who it is within the tenant. A person whose token has no `oid` is known by `sub`, never taken for another. */
function subjectKey(claims: Readonly<Record<string, unknown>>, objectId: string | undefined): string {
  if (objectId !== undefined) return objectId;
  return isAppOnly(claims) ? "app" : `sub=${String(claims["sub"])}`;
}

/** Builds the caller from claims that were verified. */
function toPrincipal(claims: Readonly<Record<string, unknown>>): Principal {
  const tenantId = String(claims["tid"]).toLowerCase();
  const clientApp = String(claims["ver"] === "2.0" ? claims["azp"] : claims["appid"]).toLowerCase();
  const objectId = optionalText(claims["oid"])?.toLowerCase();
  return {
    key: [tenantId, subjectKey(claims, objectId), clientApp].join(":"),
    issuer: String(claims["iss"]),
    tenantId,
    objectId,
    subject: String(claims["sub"]),
    clientApp,
    scopes: splitWords(claims["scp"]),
    roles: readRoles(claims["roles"]),
    displayName: optionalText(claims["name"]),
    tokenId: optionalText(claims["uti"]),
    expiresAtSeconds: Number(claims["exp"]),
  };
}

function isAppOnly(claims: Readonly<Record<string, unknown>>): boolean {
  return claims["idtyp"] === "app" || (claims["scp"] === undefined && claims["roles"] !== undefined);
}

/** Entra's keys name their issuer, with a placeholder for the tenant where they serve several. */
function checkKeyIssuer(key: SigningKey, { cloud, tenantId }: EntraExpectation): void {
  if (key.issuer === undefined) return;
  const issuer = key.issuer.replace("{tenantid}", tenantId).toLowerCase();
  if (issuer === `${cloud.loginUrl}/${tenantId}/v2.0` || issuer === `${cloud.stsUrl}/${tenantId}/`) return;
  throw new AppError("wrong_issuer", "The key that signed the token belongs to another issuer.");
}

async function checkSignature(token: string, key: SigningKey, clock: Clock): Promise<void> {
  try {
    await jwtVerify(token, key.key, {
      algorithms: ["RS256"],
      clockTolerance: skewSeconds,
      requiredClaims: ["exp", "nbf", "iat", "iss", "aud"],
      currentDate: new Date(clock.nowMs()),
    });
  } catch (cause) {
    throw new AppError("bad_signature", "The token's signature is not valid.", { cause });
  }
}

/** Creates the verifier of Entra's v1.0 and v2.0 access tokens for one tenant and one API. */
export function createEntraVerifier(options: EntraVerifierOptions): TokenVerifier {
  const { cloud, clock, log } = options;
  let tenantId: string | undefined;

  const keyStore = createKeyStore({
    clock,
    log,
    async load() {
      tenantId ??= await resolveTenant(cloud, options.tenant);
      return readSigningKeys(await fetchJson(`${cloud.loginUrl}/${tenantId}/discovery/v2.0/keys`));
    },
  });

  async function expectation(): Promise<EntraExpectation> {
    if (tenantId === undefined) await keyStore.load();
    return {
      cloud,
      tenantId: tenantId ?? "",
      apiClientId: options.apiClientId.toLowerCase(),
      appIdUris: options.appIdUris,
      skewSeconds,
    };
  }

  async function findKey({ kid }: DecodedToken): Promise<SigningKey> {
    const key = await keyStore.find(kid);
    if (key) return key;
    throw new AppError("unknown_key", "The token is signed with a key that the issuer does not have.");
  }

  return {
    async verify(token) {
      const decoded = decodeToken(token);
      const expected = await expectation();
      checkEntraClaims(decoded.claims, expected, nowSeconds(clock));
      const key = await findKey(decoded);
      checkKeyIssuer(key, expected);
      await checkSignature(token, key, clock);
      return checkPermission(toPrincipal(decoded.claims), options.requiredScopes, isAppOnly(decoded.claims));
    },
    isReady: () => keyStore.isLoaded(),
    async warmUp(signal) {
      while (!signal.aborted) {
        const isLoaded = await keyStore.load().then(
          () => true,
          () => false,
        );
        if (isLoaded) return;
        await sleep(warmUpIntervalMs, { signal }).catch(() => {});
      }
    },
    tenantId: () => tenantId,
  };
}
