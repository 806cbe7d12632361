import { isRefused, type Refused, refuse } from "./aadsts.ts";
import { type EntraRequest, requireParameter, requirePublicClient } from "./entra-request.ts";
import { parseScope } from "./scope-request.ts";
import type { TenantState } from "./tenant-state.ts";
import { refuseThrottled } from "./throttle.ts";

/** What the device code endpoint answers (RFC 8628 section 3.2), with Entra's `message`. */
export interface DeviceCodeAnswer {
  readonly user_code: string;
  readonly device_code: string;
  readonly verification_uri: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Seconds. */
  readonly interval: number;
  readonly message: string;
}

/** The page on which people type their code. */
export function devicePageUrl(origin: string): string {
  return `${origin}/devicelogin`;
}

/** Opens a sign-in by device code, or says why not. */
export function beginDeviceCode(state: TenantState, { form }: EntraRequest): DeviceCodeAnswer | Refused {
  state.counts.devicecode += 1;
  const throttled = refuseThrottled(state);
  if (throttled) return throttled;
  const clientId = requirePublicClient(form);
  if (typeof clientId !== "string") return clientId;
  if (state.faults.settings.publicClientFlowsOff) return refuse("client_secret_required");
  const scopeText = requireParameter(form, "scope");
  if (typeof scopeText !== "string") return scopeText;
  const scope = parseScope(scopeText, { clientId, resource: form.get("resource") });
  if (isRefused(scope)) return scope;
  const lifetimeSeconds = state.faults.settings.deviceCodeLifetimeSeconds || state.deviceCodeLifetimeSeconds;
  const { userCode, deviceCode } = state.deviceAuthorizations.begin(clientId, scope, lifetimeSeconds);
  const url = devicePageUrl(state.origin);
  return {
    user_code: userCode,
    device_code: deviceCode,
    verification_uri: url,
    expires_in: lifetimeSeconds,
    interval: state.pollIntervalSeconds,
    message: `To sign in, use a web browser to open the page ${url} and enter the code ${userCode} to authenticate.`,
  };
}
