import { isJsonObject, type JsonObject, toJsonObject } from "../base/json.ts";

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

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** Reads a registration from what Microsoft Graph answers. */
export function readRegistration(answer: JsonObject): Registration {
  const api = toJsonObject(answer["api"]);
  return {
    id: String(answer["id"]),
    appId: String(answer["appId"]),
    identifierUris: textsOf(answer["identifierUris"]),
    tokenVersion: api["requestedAccessTokenVersion"],
    scopes: listOf(api["oauth2PermissionScopes"]),
    preAuthorized: listOf(api["preAuthorizedApplications"]),
    appRoles: listOf(answer["appRoles"]),
    isPublicClient: answer["isFallbackPublicClient"] === true,
    redirectUris: textsOf(toJsonObject(answer["publicClient"])["redirectUris"]),
    spaRedirectUris: textsOf(toJsonObject(answer["spa"])["redirectUris"]),
    requiredAccess: listOf(answer["requiredResourceAccess"]),
  };
}

/** A registration that is about to be created: its ids stand for those that the directory will give. */
export function newRegistration(ids: { readonly id: string; readonly appId: string }): Registration {
  return readRegistration({ ...ids });
}
