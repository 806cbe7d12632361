import type { Abortable } from "../base/abort.ts";
import type { Clock } from "../base/clock.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { SignInSettings } from "../auth/client/destination.ts";
import type { DiscoveredAuthorization } from "../auth/client/discover.ts";
import type { DiscoveredIssuer } from "../auth/client/oauth/discover-issuer.ts";
import type { Environment } from "../config/environment.ts";
import type { MachineCredential } from "../config/machine-settings.ts";
import type { OAuthSettings } from "../config/oauth-settings.ts";
import type { LoginMode } from "../config/sign-in-options.ts";
import type { AccessTokens, ExtraHeaders, TokenGiven } from "../transport/client/contract.ts";

/** Names of the checks, in their order. Stable: scripts branch on them. */
export const checkIds = [
  "name",
  "tcp",
  "proxy",
  "tls",
  "endpoint",
  "metadata",
  "authority",
  "sign_in",
  "token",
  "clock",
  "era",
  "tools",
] as const;
export type CheckId = (typeof checkIds)[number];

/** What a check found where nothing is wrong; other people's values in it are quoted. */
export interface Finding {
  /** `warning`: it works from here, but not as it should. `skipped`: there is nothing to check. */
  readonly status: "ok" | "warning" | "skipped";
  readonly found: string;
  /** What to do about a warning, one sentence. */
  readonly remedy?: string;
  /** Of a warning that would have been a failure elsewhere. */
  readonly code?: ErrorCode;
}

/** How one check ended, ready to be shown. Holds no secret. */
export interface CheckReport {
  readonly id: string;
  readonly title: string;
  readonly status: Finding["status"] | "failed";
  readonly found: string;
  readonly remedy?: string | undefined;
  /** Of a failure, and of some warnings. */
  readonly code?: ErrorCode;
}

/** How the client of these settings authenticates. */
export type AuthenticationMode = "entra" | "oauth" | "none" | "command" | "file";

/** What is examined. */
export interface ExaminedSettings {
  readonly signIn: SignInSettings;
  readonly mode: AuthenticationMode;
  /** Present: an application signs in as itself, and no person. */
  readonly machine: MachineCredential | undefined;
  readonly login: LoginMode;
  /** Present with `--auth oauth`. */
  readonly oauth?: OAuthSettings | undefined;
  readonly environment: Environment;
  readonly clock: Clock;
  /** How long a request may show no sign of life, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Opens what goes with requests to the server, after all the checks of where it may go; asks nobody. */
  openCredentials(options: Abortable): Promise<{
    readonly tokens?: AccessTokens | undefined;
    readonly headers?: ExtraHeaders | undefined;
  }>;
  /**
   * The token for the server, renewed if needed; asks nobody. Only in a mode that has tokens.
   *
   * @throws `sign_in_required`, `untrusted_destination` and what getting one throws
   */
  getToken(options: Abortable): Promise<TokenGiven>;
}

/** The `Date` that a party sent, against our clock. */
export interface NotedDate {
  /** Milliseconds by which their clock is ahead of ours; negative where it is behind. */
  readonly aheadMs: number;
}

/** What the checks found out for those that follow. */
export interface Facts {
  /** Where the request goes through. */
  proxy?: URL | undefined;
  /** The error of the first exchange, once it was tried. */
  firstExchange?: { readonly thrown: unknown } | "answered";
  hasAnsweredWithoutToken?: boolean;
  discovered?: DiscoveredAuthorization | undefined;
  /** GUID of the authority's tenant. */
  tenantId?: string;
  tokenEndpoint?: string;
  /** The authorization server of `--auth oauth`. */
  issuer?: DiscoveredIssuer;
  /** By origin; the last one counts. */
  readonly dates: Map<string, NotedDate>;
}

/** One run of the doctor. */
export interface Examination {
  readonly settings: ExaminedSettings;
  readonly url: URL;
  readonly facts: Facts;
}

/** One step of a diagnosis of anything. What it throws is what is wrong. */
export interface CheckOf<Id extends string, Examined> {
  readonly id: Id;
  /** Two words at most. */
  readonly title: string;
  run(examination: Examined, options: Abortable): Promise<Finding> | Finding;
}

/** One step of a diagnosis of the way to a server. */
export type Check = CheckOf<CheckId, Examination>;

/** A server that lets anybody in and names no authorization server: with `--auth oauth` nothing is left to sign in to. */
export function asksForNoToken({ facts }: Examination): boolean {
  return facts.hasAnsweredWithoutToken === true && facts.discovered === undefined;
}

/** All is well. */
export function ok(found: string): Finding {
  return { status: "ok", found };
}

/** There is nothing to check. */
export function skipped(found: string): Finding {
  return { status: "skipped", found };
}

/** It works, but not as it should. */
export function warning(found: string, remedy: string): Finding {
  return { status: "warning", found, remedy };
}
