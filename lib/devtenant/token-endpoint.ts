import { describeAadsts, isRefused, type Refused, refuse } from "./aadsts.ts";
import { type CountedGrant, countToken } from "./counts.ts";
import { type EntraRequest, requireParameter, requirePublicClient } from "./entra-request.ts";
import { redeemAuthorizationCode } from "./grants/authorization-code.ts";
import { grantClientCredentials } from "./grants/client-credentials.ts";
import { redeemDeviceCode } from "./grants/device-code.ts";
import { redeemRefreshToken } from "./grants/refresh-token.ts";
import type { TenantState } from "./tenant-state.ts";
import { refuseThrottled } from "./throttle.ts";
import type { TokenAnswer } from "./token-answer.ts";

/** One way to get tokens. */
interface GrantRow {
  readonly countedAs: CountedGrant;
  /** Confidential clients show who they are in `redeem`; all others must be the public client. */
  readonly isConfidential?: boolean;
  readonly redeem: (state: TenantState, request: EntraRequest) => Promise<TokenAnswer | Refused>;
}

const deviceCode: GrantRow = { countedAs: "device_code", redeem: redeemDeviceCode };

/** `grant_type` to what redeems it: a new grant is a file in grants/ and a row here. */
const grants: ReadonlyMap<string, GrantRow> = new Map<string, GrantRow>([
  ["urn:ietf:params:oauth:grant-type:device_code", deviceCode],
  // What MSAL Node sends in place of RFC 8628's name; Entra takes both.
  ["device_code", deviceCode],
  ["authorization_code", { countedAs: "authorization_code", redeem: redeemAuthorizationCode }],
  [
    "client_credentials",
    { countedAs: "client_credentials", redeem: grantClientCredentials, isConfidential: true },
  ],
  ["refresh_token", { countedAs: "refresh_token", redeem: redeemRefreshToken }],
]);

async function redeemGrant(state: TenantState, request: EntraRequest): Promise<TokenAnswer | Refused> {
  const throttled = refuseThrottled(state);
  if (throttled) return throttled;
  const { form } = request;
  const grantType = requireParameter(form, "grant_type");
  if (typeof grantType !== "string") return grantType;
  const row = grants.get(grantType);
  if (!row) return refuse("unsupported_grant_type", { grant: grantType });
  const clientId = row.isConfidential ? "" : requirePublicClient(form);
  return typeof clientId === "string" ? row.redeem(state, request) : clientId;
}

/** Answers a request for tokens and counts it by grant and outcome. */
export async function redeemToken(state: TenantState, request: EntraRequest): Promise<TokenAnswer | Refused> {
  const outcome = await redeemGrant(state, request);
  const grant = grants.get(request.form.get("grant_type") ?? "")?.countedAs ?? "other";
  countToken(state.counts, grant, isRefused(outcome) ? describeAadsts(outcome.refusal.name).error : "ok");
  return outcome;
}
