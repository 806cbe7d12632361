import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { AuthorizationCodes } from "./authorization-codes.ts";
import type { Counts } from "./counts.ts";
import type { DaemonCredentials } from "./daemon-credentials.ts";
import type { DeviceAuthorizations } from "./device-authorizations.ts";
import type { Faults } from "./faults.ts";
import type { OddKeys } from "./odd-keys.ts";
import type { RefreshTokens } from "./refresh-tokens.ts";
import type { SecretRegistry } from "./secret-registry.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { TokenVersion } from "./token-claims.ts";

/** Everything that one running dev tenant consists of. Each endpoint is a function over it. */
export interface TenantState {
  /** e.g. `http://127.0.0.1:4000`. */
  readonly origin: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly tokenLifetimeSeconds: number;
  readonly deviceCodeLifetimeSeconds: number;
  readonly pollIntervalSeconds: number;
  readonly tokenVersion: TokenVersion;
  /** The control endpoints exist only when there is one. */
  readonly controlKey: string | undefined;
  readonly keys: SigningKeys;
  readonly oddKeys: OddKeys;
  readonly deviceAuthorizations: DeviceAuthorizations;
  /** Where single-page applications run: the root of each is a reply address of the public client. */
  readonly spaOrigins: ReadonlySet<string>;
  readonly authorizationCodes: AuthorizationCodes;
  readonly daemon: DaemonCredentials;
  readonly refreshTokens: RefreshTokens;
  readonly secrets: SecretRegistry;
  readonly counts: Counts;
  readonly faults: Faults;
  /** Fires when the dev tenant stops. */
  readonly stopped: AbortSignal;
}
