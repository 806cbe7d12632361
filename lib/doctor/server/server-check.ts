import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Environment } from "../../config/environment.ts";
import type { ServerSettings } from "../../config/mcp-server.ts";
import type { CheckOf, NotedDate } from "../check.ts";
import type { Protection } from "../../auth/server/protection.ts";

/** Names of the checks, in their order. Stable: scripts branch on them. */
export const serverCheckIds = [
  "configuration",
  "files",
  "certificate",
  "port",
  "tenant",
  "keys",
  "clock",
  "audience",
  "registration",
  "public_url",
  "metadata",
] as const;
export type ServerCheckId = (typeof serverCheckIds)[number];

/** A server that may not run yet. */
export interface ExaminedServer {
  readonly settings: ServerSettings;
  /** Address to listen on. */
  readonly host: string;
  readonly environment: Environment;
  readonly clock: Clock;
  /** Where settings were read from. */
  readonly envFile: string | undefined;
  /** The address of the MCP endpoint as it is configured, without a slash at its end. */
  readonly publicResource: string | undefined;
  /** Absent: everybody is let in. @throws `usage`, `invalid_config` for settings that the server refuses */
  readProtection(): Protection | undefined;
  /** Reads the certificate for https, and warns of what is wrong with it. @throws `invalid_config` */
  readCertificate(log: Log): void;
  /** The scopes as clients must ask for them. */
  qualifyScopes(protection: Protection): readonly string[];
  /** Why Entra refuses clients that name the server by its public URL, and what to do, in lines; or nothing. */
  describeMismatch(protection: Protection): string | undefined;
}

/** What the checks found out for those that follow. */
export interface ServerFacts {
  protection?: Protection | undefined;
  /** GUIDs of the tenants. */
  tenantIds: readonly string[];
  /** Issuers of the tokens. */
  issuers: readonly string[];
  /** A server answers at our own port. */
  isRunning: boolean;
  /** What the public URL answers as its metadata. */
  metadata?: unknown;
  /** The party whose clock is compared. */
  readonly dates: Map<string, NotedDate>;
}

/** One run of the server's doctor. */
export interface ServerExamination {
  readonly server: ExaminedServer;
  readonly facts: ServerFacts;
}

/** One step of it. */
export interface ServerCheck extends CheckOf<ServerCheckId, ServerExamination> {
  /** Without these it can find nothing: where one of them fails, it is skipped. */
  readonly needs?: readonly ServerCheckId[];
}
