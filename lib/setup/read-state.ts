import type { Abortable } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import { AzRefusal, explainRefusal } from "./az-failure.ts";
import type { Graph } from "./graph.ts";
import { readGuid, type Registration, readRegistration } from "./registration.ts";

/** How a registration is found: by its client id where that is known, else by its name. */
export interface Sought {
  readonly name: string;
  readonly appId: string | undefined;
  /** The flag that names its client id. */
  readonly flag: string;
}

/** What is there already. */
export interface DirectoryState {
  readonly api: Registration | undefined;
  readonly client: Registration | undefined;
  /** Object ids of the service principals. */
  readonly apiPrincipalId: string | undefined;
  readonly clientPrincipalId: string | undefined;
  /** The consent for everybody that the client has at the API. */
  readonly grant: JsonObject | undefined;
}

/** Whom to look for. */
export interface SoughtPair {
  readonly api: Sought;
  readonly client: Sought;
}

function several(name: string, found: readonly JsonObject[], flag: string): AppError {
  const ids = found.map((answer) => readGuid(answer, "appId")).join(", ");
  return new AppError(
    "several_registrations",
    `There are ${found.length} registrations called ${name}: ${ids}.`,
    {
      hint: `Say with ${flag} which one is meant, choose another --name, or delete those that nobody needs.`,
    },
  );
}

async function findRegistration(
  graph: Graph,
  { name, appId, flag }: Sought,
  options: Abortable,
): Promise<Registration | undefined> {
  const filter = appId === undefined ? `displayName eq '${name}'` : `appId eq '${appId}'`;
  const found = await graph.find("/applications", filter, options);
  if (found.length > 1) throw several(name, found, flag);
  const [only] = found;
  if (only) return readRegistration(only);
  if (appId === undefined) return undefined;
  throw new AppError(
    "invalid_config",
    `The tenant has no registration with the client id ${appId} (${flag}).`,
    {
      hint: `Check the id and the tenant; without ${flag} one is looked for by its name, ${name}, and made where there is none.`,
    },
  );
}

async function findPrincipal(
  graph: Graph,
  registration: Registration | undefined,
  options: Abortable,
): Promise<string | undefined> {
  if (!registration) return undefined;
  const [found] = await graph.find("/servicePrincipals", `appId eq '${registration.appId}'`, options);
  return found && readGuid(found, "id");
}

/** Who may not see consents may not give one either: that is said when it is tried, and the rest is done. */
function noneWhereDenied(thrown: unknown): readonly JsonObject[] {
  if (thrown instanceof AzRefusal && thrown.failure.status === 403) return [];
  throw thrown;
}

async function findGrant(
  graph: Graph,
  [clientId, resourceId]: readonly [client: string | undefined, resource: string | undefined],
  options: Abortable,
): Promise<JsonObject | undefined> {
  if (clientId === undefined || resourceId === undefined) return undefined;
  // Those of single people are left out: there may be more of them than one page holds.
  const filter = `clientId eq '${clientId}' and consentType eq 'AllPrincipals'`;
  const grants = await graph.find("/oauth2PermissionGrants", filter, options).catch(noneWhereDenied);
  return grants.find((grant) => grant["resourceId"] === resourceId);
}

/**
 * Reads what is there. Grants are read only where consent is to be given: not everybody may see them.
 *
 * @throws `several_registrations`, `invalid_config`, `setup_denied`, `sign_in_required`, `rate_limited`, `server_failed`
 */
export async function readState(
  graph: Graph,
  sought: SoughtPair & { readonly withGrant: boolean },
  options: Abortable,
): Promise<DirectoryState> {
  try {
    const api = await findRegistration(graph, sought.api, options);
    const client = await findRegistration(graph, sought.client, options);
    const apiPrincipalId = await findPrincipal(graph, api, options);
    const clientPrincipalId = await findPrincipal(graph, client, options);
    const ids = [clientPrincipalId, apiPrincipalId] as const;
    const grant = sought.withGrant ? await findGrant(graph, ids, options) : undefined;
    return { api, client, apiPrincipalId, clientPrincipalId, grant };
  } catch (thrown) {
    throw thrown instanceof AzRefusal ? explainRefusal(thrown, "read the app registrations") : thrown;
  }
}
