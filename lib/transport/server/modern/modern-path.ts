import {
  createMcpHandler,
  isLegacyRequest,
  type McpHttpHandler,
  type ServerEventBus,
} from "@modelcontextprotocol/server";
import type { Log } from "../../../base/log.ts";
import { readPrincipal } from "../auth-info.ts";
import type { BindModern } from "../binders.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";

export interface ModernPathOptions {
  readonly bind: BindModern;
  readonly log: Log;
  /** Where changes are published of which `subscriptions/listen` tells. Default: nothing ever changes. */
  readonly changes?: ServerEventBus | undefined;
}

/** The way of revision 2026-07-28: the SDK's v2 handler. */
export interface ModernPath extends Subscriptions {
  /** Whether a request belongs to the older revisions. */
  isLegacy(request: Request, body: unknown): Promise<boolean>;
  /** Answers everything but `subscriptions/listen`. */
  readonly fetch: McpHttpHandler["fetch"];
  close(): Promise<void>;
}

/** Opens the way of revision 2026-07-28. */
export function openModernPath({ bind, log, changes }: ModernPathOptions): ModernPath {
  const open = () =>
    createMcpHandler(({ authInfo }) => bind({ principal: readPrincipal(authInfo) }), {
      legacy: "reject",
      onerror: (error) => log.debug(`MCP: ${error.message}`),
      ...(changes ? { bus: changes } : {}),
    });
  const { fetch, close } = open();
  return {
    ...createSubscriptions({ open }),
    isLegacy: (request, body) => isLegacyRequest(request, body),
    fetch,
    close,
  };
}
