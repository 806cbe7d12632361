import { z } from "zod";
import type { DeniedTokens } from "../../lib/auth/server/denied-tokens.ts";
import { metadataUrlOf } from "../../lib/auth/server/resource-metadata.ts";
import type { TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import { type Clock, systemClock } from "../../lib/base/clock.ts";
import { type Log, silentLog } from "../../lib/base/log.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { createToolset } from "../../lib/tools/toolset.ts";
import { createAllowLists } from "../../lib/transport/server/allow-lists.ts";
import { createGate } from "../../lib/transport/server/gate.ts";
import { bindToolsetLegacy } from "../../lib/transport/server/legacy/bind-toolset.ts";
import { defaultTransportLimits } from "../../lib/transport/server/limits.ts";
import { listen } from "../../lib/transport/server/listen.ts";
import { createMcpEndpoint } from "../../lib/transport/server/mcp-endpoint.ts";
import { bindToolsetModern } from "../../lib/transport/server/modern/bind-toolset.ts";

/** A whole server, as `mcp-server` composes it, but for its settings. */
export interface StackOptions {
  readonly verifier: TokenVerifier;
  /** As challenges name them. */
  readonly scopes: readonly string[];
  readonly isTerse?: boolean;
  /** Default: by the address that was asked. */
  readonly metadataUrl?: (request: Request) => string;
  /** Answers requests for the metadata. Default: none. */
  readonly describe?: (request: Request, path: string) => Response | undefined;
  readonly deniedTokens?: DeniedTokens | undefined;
  readonly clock?: Clock;
  readonly log?: Log;
}

/** Tables and floods ask faster than any caller may. */
const unlimited = { perSecond: 1_000_000, burst: 1_000_000 };
const unlimitedRates = { ...defaultTransportLimits, addressRate: unlimited, callerRate: unlimited };

/** Says who the server takes the caller for. */
const whoAmI = defineTool({
  name: "who_am_i",
  title: "Who am I",
  description: "Says who the server takes the caller for.",
  input: z.strictObject({}),
  output: z.looseObject({}),
  run: (_, { principal }) => ({ ...principal }),
});

/** The cheapest request that tells who came in: one of revision 2026-07-28, without a session. */
export const whoAmIRequest = {
  headers: {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "who_am_i",
  },
  body: JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: {
      name: "who_am_i",
      arguments: {},
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
  }),
} as const;

/** Starts listener, gate, verifier and endpoint on a free port of loopback. */
export function startStack(options: StackOptions) {
  const { verifier, scopes, isTerse = false, deniedTokens } = options;
  const { clock = systemClock, log = silentLog } = options;
  const toolset = createToolset([whoAmI], { log });
  const binders = {
    modern: async () => bindToolsetModern.bind(undefined, toolset),
    legacy: async () => bindToolsetLegacy.bind(undefined, toolset),
  };
  const addresses = { host: "127.0.0.1", publicUrl: undefined, allowedHosts: [], allowedOrigins: [] };
  const metadataUrl =
    options.metadataUrl ?? (({ headers }) => metadataUrlOf(`http://${headers.get("host")}/mcp`));
  const listening = listen({
    host: "127.0.0.1",
    port: 0,
    gate: createGate({
      allowLists: createAllowLists(addresses),
      authentication: { verifier, metadataUrl, scopes, isTerse },
      log,
      limits: unlimitedRates,
    }),
    mcp: createMcpEndpoint({ binders, deniedTokens, clock, log }),
    openRoutes: options.describe ?? (() => undefined),
    isReady: verifier.isReady,
    log,
  });
  const origin = `http://127.0.0.1:${listening.port}`;
  return {
    origin,
    url: `${origin}/mcp`,
    scopes,
    isTerse,
    verifier,
    /** Asks who the caller is, with these header lines beside the usual ones. */
    ask(headers: Readonly<Record<string, string>>, url = `${origin}/mcp`): Promise<Response> {
      return fetch(url, {
        method: "POST",
        headers: { ...whoAmIRequest.headers, ...headers },
        body: whoAmIRequest.body,
      });
    },
    /** Asks who the caller with this token is. */
    askWith(token: string): Promise<Response> {
      return this.ask({ authorization: `Bearer ${token}` });
    },
    async [Symbol.asyncDispose]() {
      await listening.stop(AbortSignal.abort());
    },
  };
}

/** A running server of the tests. */
export type Stack = ReturnType<typeof startStack>;
