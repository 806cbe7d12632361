import type { Readable, Writable } from "node:stream";
import { limitTime } from "../../../base/abort.ts";
import { systemClock } from "../../../base/clock.ts";
import type { AppError } from "../../../base/errors.ts";
import type { Log } from "../../../base/log.ts";
import { checkMayCarryToken } from "../authorize.ts";
import type { AccessTokens, ExtraHeaders } from "../contract.ts";
import { noLimitMs } from "../operation.ts";
import { readEndpoint } from "../read-endpoint.ts";
import { Bridge } from "./bridge.ts";
import { HostChannel } from "./host-channel.ts";
import { type Call, toRpcError } from "./message.ts";
import { maxMessageBytes, RemoteHttp } from "./remote-http.ts";

/** A host that starts a bridge which cannot work has so long to ask its first request, and to be told why. */
const firstRequestLimitMs = 10_000;
/** A host that asks which revisions there are may fall back to the handshake, which then is refused, too. */
const handshakeLimitMs = 2000;

/** The streams to the host. */
export interface HostStreams {
  readonly input: Readable;
  /** Carries messages and nothing else. */
  readonly output: Writable;
}

export interface BridgeOptions extends HostStreams {
  /** The MCP endpoint, http or https. */
  readonly url: string;
  readonly tokens?: AccessTokens | undefined;
  readonly headers?: ExtraHeaders | undefined;
  /** How long a request may be silent, in milliseconds. Default: the host decides. */
  readonly idleTimeoutMs?: number | undefined;
  /** How long a request may take, in milliseconds. Default: the host decides. */
  readonly maxTimeMs?: number | undefined;
  readonly log: Log;
  /** Ends the bridge. */
  readonly signal: AbortSignal;
}

/**
 * Is the server for one host on standard input and output, and passes everything on to a server over Streamable
 * HTTP, in whichever family of revisions each of them speaks. Ends with the host's input: what runs is cancelled at
 * the server, and its session ended.
 *
 * @throws `usage`, `untrusted_destination`; what goes wrong later is told to the host
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
 */
export async function runBridge(options: BridgeOptions): Promise<void> {
  const { input, output, tokens, headers, log, signal, idleTimeoutMs, maxTimeMs } = options;
  const endpoint = readEndpoint(options.url);
  if (tokens || headers?.authorization !== undefined) checkMayCarryToken(endpoint);
  const limits = { idleTimeoutMs: idleTimeoutMs ?? noLimitMs, maxTimeMs: maxTimeMs ?? noLimitMs };
  const http = new RemoteHttp({ endpoint, tokens, headers, limits, clock: systemClock });
  const host = new HostChannel({ input, output, maxLineBytes: maxMessageBytes });
  const bridge = new Bridge({ host, http, log });
  try {
    await host.run(bridge, signal);
  } finally {
    await bridge.close();
    http.close();
  }
}

/** Refuses the host's handshake with an error, so that it can show why the bridge does not work; 10 s at most. */
export async function refuseHost({ input, output }: HostStreams, error: AppError): Promise<void> {
  const refused = new AbortController();
  const host = new HostChannel({ input, output, maxLineBytes: maxMessageBytes });
  const handlers = {
    async request({ method }: Call) {
      // The answer leaves first.
      setTimeout(() => refused.abort(), method === "initialize" ? 0 : handshakeLimitMs);
      return { error: toRpcError(error) };
    },
    notification() {},
  };
  await host.run(handlers, limitTime(firstRequestLimitMs, refused.signal));
}
