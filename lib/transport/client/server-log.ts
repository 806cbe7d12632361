import type { Client } from "@modelcontextprotocol/client";
import type { LogLevel } from "../../base/log.ts";

/** Levels of MCP, the loudest first (RFC 5424). */
const levels = ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"] as const;

/** How loud a server says that a line of its log is. */
export type ServerLogLevel = (typeof levels)[number];

/** A line of a server's log. Other people's text: neutralise it before it is shown. */
export interface ServerLogLine {
  readonly level: ServerLogLevel;
  /** Which part of the server writes. */
  readonly logger?: string | undefined;
  /** Anything that JSON can hold; mostly a sentence. */
  readonly data: unknown;
}

/** Who reads a server's log. */
export interface ServerLog {
  /** What is less loud is neither asked for nor taken. */
  readonly level: LogLevel;
  take(line: ServerLogLine): void;
}

const quietest: Readonly<Record<LogLevel, ServerLogLevel>> = {
  error: "error",
  warn: "warning",
  info: "info",
  debug: "debug",
};

/** Lets a client take the lines of the server's log that are loud enough. */
export function takeServerLog(client: Client, { level, take }: ServerLog): void {
  const last = levels.indexOf(quietest[level]);
  client.setNotificationHandler("notifications/message", ({ params }) => {
    if (levels.indexOf(params.level) > last) return;
    take({ level: params.level, logger: params.logger, data: params.data });
  });
}

/**
 * Asks a server of the older revisions for the lines that are wanted. One that refuses sends what it likes.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/logging
 */
export async function askForServerLog(
  client: Client,
  { level }: ServerLog,
  options: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<void> {
  await client.setLoggingLevel(quietest[level], options).catch(() => {});
}

/**
 * What a request of 2026-07-28 carries to get the lines that are written meanwhile; without it a server sends none.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/logging
 */
export function logMetaFor(log: ServerLog | undefined): { readonly _meta?: Record<string, unknown> } {
  return log ? { _meta: { "io.modelcontextprotocol/logLevel": quietest[log.level] } } : {};
}
