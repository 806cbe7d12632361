import type { Readable, Writable } from "node:stream";
import type { McpServerFactory } from "@modelcontextprotocol/server";
import { serveStdio as serveEras } from "@modelcontextprotocol/server/stdio";
import { unlessAborted } from "../../../base/abort.ts";
import type { Log } from "../../../base/log.ts";
import { neutraliseLine } from "../../../base/text.ts";
import type { Binders } from "../binders.ts";
import { defaultBodyLimits } from "../read-body.ts";
import { LineTransport } from "./line-transport.ts";

export interface StdioOptions {
  readonly binders: Binders;
  readonly input: Readable;
  /** Carries messages and nothing else. */
  readonly output: Writable;
  readonly log: Log;
  /** A longer line is refused. Default 4 MiB, as for the body of an HTTP request. */
  readonly maxLineBytes?: number;
}

/** A server on standard input and output. */
export interface StdioServing {
  /** Resolves when the host has closed its end. */
  readonly ended: Promise<void>;
  /** Stops: lets running calls finish until the signal fires, then closes everything. */
  stop(signal: AbortSignal): Promise<void>;
}

type Servers = Awaited<ReturnType<McpServerFactory>>;

/**
 * Serves one local host on standard input and output, in both families of MCP revisions: the first message
 * decides, as the SDK's `serveStdio` does it. Nobody is authenticated: whoever started the process is its user.
 *
 * @see MCP 2026-07-28 basic/transports, "stdio"; basic/authorization: stdio has no part in it
 */
export function serveStdio(options: StdioOptions): StdioServing {
  const { binders, input, output, log, maxLineBytes = defaultBodyLimits.maxBytes } = options;
  const transport = new LineTransport({ input, output, maxLineBytes });
  const caller = { principal: undefined };
  // Of a server of an older revision the SDK uses `connect` and `close` alone, which both lines have (2.4.0).
  const openLegacy = async () => (await binders.legacy())(caller) as unknown as Servers;
  const openModern = async () => (await binders.modern())(caller);
  const connection = serveEras(({ era }) => (era === "modern" ? openModern() : openLegacy()), {
    transport,
    onerror: (error) => log.debug(`MCP: ${neutraliseLine(error.message)}`),
  });
  return {
    ended: transport.ended,
    async stop(signal) {
      await transport.drain(signal);
      await transport.flush(signal);
      // What ends subscriptions may wait for a host that does not read.
      await unlessAborted(connection.close(), signal).catch(() => {});
      await transport.close();
    },
  };
}
