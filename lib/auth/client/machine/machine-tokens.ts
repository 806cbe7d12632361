import { AppError } from "../../../base/errors.ts";
import type { MachineCredential } from "../../../config/machine-settings.ts";
import { findAccessTokens } from "../cached-access-token.ts";
import { readClaimsChallenge } from "../claims-challenge.ts";
import { createSession, type EntraSession, type EntraTokensOptions } from "../entra-session.ts";
import type { EntraTokens } from "../entra-tokens.ts";
import type { SignedInAccount } from "../signed-in-account.ts";
import type { AccessToken, TokenRequest } from "../token-source.ts";
import { getApplicationToken } from "./application-token.ts";
import type { ClientCredential } from "./client-proof.ts";
import { getManagedIdentityToken } from "./managed-identity.ts";

/** With what an application's own tokens are got. */
export interface MachineTokensOptions extends EntraTokensOptions {
  readonly credential: MachineCredential;
}

/**
 * All that an application may have on the API: single scopes are for people.
 *
 * @throws `invalid_config` for scopes of several APIs
 */
export function toDefaultScope(scope: string): string {
  const resources = scope
    .trim()
    .split(/\s+/)
    .map((word) => word.slice(0, Math.max(word.lastIndexOf("/"), 0)));
  const [resource = ""] = resources;
  if (resource !== "" && resources.every((one) => one === resource)) return `${resource}/.default`;
  throw new AppError("invalid_config", "An application signs in for one API.", {
    hint: "Give --scope as api://<api-client-id>/.default.",
  });
}

function describeApplication(session: EntraSession, token: AccessToken): SignedInAccount {
  const { clientId, authority, scope } = session.options;
  return {
    name: undefined,
    username: `application ${clientId}`,
    tenantId: authority.tenant,
    scopes: [scope],
    expiresAtSeconds: token.expiresAtSeconds,
    canRenew: true,
  };
}

async function readCachedApplication(session: EntraSession): Promise<SignedInAccount | undefined> {
  const cache = await session.cache.peek();
  const [entry] = cache ? findAccessTokens(cache, session.options) : [];
  if (!entry) return undefined;
  return describeApplication(session, { value: "", expiresAtSeconds: Number(entry["expires_on"]) || 0 });
}

function toList(account: SignedInAccount | undefined): readonly SignedInAccount[] {
  return account ? [account] : [];
}

/** `/.default` asks for all that was granted: there is no more to be had. */
const widenNothing = () => Promise.resolve(undefined);

function createApplicationTokens(session: EntraSession, credential: ClientCredential): EntraTokens {
  return {
    async getToken(request = {}) {
      const { signal, claims } = session.note(request);
      return getApplicationToken(session, { credential, signal, claims, mayUseCache: true });
    },
    widenToken: widenNothing,
    signIn: ({ signal } = {}) => getApplicationToken(session, { credential, signal, mayUseCache: false }),
    readAccount: () => readCachedApplication(session),
    listAccounts: async () => toList(await readCachedApplication(session)),
  };
}

function createManagedIdentityTokens(session: EntraSession, clientId: string | undefined): EntraTokens {
  const { scope, fetch } = session.options;
  const get = ({ signal, claims, rejected }: TokenRequest = {}) =>
    getManagedIdentityToken({
      clientId,
      scope,
      fetch,
      signal,
      isForced: rejected !== undefined,
      claims: claims === undefined ? undefined : readClaimsChallenge(claims),
    });
  return {
    getToken: get,
    widenToken: widenNothing,
    signIn: get,
    readAccount: async () => describeApplication(session, await get()),
    listAccounts: async () => [describeApplication(session, await get())],
  };
}

/**
 * Makes a source of an application's own tokens for one API. Touches nothing yet. Tokens are kept in the cache file
 * beside those of people and are never taken for theirs; those of a managed identity stay in memory.
 *
 * @throws `invalid_config`
 */
export function createMachineTokens({ credential, ...options }: MachineTokensOptions): EntraTokens {
  const scope = toDefaultScope(options.scope);
  const session = createSession({ ...options, scope, caller: "application" });
  return credential.kind === "managed_identity"
    ? createManagedIdentityTokens(session, credential.clientId)
    : createApplicationTokens(session, credential);
}
