import { isRefused, type Refused, refuse } from "../aadsts.ts";
import { checkClientType } from "../cross-origin.ts";
import { type EntraRequest, requireParameter } from "../entra-request.ts";
import type { RefreshGrant } from "../refresh-tokens.ts";
import { parseScope, type ScopeRequest } from "../scope-request.ts";
import { issueTokens, type TokenAnswer } from "../token-answer.ts";
import type { TenantState } from "../tenant-state.ts";

function refuseByFault(state: TenantState): Refused | undefined {
  const { refuseRefresh } = state.faults.settings;
  if (refuseRefresh !== "no") return refuse(`refresh_${refuseRefresh}`);
  return state.faults.strikes("conditionalAccessBlocks") ? refuse("refresh_blocked") : undefined;
}

/** The scope of the new tokens: the one asked for, else the sign-in's (RFC 6749 section 6). */
function selectScope(form: EntraRequest["form"], grant: RefreshGrant): ScopeRequest | Refused {
  const text = form.get("scope");
  if (!text) return grant.scope;
  const scope = parseScope(text, { clientId: grant.clientId, resource: form.get("resource") });
  if (isRefused(scope)) return scope;
  // The sign-in had offline_access, or there would be no refresh token: rotation goes on.
  return { ...scope, oidc: new Set([...scope.oidc, "offline_access"]) };
}

/** Exchanges a refresh token for new tokens and a new refresh token; the old one is used up. */
export async function redeemRefreshToken(
  state: TenantState,
  { form, signal, origin }: EntraRequest,
): Promise<TokenAnswer | Refused> {
  const token = requireParameter(form, "refresh_token");
  if (typeof token !== "string") return token;
  await state.faults.holdRefresh({ signal });
  const refused = refuseByFault(state);
  if (refused) return refused;
  const grant = state.refreshTokens.find(token, state.faults.settings);
  if (isRefused(grant)) return grant;
  const mismatch = checkClientType(grant, origin);
  if (mismatch) return mismatch;
  const scope = selectScope(form, grant);
  if (isRefused(scope)) return scope;
  // Before anything else is awaited: of two uses at once only one is good.
  state.refreshTokens.use(token);
  return issueTokens(state, { ...grant, scope, wantsClientInfo: form.get("client_info") === "1" });
}
