import { type DeniedTokens, openDeniedTokens } from "../../lib/auth/server/denied-tokens.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { type Log, createLog } from "../../lib/base/log.ts";
import type { ServerOptions, ServerSettings } from "../../lib/config/mcp-server.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { createRouteAnswers } from "../../lib/transport/server/answer-route.ts";
import { createAllowLists } from "../../lib/transport/server/allow-lists.ts";
import { createClientAddressReader } from "../../lib/transport/server/client-address.ts";
import { createGate } from "../../lib/transport/server/gate.ts";
import { type Listening, listen } from "../../lib/transport/server/listen.ts";
import { createMcpEndpoint, type McpEndpoint } from "../../lib/transport/server/mcp-endpoint.ts";
import { createSharedCalls } from "../../lib/transport/server/shared-calls.ts";
import { type ComposedAuthentication, composeAuthentication } from "./authentication.ts";
import { composeBinders, composeToolset } from "./binders.ts";
import { checkExposure } from "./check-exposure.ts";
import { protectionOf, registerPage, startDevTenant, type DevTenant } from "./dev-tenant.ts";
import { type Protection, protectionFrom } from "./protection.ts";
import { readServerCertificate, type ServerCertificate } from "./server-certificate.ts";
import { announceStart } from "./start-lines.ts";
import { transportLimitsFrom } from "./transport-limits.ts";
import { waitForStop } from "./wait-for-stop.ts";
import { composeCors, composeWebRoutes } from "./web-routes.ts";

/**
 * Bun cuts off what is larger than so many times the limit, without a word. Up to there the answer says what is
 * wrong, in the words of the path; Bun holds nothing of a body that nobody reads.
 */
const bareRefusalFactor = 8;

/** Until then the first requests have the process to themselves. */
const warmUpAfterMs = 1000;

interface Parts {
  readonly log: Log;
  /** Absent with `--no-auth`. */
  readonly protection: Protection | undefined;
  /** Absent with `--no-auth`. */
  readonly authentication: ComposedAuthentication | undefined;
  readonly deniedTokens: DeniedTokens | undefined;
  readonly tls: ServerCertificate | undefined;
}

/** The SDKs are loaded before the first client needs one, and after the first answer. */
function warmUpLater(mcp: McpEndpoint, log: Log): void {
  const warmUp = () => void mcp.warmUp().catch((error) => log.debug(`An SDK was not loaded: ${error}`));
  setTimeout(warmUp, warmUpAfterMs).unref();
}

function startListening(settings: ServerSettings, host: string, parts: Parts): Listening {
  const { log, protection, authentication, deniedTokens, tls } = parts;
  const toolset = composeToolset(settings, log);
  const binders = composeBinders(toolset);
  const limits = transportLimitsFrom(settings);
  const shared = createSharedCalls(limits);
  const routes = composeWebRoutes({ settings, toolset, protection, log });
  const allowedOrigins = [...settings.allowedOrigins, ...settings.corsOrigins];
  const allowLists = createAllowLists({ ...settings, allowedOrigins, host, isTls: tls !== undefined });
  const mcp = createMcpEndpoint({ binders, deniedTokens, clock: systemClock, log, limits, shared });
  const listening = listen({
    host,
    port: settings.port,
    tls,
    gate: createGate({ allowLists, authentication, log, limits }),
    mcp,
    web: routes && { routes, answer: createRouteAnswers({ shared, limits }) },
    cors: composeCors(settings),
    addressOf: createClientAddressReader(settings.trustedProxies),
    maxBodyBytes: limits.body.maxBytes * bareRefusalFactor,
    openRoutes: (request, path) => authentication?.describe(request, path),
    isReady: () => authentication?.verifier.isReady() ?? true,
    log,
  });
  warmUpLater(mcp, log);
  return listening;
}

async function openDevTenant(settings: ServerSettings, log: Log): Promise<DevTenant | undefined> {
  return settings.dev ? startDevTenant({ log, controlKey: settings.devControlKey }) : undefined;
}

async function openDenied(
  { deniedTokens: path }: ServerSettings,
  log: Log,
): Promise<DeniedTokens | undefined> {
  return path === undefined ? undefined : openDeniedTokens({ path, log });
}

/** `mcp-server`: serves until it is told to stop. */
export async function run(context: Context<ServerOptions>): Promise<number> {
  const { values: settings } = context;
  if (settings.stdio) return (await import("./serve-stdio.ts")).serveOnStdio(context);
  const host = settings.host ?? (settings.noAuth || settings.dev ? "127.0.0.1" : "0.0.0.0");
  checkExposure(context, host);
  const configured = settings.noAuth || settings.dev ? undefined : protectionFrom(settings);
  const log = createLog(settings.logLevel);
  const tls = readServerCertificate({ settings, log });
  const deniedTokens = await openDenied(settings, log);
  const devTenant = await openDevTenant(settings, log);
  const warmUp = new AbortController();
  try {
    const protection = devTenant ? protectionOf(devTenant) : configured;
    const authentication = protection && composeAuthentication(protection, { settings, deniedTokens, log });
    const listening = startListening(settings, host, { log, protection, authentication, deniedTokens, tls });
    if (devTenant) registerPage(devTenant, listening.port, tls !== undefined);
    void authentication?.verifier.warmUp(warmUp.signal);
    announceStart({ context, host, port: listening.port, protection, devTenant, log });
    return await waitForStop((signal) => listening.stop(signal), { log });
  } finally {
    warmUp.abort();
    deniedTokens?.close();
    await devTenant?.stop();
  }
}
