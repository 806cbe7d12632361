import type { ServerEventBus } from "@modelcontextprotocol/server";
import type { TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import { type Clock, systemClock } from "../../lib/base/clock.ts";
import { AppError } from "../../lib/base/errors.ts";
import { type Log, silentLog } from "../../lib/base/log.ts";
import type { Principal } from "../../lib/base/principal.ts";
import type { Tool } from "../../lib/tools/tool.ts";
import { createToolset, type Toolset } from "../../lib/tools/toolset.ts";
import { createRouteAnswers } from "../../lib/transport/server/answer-route.ts";
import { createAllowLists } from "../../lib/transport/server/allow-lists.ts";
import type { BindModern } from "../../lib/transport/server/binders.ts";
import { createClientAddressReader } from "../../lib/transport/server/client-address.ts";
import type { Cors } from "../../lib/transport/server/cors.ts";
import { createGate } from "../../lib/transport/server/gate.ts";
import { bindToolsetDirect } from "../../lib/transport/server/direct/bind-toolset.ts";
import { bindToolsetLegacy } from "../../lib/transport/server/legacy/bind-toolset.ts";
import { defaultTransportLimits, type TransportLimits } from "../../lib/transport/server/limits.ts";
import { listen } from "../../lib/transport/server/listen.ts";
import { createMcpEndpoint } from "../../lib/transport/server/mcp-endpoint.ts";
import type { Routes } from "../../lib/transport/server/routes.ts";
import { createSharedCalls } from "../../lib/transport/server/shared-calls.ts";
import { bindToolsetModern } from "../../lib/transport/server/modern/bind-toolset.ts";
import { isDirectPathOn } from "../harness/direct-path.ts";

/** A caller for tests; its token is its name. */
export function createPrincipal(name: string, overrides: Partial<Principal> = {}): Principal {
  return {
    key: `tenant:${name}:client`,
    issuer: "https://issuer.example",
    subject: name,
    clientApp: "client",
    scopes: ["execute"],
    roles: [],
    expiresAtSeconds: Math.floor(Date.now() / 1000) + 3600,
    ...overrides,
  };
}

/** Takes the names of the callers as their tokens. */
function createNameVerifier(principals: readonly Principal[]): TokenVerifier {
  return {
    async verify(token) {
      const principal = principals.find(({ subject }) => subject === token);
      if (!principal) throw new AppError("bad_signature", "The token's signature is not valid.");
      return principal;
    },
    isReady: () => true,
    async warmUp() {},
    issuers: () => [],
  };
}

/** What a test wants otherwise. */
export interface ServerChanges {
  readonly verifier?: TokenVerifier;
  readonly log?: Log;
  readonly isReady?: () => boolean;
  readonly openRoutes?: (request: Request, path: string) => Response | undefined;
  readonly toolset?: Toolset;
  readonly modern?: BindModern;
  /** Where changes are published. */
  readonly bus?: ServerEventBus;
  readonly limits?: Partial<TransportLimits>;
  readonly clock?: Clock;
  /** Default: on, unless all tests run without it. */
  readonly directPath?: boolean;
  readonly trustedProxies?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  /** What is served beside `/mcp`. */
  readonly routes?: (toolset: Toolset) => Routes;
  readonly cors?: Cors;
  readonly isTerse?: boolean;
  /** Bytes at which Bun itself refuses. Default: the limit of bodies. */
  readonly maxBodyBytes?: number;
}

/** A server of the given tools on a free port of loopback. */
export function startServer(
  tools: readonly Tool[],
  principals: readonly Principal[] | undefined,
  changes: ServerChanges = {},
) {
  const { log = silentLog, clock = systemClock } = changes;
  const limits = { ...defaultTransportLimits, ...changes.limits };
  const toolset = changes.toolset ?? createToolset(tools, { log });
  const allowLists = createAllowLists({
    host: "127.0.0.1",
    publicUrl: undefined,
    allowedHosts: [],
    allowedOrigins: changes.allowedOrigins ?? [],
  });
  const authentication = principals && {
    verifier: changes.verifier ?? createNameVerifier(principals),
    metadataUrl: () => "http://localhost/.well-known/oauth-protected-resource/mcp",
    scopes: ["api://api/execute"],
    isTerse: changes.isTerse ?? false,
  };
  const shared = createSharedCalls(limits);
  const routes = changes.routes?.(toolset);
  const mcp = createMcpEndpoint({
    binders: {
      modern: async () => changes.modern ?? bindToolsetModern.bind(undefined, toolset),
      legacy: async () => bindToolsetLegacy.bind(undefined, toolset),
      ...(changes.modern ? {} : { direct: bindToolsetDirect(toolset) }),
    },
    clock,
    log,
    limits,
    directPath: changes.directPath ?? isDirectPathOn,
    shared,
    ...(changes.bus ? { changes: changes.bus } : {}),
  });
  const gate = createGate({ allowLists, authentication, log, clock, limits });
  const listening = listen({
    host: "127.0.0.1",
    port: 0,
    gate,
    mcp,
    web: routes && { routes, answer: createRouteAnswers({ shared, limits }) },
    cors: changes.cors,
    openRoutes: changes.openRoutes ?? (() => undefined),
    isReady: changes.isReady ?? (() => true),
    log,
    addressOf: createClientAddressReader(changes.trustedProxies ?? []),
    maxBodyBytes: changes.maxBodyBytes ?? limits.body.maxBytes,
  });
  const origin = `http://127.0.0.1:${listening.port}`;
  return {
    origin,
    url: `${origin}/mcp`,
    stop: listening.stop,
    async [Symbol.asyncDispose]() {
      await listening.stop(AbortSignal.abort());
    },
  };
}
