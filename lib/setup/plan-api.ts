import type { JsonObject } from "../base/json.ts";
import { quote } from "../base/text.ts";
import { newRegistration, type Registration } from "./registration.ts";
import { refer, type Step } from "./step.ts";
import { scopeName, type SetupTarget } from "./target.ts";

/** A registration, its missing steps, and the id of the scope that it has in the end. */
export interface PlannedApi {
  readonly registration: Registration;
  readonly scopeId: string;
  readonly steps: readonly Step[];
}

/** A change of a registration. */
export function patch({ id }: Registration, body: JsonObject): Step["change"] {
  return { method: "PATCH", path: `/applications/${id}`, body };
}

function createStep({ apiName }: SetupTarget): Step {
  return {
    id: "create_api",
    sentence: `Create the registration ${quote(apiName)} for the API, for accounts of this tenant only.`,
    action: "create app registrations",
    change: {
      method: "POST",
      path: "/applications",
      body: { displayName: apiName, signInAudience: "AzureADMyOrg" },
    },
    creates: "api",
  };
}

function tokenVersionStep(api: Registration): Step | undefined {
  if (api.tokenVersion === 2) return undefined;
  return {
    id: "token_version",
    sentence: "Let Entra issue access tokens of version 2.0 for the API.",
    action: "change the API's registration",
    change: patch(api, { api: { requestedAccessTokenVersion: 2 } }),
  };
}

function uriStep(api: Registration, uri: string, rest: Pick<Step, "id" | "sentence" | "isOptional">): Step {
  const identifierUris = [...api.identifierUris, uri];
  return { ...rest, action: "change the API's registration", change: patch(api, { identifierUris }) };
}

/** @see Microsoft Graph: permissionScope resource type */
function newScope(id: string, apiName: string): JsonObject {
  return {
    id,
    value: scopeName,
    type: "User",
    isEnabled: true,
    adminConsentDisplayName: `Use the tools of ${apiName}`,
    adminConsentDescription: `Allows the application to call the tools of ${apiName} as the signed-in person.`,
    userConsentDisplayName: `Use the tools of ${apiName}`,
    userConsentDescription: `Allows the application to call the tools of ${apiName} as you.`,
  };
}

function scopeStep(
  api: Registration,
  { apiName }: SetupTarget,
  { id, found }: { readonly id: string; readonly found: JsonObject | undefined },
): Step | undefined {
  if (found?.["isEnabled"] === true) return undefined;
  const oauth2PermissionScopes = found
    ? api.scopes.map((scope) => (scope === found ? { ...scope, isEnabled: true } : scope))
    : [...api.scopes, newScope(id, apiName)];
  return {
    id: "scope",
    sentence: `${found ? "Enable" : "Add"} the scope ${scopeName}.`,
    action: "change the API's registration",
    change: patch(api, { api: { oauth2PermissionScopes } }),
  };
}

/** @see Microsoft Graph: appRole resource type */
function newAppRole(value: string, { apiName, createId }: SetupTarget): JsonObject {
  return {
    id: createId(),
    value,
    displayName: value,
    description: `Applications may call the tools of ${apiName} as themselves.`,
    allowedMemberTypes: ["Application"],
    isEnabled: true,
  };
}

function appRoleStep(api: Registration, target: SetupTarget): Step | undefined {
  const { appRole } = target;
  if (appRole === undefined) return undefined;
  const found = api.appRoles.find(({ value }) => value === appRole);
  const members = Array.isArray(found?.["allowedMemberTypes"]) ? found["allowedMemberTypes"] : [];
  const isForApplications = members.includes("Application");
  if (found?.["isEnabled"] === true && isForApplications) return undefined;
  const mended = found && {
    ...found,
    isEnabled: true,
    allowedMemberTypes: isForApplications ? members : [...members, "Application"],
  };
  const appRoles = mended
    ? api.appRoles.map((role) => (role === found ? mended : role))
    : [...api.appRoles, newAppRole(appRole, target)];
  return {
    id: "app_role",
    sentence: `${found ? "Open" : "Add"} the app role ${appRole} for applications.`,
    action: "change the API's registration",
    change: patch(api, { appRoles }),
  };
}

/** Each App ID URI in a step of its own: Entra takes the first always, the second only on a domain of the tenant. */
function uriSteps(api: Registration, { publicUrl }: SetupTarget): readonly Step[] {
  const own = `api://${api.appId}`;
  const hasOwn = api.identifierUris.includes(own);
  const first = uriStep(api, own, {
    id: "app_id_uri",
    sentence: "Add the Application ID URI api://<its client id>.",
  });
  const withOwn = hasOwn ? api : { ...api, identifierUris: [...api.identifierUris, own] };
  const isListed = publicUrl === undefined || api.identifierUris.includes(publicUrl);
  return [
    ...(hasOwn ? [] : [first]),
    ...(isListed
      ? []
      : [
          uriStep(withOwn, publicUrl, {
            id: "public_url",
            sentence: `Add the Application ID URI ${publicUrl}, so that clients may name the server by its address.`,
            isOptional: true,
          }),
        ]),
  ];
}

/** What is missing at the API's registration. */
export function planApi(found: Registration | undefined, target: SetupTarget): PlannedApi {
  const api = found ?? newRegistration({ id: refer("api", "id"), appId: refer("api", "appId") });
  const scope = api.scopes.find(({ value }) => value === scopeName);
  const scopeId = scope ? String(scope["id"]) : target.createId();
  const steps = [
    found ? undefined : createStep(target),
    tokenVersionStep(api),
    scopeStep(api, target, { id: scopeId, found: scope }),
    appRoleStep(api, target),
    ...uriSteps(api, target),
  ];
  return { registration: api, scopeId, steps: steps.filter((step) => step !== undefined) };
}
