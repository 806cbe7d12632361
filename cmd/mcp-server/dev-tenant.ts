import { isLoopbackUrl } from "../../lib/base/loopback.ts";
import type { Log } from "../../lib/base/log.ts";
import type { DevTenant as RunningDevTenant } from "../../lib/devtenant/start.ts";
import type { EntraProtection } from "./protection.ts";

export type DevTenant = RunningDevTenant;

/** Starts the local look-alike of Entra; its code is loaded here and nowhere else. */
export async function startDevTenant(options: {
  readonly log: Log;
  readonly controlKey: string | undefined;
}): Promise<DevTenant> {
  const { startDevTenant: start } = await import("../../lib/devtenant/start.ts");
  const { log, controlKey } = options;
  return start({ log, ...(controlKey === undefined ? {} : { controlKey }) });
}

/** Makes the server's page a single-page application of the dev tenant, under the names of this machine. */
export function registerPage(devTenant: DevTenant, port: number, isTls: boolean): void {
  const scheme = isTls ? "https" : "http";
  devTenant.registerSpa(["localhost", "127.0.0.1"].map((name) => `${scheme}://${name}:${port}`));
}

/** The dev tenant in the place of Entra. */
export function protectionOf(devTenant: DevTenant): EntraProtection {
  const { origin, stsUrl, tenantId, apiClientId, publicClientId } = devTenant;
  return {
    kind: "entra",
    cloud: { loginUrl: origin, stsUrl },
    tenants: [tenantId],
    apiClientId,
    appIdUris: [`api://${apiClientId}`],
    publicClientId,
  };
}

/**
 * A dev tenant in the place of Entra, for a token that one on this machine issued: its address is the token's issuer.
 */
export async function protectionOfDevToken(iss: unknown): Promise<EntraProtection> {
  const { tenantId, apiClientId, publicClientId, apiUri } =
    await import("../../lib/devtenant/registration.ts");
  const isLocal = typeof iss === "string" && isLoopbackUrl(iss);
  // Nothing is asked of another address: at this one nobody listens.
  const origin = isLocal ? new URL(iss).origin : "http://127.0.0.1:0";
  const cloud = { loginUrl: origin, stsUrl: `${origin}/sts` };
  return { kind: "entra", cloud, tenants: [tenantId], apiClientId, appIdUris: [apiUri], publicClientId };
}
