import { type Refused, refuse } from "../aadsts.ts";
import { type EntraRequest, requireParameter } from "../entra-request.ts";
import { issueTokens, type TokenAnswer } from "../token-answer.ts";
import type { TenantState } from "../tenant-state.ts";

/** Answers one poll of a sign-in by device code (RFC 8628 section 3.4). A code is redeemed once. */
export async function redeemDeviceCode(
  state: TenantState,
  { form }: EntraRequest,
): Promise<TokenAnswer | Refused> {
  const deviceCode = requireParameter(form, "device_code");
  if (typeof deviceCode !== "string") return deviceCode;
  if (state.faults.strikes("slowDownPolls")) return refuse("slow_down");
  if (state.faults.strikes("conditionalAccessBlocks")) return refuse("sign_in_blocked");
  const authorization = state.deviceAuthorizations.findByDeviceCode(deviceCode);
  if (!authorization) return refuse("unknown_device_code");
  if (authorization.status === "redeemed") return refuse("device_code_redeemed");
  if (authorization.status === "declined") return refuse("authorization_declined");
  if (state.deviceAuthorizations.isExpired(authorization)) return refuse("device_code_expired");
  const { person, clientId, scope } = authorization;
  if (authorization.status === "pending" || !person) return refuse("authorization_pending");
  // Before anything is awaited: of two polls at once only one gets tokens.
  authorization.status = "redeemed";
  const wantsClientInfo = form.get("client_info") === "1";
  return issueTokens(state, { clientId, person, scope, family: { isRevoked: false }, wantsClientInfo });
}
