import type { Refused } from "./aadsts.ts";
import type { TenantState } from "./tenant-state.ts";

/** Refuses with 429 and `Retry-After` while the fault `throttledRequests` strikes. */
export function refuseThrottled({ faults }: TenantState): Refused | undefined {
  if (!faults.strikes("throttledRequests")) return undefined;
  const { retryAfterSeconds } = faults.settings;
  return { refusal: { name: "throttled", values: {}, retryAfterSeconds } };
}
