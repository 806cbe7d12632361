/*
 * Stands for the Azure CLI on the PATH: `bun fake-az.ts <words>`, with the directory in the JSON file of FAKE_AZ_STATE.
 * Written by hand from Microsoft's documentation, named beside each answer; it does only what the set-up needs, and
 * refuses what it does not know.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";

type Json = Readonly<Record<string, unknown>>;

interface Api {
  readonly requestedAccessTokenVersion: number | null;
  readonly oauth2PermissionScopes: readonly {
    readonly id: string;
    readonly value: string;
    readonly isEnabled: boolean;
  }[];
  readonly preAuthorizedApplications: readonly {
    readonly appId: string;
    readonly delegatedPermissionIds: readonly string[];
  }[];
}

/** https://learn.microsoft.com/graph/api/resources/application */
export interface Application {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly identifierUris: readonly string[];
  readonly isFallbackPublicClient: boolean | null;
  readonly api: Api;
  readonly appRoles: readonly Json[];
  readonly publicClient: { readonly redirectUris: readonly string[] };
  readonly spa: { readonly redirectUris: readonly string[] };
  readonly requiredResourceAccess: readonly Json[];
}

export interface FakeDirectory {
  signedIn: boolean;
  tenantId: string;
  domain: string;
  environmentName: string;
  /** Domains of the tenant that were verified. */
  verifiedDomains: string[];
  applications: Application[];
  servicePrincipals: Json[];
  grants: Json[];
  /** What the person may not do. */
  denied: ("read" | "create" | "consent")[];
  /** So many of the next requests are answered by 429. */
  throttled: number;
  /** So many requests for a new object are answered by 404. */
  lag: number;
  /** Somebody else makes a registration of the same name at the same time. */
  hasTwins: boolean;
  /** The refresh token of the Azure CLI has ended. */
  isExpired: boolean;
  /** All command lines, with the mode of the body's file. */
  log: { words: string[]; bodyMode?: string }[];
}

export const emptyDirectory: FakeDirectory = {
  signedIn: true,
  tenantId: "10000000-0000-4000-8000-000000000001",
  domain: "contoso.onmicrosoft.com",
  environmentName: "AzureCloud",
  verifiedDomains: ["contoso.com", "contoso.onmicrosoft.com"],
  applications: [],
  servicePrincipals: [],
  grants: [],
  denied: [],
  throttled: 0,
  lag: 0,
  hasTwins: false,
  isExpired: false,
  log: [],
};

const graphUrl = "https://graph.microsoft.com/v1.0";

class Refusal extends Error {}

/**
 * What `az rest` prints for an answer that is no success: reason phrase and body.
 * https://github.com/Azure/azure-cli/blob/dev/src/azure-cli-core/azure/cli/core/util.py (send_raw_request), as in
 * https://github.com/Azure/azure-cli/issues/29966; the body: https://learn.microsoft.com/graph/errors
 */
function refuse(reason: string, code: string, message: string, details?: readonly Json[]): never {
  const innerError = { date: "2026-11-23T10:00:00", "request-id": "0", "client-request-id": "0" };
  throw new Refusal(
    `ERROR: ${reason}(${JSON.stringify({ error: { code, message, ...(details && { details }), innerError } })})`,
  );
}

/** https://learn.microsoft.com/graph/resolve-auth-errors */
const deny = () =>
  refuse("Forbidden", "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");

/** https://learn.microsoft.com/graph/throttling */
const slowDown = () => refuse("Too Many Requests", "TooManyRequests", "Please retry after");

/** https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/404-not-found-error-manage-objects-microsoft-graph */
const unknown = (id: string) =>
  refuse(
    "Not Found",
    "Request_ResourceNotFound",
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

/** https://learn.microsoft.com/graph/api/application-post-applications (the answer of the example) */
export function newApplication(body: Partial<Application>): Application {
  return {
    id: crypto.randomUUID(),
    appId: crypto.randomUUID(),
    displayName: "",
    isFallbackPublicClient: null,
    identifierUris: [],
    api: {
      // New single-tenant registrations: https://learn.microsoft.com/entra/identity-platform/access-tokens
      requestedAccessTokenVersion: null,
      oauth2PermissionScopes: [],
      preAuthorizedApplications: [],
    },
    appRoles: [],
    publicClient: { redirectUris: [] },
    spa: { redirectUris: [] },
    requiredResourceAccess: [],
    ...body,
  };
}

/** https://learn.microsoft.com/graph/api/resources/apiapplication, .../preauthorizedapplication */
function checkApi(api: Api): void {
  const ids = api.oauth2PermissionScopes.map(({ id }) => id);
  const values = api.oauth2PermissionScopes.map(({ value }) => value);
  if (new Set(values).size !== values.length)
    refuse("Bad Request", "DuplicateValue", "The request is invalid.");
  for (const { delegatedPermissionIds } of api.preAuthorizedApplications) {
    if (delegatedPermissionIds.some((id) => !ids.includes(id))) {
      refuse("Bad Request", "InvalidValue", "Property api.preAuthorizedApplications has an invalid value.");
    }
  }
}

/**
 * https://learn.microsoft.com/graph/api/application-update: "Existing properties that are not included in the request
 * body will maintain their previous values"; https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes
 * (App ID URIs on verified domains; the code as in https://github.com/Azure/Industrial-IoT/pull/1432)
 */
function changeApplication(state: FakeDirectory, application: Application, body: Partial<Application>): void {
  for (const uri of body.identifierUris ?? []) {
    const host = uri.startsWith("https://") ? new URL(uri).hostname : undefined;
    const isVerified = state.verifiedDomains.some(
      (domain) => host === domain || host?.endsWith(`.${domain}`),
    );
    const isTaken = state.applications.some(
      (other) => other !== application && other.identifierUris.includes(uri),
    );
    if (!isTaken && (host === undefined ? uri === `api://${application.appId}` : isVerified)) continue;
    if (isTaken) {
      // As in https://github.com/Azure/go-autorest/issues/308
      const text = "Another object with the same value for property identifierUris already exists.";
      refuse("Bad Request", "Request_BadRequest", text, [{ code: "ObjectConflict", message: text }]);
    }
    const message = `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${uri}'`;
    refuse("Bad Request", "HostNameNotOnVerifiedDomain", message);
  }
  const api = { ...application.api, ...body.api };
  checkApi(api);
  // https://learn.microsoft.com/graph/api/resources/approle: origin "must not be included in any POST or PATCH requests"
  if (body.appRoles?.some((role) => "origin" in role))
    refuse("Bad Request", "InvalidValue", "appRoles.origin");
  const appRoles = (body.appRoles ?? application.appRoles).map((role) => ({
    ...role,
    origin: "Application",
  }));
  Object.assign(application, body, { api, appRoles });
}

function newObjectIsLagging(state: FakeDirectory): boolean {
  if (state.lag === 0 || state.applications.length === 0) return false;
  state.lag -= 1;
  return true;
}

/** https://learn.microsoft.com/graph/filter-query-parameter */
function readFilter(filter: string): (object: object) => boolean {
  const wanted = filter.split(" and ").map((part) => {
    const [, name = "", value = ""] =
      /^(\w+) eq '([^']*)'$/.exec(part) ?? refuse("Bad Request", "BadRequest", filter);
    return [name, value] as const;
  });
  return (object) => wanted.every(([name, value]) => Reflect.get(object, name) === value);
}

function find(state: FakeDirectory, kind: string, filter: string): Json {
  // https://learn.microsoft.com/graph/api/oauth2permissiongrant-list: not for everybody
  if (kind === "oauth2PermissionGrants" && state.denied.includes("consent")) deny();
  const lists: Record<string, readonly object[]> = {
    applications: state.applications,
    servicePrincipals: state.servicePrincipals,
    oauth2PermissionGrants: state.grants,
  };
  return {
    "@odata.context": `${graphUrl}/$metadata#${kind}`,
    value: lists[kind]?.filter(readFilter(filter)),
  };
}

function post(state: FakeDirectory, kind: string, body: Json): object {
  if (kind === "oauth2PermissionGrants") {
    // https://learn.microsoft.com/graph/api/oauth2permissiongrant-post
    if (state.denied.includes("consent")) deny();
    const grant = { id: crypto.randomUUID(), principalId: null, ...body };
    state.grants.push(grant);
    return grant;
  }
  if (state.denied.includes("create")) deny();
  if (kind === "applications") {
    const application = newApplication(body);
    state.applications.push(application);
    if (state.hasTwins) state.applications.push(newApplication(body));
    return application;
  }
  // https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals
  const appId = String(body["appId"]);
  if (newObjectIsLagging(state)) {
    refuse(
      "Bad Request",
      "NoBackingApplicationObject",
      `The appId '${appId}' of the service principal does not reference a valid application object.`,
    );
  }
  if (!state.applications.some((application) => application.appId === appId)) unknown(appId);
  if (state.servicePrincipals.some((principal) => principal["appId"] === appId)) {
    refuse("Conflict", "Request_MultipleObjectsWithSameKeyValue", "The service principal cannot be created.");
  }
  const principal = { id: crypto.randomUUID(), ...body };
  state.servicePrincipals.push(principal);
  return principal;
}

function patch(state: FakeDirectory, kind: string, id: string, body: Json): undefined {
  if (kind === "oauth2PermissionGrants") {
    // https://learn.microsoft.com/graph/api/oauth2permissiongrant-update
    if (state.denied.includes("consent")) deny();
    Object.assign(state.grants.find((grant) => grant["id"] === id) ?? unknown(id), body);
    return undefined;
  }
  if (newObjectIsLagging(state)) unknown(id);
  changeApplication(state, state.applications.find((a) => a.id === id) ?? unknown(id), body);
  return undefined;
}

function flag(words: string[], name: string): string {
  return words[words.indexOf(name) + 1] ?? "";
}

/** https://learn.microsoft.com/cli/azure/reference-index#az-rest: `@{file}` loads a body from a file. */
function readBody(state: FakeDirectory, words: string[]): Json {
  const body = flag(words, "--body");
  if (!body.startsWith("@")) return JSON.parse(body);
  const entry = state.log.at(-1);
  if (entry) entry.bodyMode = (statSync(body.slice(1)).mode & 0o777).toString(8);
  return JSON.parse(readFileSync(body.slice(1), "utf8"));
}

function rest(state: FakeDirectory, words: string[]): object | undefined {
  // https://learn.microsoft.com/entra/identity-platform/reference-error-codes, as az prints it
  if (state.isExpired)
    throw new Refusal(
      "ERROR: AADSTS700082: The refresh token has expired due to inactivity.\nInteractive authentication is needed. Please run:\naz login",
    );
  if (state.throttled > 0) {
    state.throttled -= 1;
    slowDown();
  }
  const url = flag(words, "--url");
  if (!url.startsWith(`${graphUrl}/`)) throw new Refusal(`ERROR: unexpected ${url}`);
  const [kind = "", id = ""] = url.slice(graphUrl.length + 1).split("/");
  switch (flag(words, "--method")) {
    case "GET":
      if (state.denied.includes("read")) deny();
      return find(state, kind, flag(words, "--uri-parameters").replace("$filter=", ""));
    case "POST":
      return post(state, kind, readBody(state, words));
    case "PATCH":
      return patch(state, kind, id, readBody(state, words));
    default:
      throw new Refusal("ERROR: unexpected method");
  }
}

function answer(state: FakeDirectory, words: string[]): object | undefined {
  if (words[0] === "rest") return rest(state, words);
  if (words[0] !== "account" || words[1] !== "show")
    throw new Refusal(`ERROR: unexpected ${words.join(" ")}`);
  // https://learn.microsoft.com/cli/azure/account#az-account-show
  if (!state.signedIn) throw new Refusal("ERROR: Please run 'az login' to setup account.");
  const { tenantId, environmentName, domain } = state;
  const user = { name: "ada@contoso.com", type: "user" };
  return {
    environmentName,
    id: tenantId,
    isDefault: true,
    name: "N/A(tenant level account)",
    state: "Enabled",
    tenantId,
    tenantDefaultDomain: domain,
    user,
  };
}

function main(path: string, words: string[]): void {
  const state = JSON.parse(readFileSync(path, "utf8")) as FakeDirectory;
  state.log.push({ words });
  try {
    const found = answer(state, words);
    const query = flag(words, "--query");
    if (words.includes("--query")) {
      if (query !== "[id, appId]") throw new Refusal(`ERROR: unexpected query ${query}`);
      process.stdout.write(
        `${["id", "appId"].map((name) => Reflect.get(found ?? {}, name) ?? "None").join("\n")}\n`,
      );
    } else if (found) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    process.stderr.write(`${thrown.message}\n`);
    process.exitCode = 1;
  } finally {
    writeFileSync(path, JSON.stringify(state));
  }
}

if (import.meta.main) main(process.env["FAKE_AZ_STATE"] ?? "", process.argv.slice(2));
