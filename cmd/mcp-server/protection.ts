import { entraClouds } from "../../lib/auth/server/entra-cloud.ts";
import type { EntraProtection, IssuerProtection, Protection } from "../../lib/auth/server/protection.ts";
import { AppError } from "../../lib/base/errors.ts";
import { quoteShellWord } from "../../lib/base/shell-word.ts";
import { quote } from "../../lib/base/text.ts";
import type { ServerSettings } from "../../lib/config/mcp-server.ts";
import { checkClientId } from "../../lib/config/shared-options.ts";
import { signatureAlgorithms } from "../../lib/config/signature-algorithms.ts";

export type { EntraProtection, IssuerProtection, Protection };

function invalid(message: string, hint?: string): AppError {
  return new AppError("invalid_config", message, hint === undefined ? {} : { hint });
}

/** @throws `invalid_config` for a setting that says nothing without, or beside, another one */
function refuseTogether(
  flags: readonly (readonly [flag: string, isGiven: boolean])[],
  because: string,
): void {
  const given = flags.find(([, isGiven]) => isGiven);
  if (given) throw invalid(`${given[0]} ${because}`);
}

function issuerFrom(issuer: string, settings: ServerSettings): IssuerProtection {
  const { tenantId, apiClientId, clientId, appRoles, allowGuests, jwksUri, audience, algorithms } = settings;
  const entraOnly = [
    ["--tenant-id (ENTRA_TENANT_ID)", tenantId.length > 0],
    ["--api-client-id (ENTRA_API_CLIENT_ID)", apiClientId !== undefined],
    ["--client-id (ENTRA_CLIENT_ID)", clientId !== undefined],
    ["--app-roles (ENTRA_APP_ROLES)", appRoles.length > 0],
    ["--allow-guests (ENTRA_ALLOW_GUESTS)", allowGuests],
  ] as const;
  refuseTogether(entraOnly, "is for Entra and cannot stand beside --issuer (MCP_ISSUER).");
  if (audience.length === 0) {
    const hint = "It is what the issuer writes into aud for this API, often the server's URL.";
    throw invalid("With --issuer the server needs --audience (ENTRA_AUDIENCE).", hint);
  }
  const known = signatureAlgorithms.filter((name) => algorithms.includes(name));
  return {
    kind: "issuer",
    issuer,
    jwksUri,
    audiences: audience,
    algorithms: known.length > 0 ? known : ["RS256"],
  };
}

/** What Entra's tokens never have: every one of them would be refused. @throws `invalid_config` */
function checkEntraNames({ allowedClients, requiredScopes }: ServerSettings): void {
  const badClient = allowedClients.find((id) => checkClientId(id) !== undefined);
  if (badClient !== undefined) {
    throw invalid(
      `--allowed-clients (MCP_ALLOWED_CLIENTS) takes client ids (GUIDs), not ${quote(badClient)}.`,
    );
  }
  const qualified = requiredScopes.find((scope) => scope.includes("://"));
  if (qualified === undefined) return;
  const hint = "Clients ask for api://<api-client-id>/execute, and their tokens say execute.";
  throw invalid(
    `--required-scopes (ENTRA_REQUIRED_SCOPES) takes short names like execute, not ${quote(qualified)}.`,
    hint,
  );
}

function entraFrom(settings: ServerSettings): EntraProtection {
  const { tenantId: tenants, apiClientId, audience, cloud, jwksUri, algorithms } = settings;
  const issuerOnly = [
    ["--jwks-uri (MCP_JWKS_URI)", jwksUri !== undefined],
    ["--algorithms (MCP_ALGORITHMS)", algorithms.length > 0],
  ] as const;
  refuseTogether(issuerOnly, "says nothing without --issuer (MCP_ISSUER).");
  checkEntraNames(settings);
  if (tenants.length === 0 || apiClientId === undefined) {
    const missing =
      tenants.length === 0 ? "--tenant-id (ENTRA_TENANT_ID)" : "--api-client-id (ENTRA_API_CLIENT_ID)";
    throw invalid(
      `The server needs ${missing} to know whose tokens to accept.`,
      "To try it without an Azure account: mcp-server --dev. To let everybody in on this machine: --no-auth.",
    );
  }
  // As Entra writes it: the App ID URI of a v1.0 token is compared to the letter, but for a slash at its end.
  const given = audience.map((uri) => uri.replace(/\/$/, ""));
  const appIdUris = [...given, `api://${apiClientId.toLowerCase()}`];
  const publicClientId = settings.clientId;
  return { kind: "entra", cloud: entraClouds[cloud], tenants, apiClientId, appIdUris, publicClientId };
}

/**
 * Reads from the settings whose tokens are accepted.
 *
 * @throws `invalid_config` naming what is missing or contradicts itself
 */
export function protectionFrom(settings: ServerSettings): Protection {
  if (settings.jwksMaxAgeSeconds < settings.jwksRefreshSeconds) {
    const names = ["--jwks-max-age-seconds (MCP_JWKS_MAX_AGE_SECONDS)", "--jwks-refresh-seconds"];
    throw invalid(`${names[0]} must not be less than ${names[1]}.`);
  }
  return settings.issuer === undefined ? entraFrom(settings) : issuerFrom(settings.issuer, settings);
}

/** The address of the MCP endpoint as it is configured, without a slash at its end. */
export function publicResourceOf({ publicUrl }: ServerSettings): string | undefined {
  return publicUrl?.replace(/\/$/, "");
}

/**
 * The scopes as a client must ask for them: at Entra `api://<id>/execute`, or below the public URL where that is
 * an App ID URI.
 */
export function qualifyScopes(protection: Protection, settings: ServerSettings): readonly string[] {
  if (protection.kind === "issuer") return settings.requiredScopes;
  const { appIdUris } = protection;
  const resource = publicResourceOf(settings);
  const base = appIdUris.find((uri) => uri === resource) ?? appIdUris[0];
  return settings.requiredScopes.map((scope) => `${base}/${scope}`);
}

/**
 * Says why clients that send `resource`, as MCP demands, would be refused by Entra (AADSTS9010010), and what to do;
 * undefined where all is well.
 *
 * @see Microsoft: "Secure MCP servers with Microsoft Entra ID"
 */
export function describeResourceMismatch(
  protection: Protection,
  settings: ServerSettings,
): string | undefined {
  const resource = publicResourceOf(settings);
  if (protection.kind === "issuer" || resource === undefined) return undefined;
  if (protection.appIdUris.includes(resource)) return undefined;
  const problem =
    `Clients that send the public URL as their resource are refused by Entra (AADSTS9010010): ` +
    `${resource} is no App ID URI of this API.`;
  if (!resource.startsWith("https://")) {
    return `${problem} Entra takes https alone: publish the server by https and name that URL with --public-url.`;
  }
  const uris = [...protection.appIdUris, resource].map(quoteShellWord).join(" ");
  return (
    `${problem} Add it to the API's registration (the command sets all of them: name others that it has, too) and tell the server:\n` +
    `  az ad app update --id ${protection.apiClientId} --identifier-uris ${uris}\n` +
    `  mcp-server --audience ${quoteShellWord(resource)} ...`
  );
}
