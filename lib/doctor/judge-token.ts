import { AppError, type ErrorCode } from "../base/errors.ts";
import { isLoopbackUrl } from "../base/loopback.ts";
import { type AccessPolicy, checkPermission } from "../auth/server/check-permission.ts";
import { type Claims, readOptionalText } from "../auth/server/claims.ts";
import { toEntraCaller } from "../auth/server/entra-caller.ts";
import { checkEntraClaims, type EntraExpectation } from "../auth/server/entra-claims.ts";
import { type EntraCloud, entraClouds } from "../auth/server/entra-cloud.ts";
import { isGuid } from "../config/shared-options.ts";

/*
 * What a server of ours would say about a token's claims. Does not check the signature, which only the server does:
 * a judgement for people, never a decision.
 */

/** What a token should be for, as far as it is known. */
export interface TokenExpectation {
  /** GUID. */
  readonly tenantId: string | undefined;
  /** Fully qualified scopes separated by blanks. */
  readonly scope: string | undefined;
  readonly cloud: keyof typeof entraClouds;
  readonly policy: Pick<AccessPolicy, "allowGuests"> & { readonly allowApplications: boolean };
}

const defaultScope = "execute";

/** The API of a scope: `api://<id>` of `api://<id>/execute`. */
function resourceOf(scope: string | undefined): string | undefined {
  const [first = ""] = (scope ?? "").trim().split(/\s+/);
  const end = first.lastIndexOf("/");
  return end > 0 ? first.slice(0, end) : undefined;
}

function shortNames(scope: string | undefined): readonly string[] {
  const words = (scope ?? "").split(/\s+/).filter((word) => word !== "");
  const names = words.map((word) => word.slice(word.lastIndexOf("/") + 1));
  return words.length === 0 ? [defaultScope] : names.filter((name) => name !== ".default");
}

/** The cloud that was configured; a dev tenant shows itself by an issuer on this machine. */
function cloudOf({ iss, ver }: Claims, cloud: TokenExpectation["cloud"]): EntraCloud {
  if (typeof iss !== "string" || !isLoopbackUrl(iss)) return entraClouds[cloud];
  const base = iss.replace(ver === "2.0" ? /\/[^/]+\/v2\.0$/ : /\/[^/]+\/$/, "");
  return { loginUrl: base, stsUrl: base };
}

/** The API's client id, where it is known: the scope may name an App ID URI that says nothing about it. */
function clientIdOf(resource: string | undefined): string | undefined {
  return resource
    ?.replace(/^api:\/\//, "")
    .split("/")
    .find(isGuid)
    ?.toLowerCase();
}

function expectationFor(claims: Claims, { tenantId, scope, cloud }: TokenExpectation): EntraExpectation {
  const resource = resourceOf(scope);
  const audience = readOptionalText(claims, "aud")?.toLowerCase() ?? "";
  const isTellable =
    resource !== undefined && (claims["ver"] === "1.0" || clientIdOf(resource) !== undefined);
  return {
    cloud: cloudOf(claims, cloud),
    tenantIds: [(tenantId ?? readOptionalText(claims, "tid") ?? "").toLowerCase()],
    apiClientId: clientIdOf(resource) ?? (isTellable ? "" : audience),
    appIdUris: resource === undefined ? [] : [resource],
    scopes: [scope ?? "api://<api-client-id>/execute"],
    skewSeconds: 60,
  };
}

const anew = 'Then sign in anew: "mcp-client logout", "mcp-client login".';
const wholeScope = `Write --scope in full, e.g. api://<api-client-id>/execute: a bare word is taken for Microsoft Graph. ${anew}`;

const remedies: Partial<Record<ErrorCode, string>> = {
  graph_token: wholeScope,
  wrong_audience: `Check that --scope begins with an Application ID URI of this server's API. ${anew}`,
  wrong_tenant: `Check --tenant-id, or sign in with an account of the server's tenant. ${anew}`,
  wrong_issuer: "Check --cloud and --tenant-id: the token comes from somewhere else.",
  id_token: "Send the access token: id tokens are for the client itself.",
  unsupported_version: "This is no access token of Microsoft Entra.",
  token_expired: 'Get a new one: "mcp-client login" on a terminal.',
  token_not_yet_valid: "Check this machine's clock.",
  insufficient_scope: `Ask an administrator to grant the scope to you and to the client (API permissions). ${anew}`,
  app_only_token:
    "Sign in as a person; or let the server's operator assign an app role and allow it (--app-roles).",
  guest_not_allowed:
    "Use an account of the tenant; or let the server's operator allow guests (--allow-guests).",
  missing_claim: "This is no access token of Microsoft Entra for an API.",
  invalid_claim: "This is no access token of Microsoft Entra for an API.",
};

function withRemedy(error: AppError): AppError {
  const { code, message } = error;
  const hint = remedies[code];
  return new AppError(code, message, { ...(hint !== undefined && { hint }), cause: error });
}

function checkPolicy(claims: Claims, expected: TokenExpectation): void {
  const caller = toEntraCaller(claims, cloudOf(claims, expected.cloud));
  if (caller.isApplication && expected.policy.allowApplications) return;
  checkPermission(caller, {
    requiredScopes: shortNames(expected.scope),
    appRoles: [],
    allowedClients: [],
    allowGuests: expected.policy.allowGuests,
  });
}

/** The reason for which a server of ours would refuse a token with these claims, with what to do; or nothing. */
export function judgeToken(
  claims: Claims,
  expected: TokenExpectation,
  nowSeconds: number,
): AppError | undefined {
  try {
    checkEntraClaims(claims, expectationFor(claims, expected), nowSeconds);
    checkPolicy(claims, expected);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof AppError) return withRemedy(thrown);
    throw thrown;
  }
}
