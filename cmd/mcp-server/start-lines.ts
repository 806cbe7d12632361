import { isLoopbackHost } from "../../lib/base/loopback.ts";
import type { Log } from "../../lib/base/log.ts";
import { quoteShellWord } from "../../lib/base/shell-word.ts";
import { programVersion } from "../../lib/base/version.ts";
import type { ServerOptions } from "../../lib/config/mcp-server.ts";
import type { Origin } from "../../lib/config/option.ts";
import type { Context } from "../../lib/config/run-program.ts";
import type { DevTenant } from "./dev-tenant.ts";
import {
  describeResourceMismatch,
  type EntraProtection,
  type IssuerProtection,
  type Protection,
  publicResourceOf,
} from "./protection.ts";

interface StartLinesOptions {
  readonly context: Context<ServerOptions>;
  readonly host: string;
  readonly port: number;
  /** Absent with `--no-auth`. */
  readonly protection: Protection | undefined;
  readonly devTenant: DevTenant | undefined;
  readonly log: Log;
}

function describeOrigin({ name }: Origin): string {
  return name === "" ? "" : ` (${name})`;
}

function describeEntra({ context, devTenant }: StartLinesOptions, protection: EntraProtection): string[] {
  const { origins } = context;
  const { tenants, apiClientId, appIdUris } = protection;
  const tenantFrom = devTenant ? " (--dev: a local look-alike of Entra)" : describeOrigin(origins.tenantId);
  const apiFrom = devTenant ? "" : describeOrigin(origins.apiClientId);
  return [
    "Access     callers with an Entra access token",
    `${tenants.length === 1 ? "Tenant " : "Tenants"}    ${tenants.join(" ")}${tenantFrom}`,
    `Audience   ${apiClientId}${apiFrom}; v1.0 tokens also ${appIdUris.join(" ")}`,
  ];
}

function describeIssuer({ context }: StartLinesOptions, protection: IssuerProtection): string[] {
  const { origins } = context;
  const { issuer, jwksUri, audiences, algorithms } = protection;
  return [
    "Access     callers with an access token of the issuer",
    `Issuer     ${issuer}${describeOrigin(origins.issuer)}`,
    `Audience   ${audiences.join(" ")}${describeOrigin(origins.audience)}`,
    `Signed by  ${algorithms.join(" ")}${jwksUri === undefined ? "" : `, keys from ${jwksUri}`}`,
  ];
}

/** Who of the callers with a good token comes in, where that is not the default. */
function describePolicy({ values, origins }: Context<ServerOptions>): string[] {
  const { allowedClients, appRoles, allowGuests, deniedTokens } = values;
  return [
    ...(allowedClients.length === 0 ? [] : [`Clients    ${allowedClients.join(" ")}`]),
    ...(appRoles.length === 0 ? [] : [`App roles  ${appRoles.join(" ")}${describeOrigin(origins.appRoles)}`]),
    ...(allowGuests ? [`Guests     let in${describeOrigin(origins.allowGuests)}`] : []),
    ...(deniedTokens === undefined ? [] : [`Denied     tokens listed in ${deniedTokens}`]),
  ];
}

function describeAccess(options: StartLinesOptions): string[] {
  const { context, protection, devTenant } = options;
  if (!protection) return ["Access     everybody, without tokens (--no-auth)"];
  const { requiredScopes } = context.values;
  return [
    ...(protection.kind === "entra"
      ? describeEntra(options, protection)
      : describeIssuer(options, protection)),
    `Scope      ${requiredScopes.join(" ")}${describeOrigin(context.origins.requiredScopes)}`,
    ...describePolicy(context),
    ...(devTenant ? [`Sign in    at ${devTenant.devicePageUrl}`] : []),
  ];
}

/** Callers from elsewhere would be refused for the host name that they use. */
function describeReach({ context, host }: StartLinesOptions): string[] {
  const { publicUrl, allowedHosts } = context.values;
  if (isLoopbackHost(host) || publicUrl !== undefined || allowedHosts.length > 0) return [];
  return ["Elsewhere  callers on other machines need --public-url or --allowed-hosts here"];
}

/** What came from a `./.env` that nobody named: the operator should see it (DESIGN 5). */
function describeFolder({ context }: StartLinesOptions): string[] {
  const fromFolder = Object.values(context.origins).filter(({ kind }) => kind === "folder");
  return fromFolder.length === 0 ? [] : [`Settings   ${fromFolder.map(({ name }) => name).join(", ")}`];
}

/** What to add to the address so that the client signs in as this server wants. */
function describeSignIn(protection: Protection | undefined): string {
  if (!protection) return " --no-auth";
  return protection.kind === "issuer" ? " --auth oauth" : "";
}

/** Says where the server listens, whom it lets in and how to connect. */
export function announceStart(options: StartLinesOptions): void {
  const { context, host, port, protection, devTenant, log } = options;
  const isEverywhere = ["0.0.0.0", "::"].includes(host);
  const scheme = context.values.tlsCert === undefined ? "http" : "https";
  const local = `${scheme}://${isEverywhere ? "localhost" : /^[^[].*:/.test(host) ? `[${host}]` : host}:${port}/mcp`;
  const address = publicResourceOf(context.values) ?? local;
  const lines = [
    `mcp-server ${programVersion} listens on ${host}, port ${port}`,
    `Endpoint   ${address}`,
    ...(context.values.noWeb ? [] : [`Page       ${new URL("/", address).href}`]),
    ...(context.values.noWeb ? [] : [`REST       ${new URL("api", address).href}`]),
    ...describeAccess(options),
    ...describeFolder(options),
    ...describeReach(options),
    `Connect    mcp-client --url ${quoteShellWord(address)}${describeSignIn(protection)}`,
  ];
  log.info(lines.join("\n"));
  const mismatch = protection && !devTenant && describeResourceMismatch(protection, context.values);
  if (mismatch) log.warn(mismatch);
}
