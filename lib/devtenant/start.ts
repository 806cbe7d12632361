import { type Clock, systemClock } from "../base/clock.ts";
import { AppError } from "../base/errors.ts";
import { type Log, silentLog } from "../base/log.ts";
import { answerText } from "./answer.ts";
import { AuthorizationCodes } from "./authorization-codes.ts";
import { type Counts, createCounts } from "./counts.ts";
import { DaemonCredentials } from "./daemon-credentials.ts";
import { DeviceAuthorizations } from "./device-authorizations.ts";
import { devicePageUrl } from "./devicecode-endpoint.ts";
import { Faults } from "./faults.ts";
import { mintAccessToken } from "./mint-token.ts";
import { createOddKeys } from "./odd-keys.ts";
import { RefreshTokens } from "./refresh-tokens.ts";
import { apiClientId, daemonClientId, executeScope, publicClientId, tenantId } from "./registration.ts";
import { route } from "./routes.ts";
import { SecretRegistry } from "./secret-registry.ts";
import { createSigningKeys, type Rollover } from "./signing-keys.ts";
import type { TenantState } from "./tenant-state.ts";
import { stsUrl, type TokenVersion } from "./token-claims.ts";
import type { AccessTokenOverrides } from "./token-overrides.ts";

/** How a dev tenant is started. */
export interface DevTenantOptions {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Decides what has expired. Default: the machine's. */
  readonly clock?: Clock;
  /** Default 3600. */
  readonly tokenLifetimeSeconds?: number;
  /** Default 900, as at Entra. */
  readonly deviceCodeLifetimeSeconds?: number;
  /** Default 1, so that nobody waits; Entra says 5. */
  readonly pollIntervalSeconds?: number;
  /** What the API's registration asks for. Default `2.0`. */
  readonly tokenVersion?: TokenVersion;
  /** Opens the control endpoints to whoever has it. Default: there are none. */
  readonly controlKey?: string;
  /** Never given a secret. Default: silent. */
  readonly log?: Log;
}

/** A running dev tenant. */
export interface DevTenant {
  /** `http://127.0.0.1:PORT`; the only address on which it listens. */
  readonly origin: string;
  readonly tenantId: string;
  readonly apiClientId: string;
  readonly publicClientId: string;
  /** The app that tokens of kind `app` are about, and that may ask for them by client credentials. */
  readonly daemonClientId: string;
  /** By what that app shows who it is. */
  readonly daemon: DaemonCredentials;
  /** Fully qualified: `api://<apiClientId>/execute`. */
  readonly scope: string;
  /** `iss` of v1.0 tokens is `${stsUrl}/${tenantId}/`. */
  readonly stsUrl: string;
  /** Where people type their code. */
  readonly devicePageUrl: string;
  readonly secrets: SecretRegistry;
  readonly faults: Faults;
  readonly counts: Counts;
  /**
   * Mints an access token, good or odd.
   *
   * @throws `usage` for overrides that are unknown, out of bounds or contradict each other
   */
  mintAccessToken(overrides?: AccessTokenOverrides): Promise<string>;
  /** Registers pages of these origins as single-page applications of the public client. */
  registerSpa(origins: readonly string[]): void;
  /** Makes a new key sign from now on; the old one stays published unless it is withdrawn. */
  rolloverKeys(options?: Rollover): Promise<void>;
  /** Ends at once, cutting what is open. May be called twice. */
  stop(): Promise<void>;
}

/** Forms are small, and so is what tests send to the control endpoints. */
const maxBodyBytes = 64 * 1024;

/** Loopback by number and not `localhost`: one listener, and no second program on the other address family. */
const hostname = "127.0.0.1";

function listen(port: number, answer: (request: Request) => Promise<Response>, log: Log) {
  try {
    return Bun.serve({
      port,
      hostname,
      development: false,
      // `development: false` alone turns it on (Bun 1.4.5): a port in use would be shared without a word.
      reusePort: false,
      maxRequestBodySize: maxBodyBytes,
      // Longer than the longest fault, so that it is the fault that ends a request.
      idleTimeout: 60,
      fetch: answer,
      error(error) {
        if (error.name !== "AbortError") log.error(`Dev tenant: a request failed with ${error.name}.`);
        return answerText("The dev tenant failed.", 500);
      },
    });
  } catch (error) {
    const isInUse = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (!isInUse) throw error;
    const hint = "Stop what listens there, or choose another port.";
    throw new AppError("port_in_use", `Port ${port} is in use.`, { hint, cause: error });
  }
}

type Parts = Omit<TenantState, "origin" | "stopped" | "spaOrigins">;

async function createParts(options: DevTenantOptions): Promise<Parts> {
  const clock = options.clock ?? systemClock;
  const secrets = new SecretRegistry();
  return {
    clock,
    log: options.log ?? silentLog,
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? 3600,
    deviceCodeLifetimeSeconds: options.deviceCodeLifetimeSeconds ?? 900,
    pollIntervalSeconds: options.pollIntervalSeconds ?? 1,
    tokenVersion: options.tokenVersion ?? "2.0",
    controlKey: options.controlKey,
    deviceAuthorizations: new DeviceAuthorizations(clock, secrets),
    authorizationCodes: new AuthorizationCodes(clock, secrets),
    daemon: new DaemonCredentials(secrets),
    refreshTokens: new RefreshTokens(clock, secrets),
    secrets,
    counts: createCounts(),
    faults: new Faults(),
    keys: await createSigningKeys(),
    oddKeys: createOddKeys(),
  };
}

/**
 * Starts a look-alike of Microsoft Entra ID on loopback, with fresh keys.
 *
 * It authenticates nobody: who may open its page may be any of its people. So its issuer is only ever
 * accepted by a server that started it.
 *
 * @throws `port_in_use`
 */
export async function startDevTenant(options: DevTenantOptions = {}): Promise<DevTenant> {
  const parts = await createParts(options);
  const stopped = new AbortController();
  const server = listen(options.port ?? 0, (request) => route(state, request), parts.log);
  const origin = `http://${hostname}:${server.port}`;
  const spaOrigins = new Set<string>();
  const state: TenantState = { ...parts, origin, spaOrigins, stopped: stopped.signal };
  return {
    origin,
    tenantId,
    apiClientId,
    publicClientId,
    daemonClientId,
    daemon: state.daemon,
    scope: executeScope,
    stsUrl: stsUrl(origin),
    devicePageUrl: devicePageUrl(origin),
    secrets: state.secrets,
    faults: state.faults,
    counts: state.counts,
    mintAccessToken: (overrides) => mintAccessToken(state, overrides),
    registerSpa: (origins) => origins.forEach((each) => spaOrigins.add(each)),
    rolloverKeys: (rollover) => state.keys.rollover(rollover),
    async stop() {
      stopped.abort();
      await server.stop(true);
    },
  };
}
