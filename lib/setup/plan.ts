import type { JsonObject } from "../base/json.ts";
import { knownClients } from "../config/setup-options.ts";
import { patch, planApi, type PlannedApi } from "./plan-api.ts";
import { planClient } from "./plan-client.ts";
import type { DirectoryState } from "./read-state.ts";
import { refer, type Step } from "./step.ts";
import { scopeName, type SetupTarget } from "./target.ts";

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** Entra lets a tenant use a registration through a service principal. */
function principalStep(of: "api" | "client", appId: string): Step {
  const [id, creates, who] =
    of === "api"
      ? (["api_principal", "apiPrincipal", "API"] as const)
      : (["client_principal", "clientPrincipal", "client"] as const);
  return {
    id,
    sentence: `Create the service principal of the ${who}, so that the tenant can use it.`,
    action: "create service principals",
    change: { method: "POST", path: "/servicePrincipals", body: { appId } },
    creates,
  };
}

/** @see Microsoft Graph: preAuthorizedApplication resource type */
function authorize(entries: readonly JsonObject[], appId: string, scopeId: string): readonly JsonObject[] {
  const isIt = (entry: JsonObject) => String(entry["appId"]).toLowerCase() === appId;
  const delegatedPermissionIds = [
    ...new Set([
      ...entries.filter(isIt).flatMap((entry) => textsOf(entry["delegatedPermissionIds"])),
      scopeId,
    ]),
  ];
  return [...entries.filter((entry) => !isIt(entry)), { appId, delegatedPermissionIds }];
}

/** A client id, and its name among the clients that people have anyway. */
function nameClient(appId: string): string {
  const [name] = Object.entries(knownClients).find(([, id]) => id === appId) ?? [];
  return name === undefined ? appId : `${name} (${appId})`;
}

function preAuthorizeStep(
  { registration: api, scopeId }: PlannedApi,
  { preAuthorized }: SetupTarget,
): Step | undefined {
  const isDone = (appId: string) =>
    api.preAuthorized.some(
      (entry) =>
        String(entry["appId"]).toLowerCase() === appId &&
        textsOf(entry["delegatedPermissionIds"]).includes(scopeId),
    );
  const missing = preAuthorized.filter((appId) => !isDone(appId));
  if (missing.length === 0) return undefined;
  const all = missing.reduce<readonly JsonObject[]>(
    (entries, appId) => authorize(entries, appId, scopeId),
    api.preAuthorized,
  );
  return {
    id: "pre_authorize",
    sentence: `Pre-authorise ${missing.map(nameClient).join(", ")}, so that nobody is asked for consent there.`,
    action: "change the API's registration",
    change: patch(api, { api: { preAuthorizedApplications: all } }),
  };
}

/** @see Microsoft Graph: oAuth2PermissionGrant resource type */
function consentStep(state: DirectoryState, target: SetupTarget): Step | undefined {
  if (!target.wantsAdminConsent) return undefined;
  const { grant } = state;
  const scopes = String(grant?.["scope"] ?? "")
    .split(" ")
    .filter((word) => word !== "");
  if (scopes.includes(scopeName)) return undefined;
  const rest = {
    id: "admin_consent",
    sentence: `Consent for everybody in the tenant that the client asks for the scope ${scopeName}.`,
    action: "consent for everybody in the tenant",
    isOptional: true,
  } as const;
  if (grant) {
    const body = { scope: [...scopes, scopeName].join(" ") };
    return {
      ...rest,
      change: {
        method: "PATCH",
        path: `/oauth2PermissionGrants/${encodeURIComponent(String(grant["id"]))}`,
        body,
      },
    };
  }
  const body = {
    clientId: state.clientPrincipalId ?? refer("clientPrincipal", "id"),
    consentType: "AllPrincipals",
    resourceId: state.apiPrincipalId ?? refer("apiPrincipal", "id"),
    scope: scopeName,
  };
  return { ...rest, change: { method: "POST", path: "/oauth2PermissionGrants", body } };
}

/** The steps from what is there to what should be there; none where all is well. Nothing is ever taken away. */
export function makePlan(state: DirectoryState, target: SetupTarget): readonly Step[] {
  const api = planApi(state.api, target);
  const client = planClient(state.client, api, target);
  const steps = [
    ...api.steps,
    state.apiPrincipalId === undefined ? principalStep("api", api.registration.appId) : undefined,
    ...client.steps,
    state.clientPrincipalId === undefined ? principalStep("client", client.registration.appId) : undefined,
    preAuthorizeStep(api, target),
    consentStep(state, target),
  ];
  return steps.filter((step) => step !== undefined);
}
