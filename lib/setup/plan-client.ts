import { isJsonObject, type JsonObject } from "../base/json.ts";
import { quote } from "../base/text.ts";
import { patch, type PlannedApi } from "./plan-api.ts";
import { newRegistration, type Registration } from "./registration.ts";
import { refer, type Step } from "./step.ts";
import { pageUrlOf, scopeName, type SetupTarget } from "./target.ts";

/** A registration and its missing steps. */
export interface PlannedClient {
  readonly registration: Registration;
  readonly steps: readonly Step[];
}

/** Where a browser on this machine comes back to; Entra takes any port of it. */
const loopbackRedirect = "http://localhost";

const action = "change the client's registration";

function createStep({ clientName }: SetupTarget): Step {
  const body = { displayName: clientName, signInAudience: "AzureADMyOrg" };
  return {
    id: "create_client",
    sentence: `Create the registration ${quote(clientName)} for the client, for accounts of this tenant only.`,
    action: "create app registrations",
    change: { method: "POST", path: "/applications", body },
    creates: "client",
  };
}

function publicClientStep(client: Registration): Step | undefined {
  if (client.isPublicClient) return undefined;
  return {
    id: "public_client",
    sentence: "Allow public client flows, so that people can sign in by device code.",
    action,
    change: patch(client, { isFallbackPublicClient: true }),
  };
}

function redirectStep(client: Registration): Step | undefined {
  if (client.redirectUris.includes(loopbackRedirect)) return undefined;
  const redirectUris = [...client.redirectUris, loopbackRedirect];
  return {
    id: "redirect_uri",
    sentence: `Add the redirect URI ${loopbackRedirect}, so that people can sign in with a browser on their machine.`,
    action,
    change: patch(client, { publicClient: { redirectUris } }),
  };
}

function pageStep(client: Registration, { publicUrl }: SetupTarget): Step | undefined {
  const page = publicUrl === undefined ? undefined : pageUrlOf(publicUrl);
  if (page === undefined || client.spaRedirectUris.includes(page)) return undefined;
  return {
    id: "page_redirect",
    sentence: `Add the redirect URI ${page} of a single-page application, so that people can sign in on the server's page.`,
    action,
    change: patch(client, { spa: { redirectUris: [...client.spaRedirectUris, page] } }),
  };
}

function entriesOf(access: JsonObject | undefined): readonly JsonObject[] {
  const list = access?.["resourceAccess"];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

/** @see Microsoft Graph: requiredResourceAccess resource type */
function permissionStep(client: Registration, { registration: api, scopeId }: PlannedApi): Step | undefined {
  const own = client.requiredAccess.find(({ resourceAppId }) => resourceAppId === api.appId);
  if (entriesOf(own).some(({ id, type }) => id === scopeId && type === "Scope")) return undefined;
  const resourceAccess = [...entriesOf(own), { id: scopeId, type: "Scope" }];
  const others = client.requiredAccess.filter((access) => access !== own);
  const requiredResourceAccess = [...others, { ...own, resourceAppId: api.appId, resourceAccess }];
  return {
    id: "permission",
    sentence: `Let the client ask for the API's scope ${scopeName}.`,
    action,
    change: patch(client, { requiredResourceAccess }),
  };
}

/** What is missing at the client's registration. */
export function planClient(
  found: Registration | undefined,
  api: PlannedApi,
  target: SetupTarget,
): PlannedClient {
  const client = found ?? newRegistration({ id: refer("client", "id"), appId: refer("client", "appId") });
  const steps = [
    found ? undefined : createStep(target),
    publicClientStep(client),
    redirectStep(client),
    pageStep(client, target),
    permissionStep(client, api),
  ];
  return { registration: client, steps: steps.filter((step) => step !== undefined) };
}
