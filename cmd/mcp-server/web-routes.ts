import type { Log } from "../../lib/base/log.ts";
import { programVersion } from "../../lib/base/version.ts";
import type { ServerSettings } from "../../lib/config/mcp-server.ts";
import type { Toolset } from "../../lib/tools/toolset.ts";
import { type Cors, createCors } from "../../lib/transport/server/cors.ts";
import type { Routes } from "../../lib/transport/server/routes.ts";
import type { PageConfig } from "../../lib/web/contract.ts";
import { createRestRoutes } from "../../lib/web/rest-routes.ts";
import { createPageRoute } from "../../lib/web/serve-page.ts";
import { type EntraProtection, type Protection, qualifyScopes } from "./protection.ts";

/** Where people of these tenants sign in: of several tenants, at the address for all organisations. */
function authorityOf({ cloud, tenants }: EntraProtection): string {
  return `${cloud.loginUrl}/${tenants.length === 1 ? tenants[0] : "organizations"}`;
}

/** What a page must know to sign a person in. */
export function describeForPage(protection: Protection | undefined, settings: ServerSettings): PageConfig {
  const product = { name: "mcp-server", version: programVersion };
  const isDevTenant = settings.dev;
  if (!protection) return { authentication: "none", scopes: [], isDevTenant, product };
  const scopes = qualifyScopes(protection, settings);
  if (protection.kind === "issuer") {
    return { authentication: "issuer", authority: protection.issuer, scopes, isDevTenant, product };
  }
  const { publicClientId: clientId } = protection;
  return {
    authentication: "entra",
    authority: authorityOf(protection),
    ...(clientId === undefined ? {} : { clientId }),
    scopes,
    isDevTenant,
    product,
  };
}

/** Pages of which origins may read answers; undefined where none may. */
export function composeCors({ corsOrigins }: ServerSettings): Cors | undefined {
  return corsOrigins.length === 0 ? undefined : createCors(corsOrigins);
}

export interface WebOptions {
  readonly settings: ServerSettings;
  readonly toolset: Toolset;
  /** Absent with `--no-auth`. */
  readonly protection: Protection | undefined;
  readonly log: Log;
}

/** What is served beside `/mcp`; undefined with `--no-web`. */
export function composeWebRoutes({ settings, toolset, protection, log }: WebOptions): Routes | undefined {
  if (settings.noWeb) return undefined;
  const rest = createRestRoutes({ toolset, config: describeForPage(protection, settings), log });
  const loginUrl = protection?.kind === "entra" ? protection.cloud.loginUrl : undefined;
  const answerPage = createPageRoute({ authorityOrigin: loginUrl && new URL(loginUrl).origin });
  return { ...rest, open: (request, path) => rest.open(request, path) ?? answerPage(request, path) };
}
