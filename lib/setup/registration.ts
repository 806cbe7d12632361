import { AppError } from "../base/errors.ts";
import { isJsonObject, type JsonObject, toJsonObject } from "../base/json.ts";
import { isGuid } from "../config/shared-options.ts";

/**
 * An app registration, as far as the set-up looks at it. Lists hold their members as Microsoft Graph gives them: they
 * are written back whole, with whatever others added.
 *
 * @see Microsoft Graph: application resource type
 */
export interface Registration {
  /** Object id. */
  readonly id: string;
  /** Application (client) id. */
  readonly appId: string;
  readonly identifierUris: readonly string[];
  /** `api.requestedAccessTokenVersion`. */
  readonly tokenVersion: unknown;
  /** `api.oauth2PermissionScopes`. */
  readonly scopes: readonly JsonObject[];
  /** `api.preAuthorizedApplications`. */
  readonly preAuthorized: readonly JsonObject[];
  readonly appRoles: readonly JsonObject[];
  /** "Allow public client flows". */
  readonly isPublicClient: boolean;
  /** Of "Mobile and desktop applications". */
  readonly redirectUris: readonly string[];
  /** Of "Single-page application". */
  readonly spaRedirectUris: readonly string[];
  readonly requiredAccess: readonly JsonObject[];
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Graph tells where a role comes from, and takes it back in no request. @see Microsoft Graph: appRole resource type */
function withoutOrigin(role: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(role).filter(([name]) => name !== "origin"));
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/**
 * The GUID in a member of an answer: it stands in addresses, settings and on the terminal, where other text would do
 * harm.
 *
 * @throws `server_failed`
 */
export function readGuid(answer: JsonObject, member: "id" | "appId"): string {
  const value = answer[member];
  if (typeof value === "string" && isGuid(value)) return value;
  throw new AppError("server_failed", `Microsoft Graph answered something without a GUID as its ${member}.`, {
    hint: "Is the az on the PATH the Azure CLI? Run az version.",
  });
}

/** Reads a registration from what Microsoft Graph answers. @throws `server_failed` */
export function readRegistration(answer: JsonObject): Registration {
  return readSettings(answer, { id: readGuid(answer, "id"), appId: readGuid(answer, "appId") });
}

function readSettings(answer: JsonObject, ids: Pick<Registration, "id" | "appId">): Registration {
  const api = toJsonObject(answer["api"]);
  return {
    ...ids,
    identifierUris: textsOf(answer["identifierUris"]),
    tokenVersion: api["requestedAccessTokenVersion"],
    scopes: listOf(api["oauth2PermissionScopes"]),
    preAuthorized: listOf(api["preAuthorizedApplications"]),
    appRoles: listOf(answer["appRoles"]).map(withoutOrigin),
    isPublicClient: answer["isFallbackPublicClient"] === true,
    redirectUris: textsOf(toJsonObject(answer["publicClient"])["redirectUris"]),
    spaRedirectUris: textsOf(toJsonObject(answer["spa"])["redirectUris"]),
    requiredAccess: listOf(answer["requiredResourceAccess"]),
  };
}

/** A registration that is about to be created: its ids stand for those that the directory will give. */
export function newRegistration(ids: { readonly id: string; readonly appId: string }): Registration {
  return readSettings({}, ids);
}
