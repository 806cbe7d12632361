import { isRefused, type Refused } from "../aadsts.ts";
import { type EntraRequest, requireParameter, requirePublicClient } from "../entra-request.ts";
import type { TenantState } from "../tenant-state.ts";
import { issueTokens, type TokenAnswer } from "../token-answer.ts";

/** Exchanges an authorization code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.5). */
export async function redeemAuthorizationCode(
  state: TenantState,
  { form, origin }: EntraRequest,
): Promise<TokenAnswer | Refused> {
  const [clientId, code, redirectUri, codeVerifier] = [
    requirePublicClient(form),
    requireParameter(form, "code"),
    requireParameter(form, "redirect_uri"),
    requireParameter(form, "code_verifier"),
  ];
  if (typeof clientId !== "string") return clientId;
  if (typeof code !== "string") return code;
  if (typeof redirectUri !== "string") return redirectUri;
  if (typeof codeVerifier !== "string") return codeVerifier;
  const signIn = state.authorizationCodes.redeem(code, { clientId, redirectUri, codeVerifier, origin });
  if (isRefused(signIn)) return signIn;
  return issueTokens(state, { ...signIn, wantsClientInfo: form.get("client_info") === "1" });
}
