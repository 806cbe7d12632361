import { isRefused, type Refused, refuse } from "../aadsts.ts";
import { type EntraRequest, requireParameter } from "../entra-request.ts";
import { mintAccessToken } from "../mint-token.ts";
import { daemonRoles } from "../registration.ts";
import { parseScope } from "../scope-request.ts";
import type { TenantState } from "../tenant-state.ts";
import type { TokenAnswer } from "../token-answer.ts";

/** Gives an application a token for itself (RFC 6749 section 4.4); it gets no refresh token. */
export async function grantClientCredentials(
  state: TenantState,
  { form }: EntraRequest,
): Promise<TokenAnswer | Refused> {
  const clientId = await state.daemon.authenticate(form, state);
  if (typeof clientId !== "string") return clientId;
  const text = requireParameter(form, "scope");
  if (typeof text !== "string") return text;
  const scope = parseScope(text, { clientId, resource: form.get("resource") });
  if (isRefused(scope)) return scope;
  if (!/^\S+\/\.default$/.test(text.trim())) return refuse("default_scope_required", { scope: text });
  const seconds = state.tokenLifetimeSeconds;
  const claims = { roles: [...daemonRoles] };
  return {
    token_type: "Bearer",
    expires_in: seconds,
    ext_expires_in: seconds,
    access_token: await mintAccessToken(state, { kind: "app", resource: scope.resource, claims }),
  };
}
