import { mintAccessToken, mintIdToken } from "./mint-token.ts";
import type { RefreshGrant } from "./refresh-tokens.ts";
import { apiUri, tenantId } from "./registration.ts";
import { grantScopes } from "./scope-request.ts";
import type { TenantState } from "./tenant-state.ts";

/** A good answer of the token endpoint, in Entra's shape. */
export interface TokenAnswer {
  readonly token_type: "Bearer";
  /** Fully qualified, blank separated; an application's own token has none. */
  readonly scope?: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly ext_expires_in: number;
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  /** base64url JSON with `uid` and `utid`, from which MSAL makes its account id. */
  readonly client_info?: string;
}

/** What a grant established. */
export interface Grant extends RefreshGrant {
  /** Whether the client sent `client_info=1`. */
  readonly wantsClientInfo: boolean;
  /** Of the sign-in; the id tokens of renewals have none. */
  readonly nonce?: string | undefined;
}

/** What MSAL makes its account id from. */
export function clientInfo(objectId: string): string {
  return Buffer.from(JSON.stringify({ uid: objectId, utid: tenantId })).toString("base64url");
}

/** Mints what a grant entitles to: a refresh token with `offline_access`, an id token with `openid`. */
export async function issueTokens(state: TenantState, grant: Grant): Promise<TokenAnswer> {
  const { person, scope, nonce } = grant;
  const scopes = grantScopes(scope, person);
  const seconds = state.faults.settings.tokenLifetimeSeconds || state.tokenLifetimeSeconds;
  const accessToken = await mintAccessToken(state, {
    person: person.id,
    scopes,
    resource: scope.resource,
    lifetimeSeconds: seconds,
  });
  return {
    token_type: "Bearer",
    scope: scopes.map((name) => `${apiUri}/${name}`).join(" "),
    expires_in: seconds,
    ext_expires_in: seconds,
    access_token: accessToken,
    ...(scope.oidc.has("offline_access") ? { refresh_token: state.refreshTokens.issue(grant) } : {}),
    ...(scope.oidc.has("openid")
      ? {
          id_token: await mintIdToken(state, { person: person.id, hasEmail: scope.oidc.has("email"), nonce }),
        }
      : {}),
    ...(grant.wantsClientInfo ? { client_info: clientInfo(person.objectId) } : {}),
  };
}
