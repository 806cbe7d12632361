import { type Refused, refuse } from "./aadsts.ts";
import type { Person } from "./people.ts";
import { apiClientId, type ApiScope, apiScopes, apiUri, graphClientId } from "./registration.ts";

const oidcScopes = ["openid", "profile", "email", "offline_access"] as const;
type OidcScope = (typeof oidcScopes)[number];

/** A `scope` parameter, understood. */
export interface ScopeRequest {
  readonly oidc: ReadonlySet<OidcScope>;
  /** The API as it was named: its App ID URI or its client id. In a v1.0 token this becomes `aud`. */
  readonly resource: string;
  /** Short names; with `.default` all that the API has. */
  readonly scopes: readonly ApiScope[];
}

interface ResourceScope {
  readonly resource: string;
  readonly name: string;
}

const isOidcScope = (word: string): word is OidcScope => oidcScopes.includes(word as OidcScope);
const isApiScope = (name: string): name is ApiScope => apiScopes.includes(name as ApiScope);

/** Splits `api://x/execute` at its last slash. A bare word belongs to Microsoft Graph, as at Entra. */
function splitScope(word: string): ResourceScope {
  const slash = word.lastIndexOf("/");
  if (slash === -1) return { resource: graphClientId, name: word };
  return { resource: word.slice(0, slash), name: word.slice(slash + 1) };
}

/** How a refused request is described: by whom, and with which `resource` parameter. */
export interface Asking {
  readonly clientId: string;
  /** The `resource` parameter (RFC 8707), where one was sent. */
  readonly resource?: string | undefined;
}

function findRefusal(asked: readonly ResourceScope[], asking: Asking): Refused | undefined {
  const resources = new Set(asked.map(({ resource }) => resource.toLowerCase()));
  const [first] = asked;
  if (first === undefined) return refuse("invalid_scope", { reason: "It names no scope of the API." });
  if (resources.size > 1) return refuse("several_resources");
  if (![apiUri, apiClientId, graphClientId].includes(first.resource.toLowerCase())) {
    return refuse("unknown_resource", { resource: first.resource });
  }
  const isGraph = first.resource === graphClientId;
  const unknown = asked.find(({ name }) => isGraph || (name !== ".default" && !isApiScope(name)));
  if (unknown) {
    const resource = isGraph ? graphClientId : apiClientId;
    return refuse("unknown_scope", { client: asking.clientId, scope: unknown.name, resource });
  }
  if (asked.length > 1 && asked.some(({ name }) => name === ".default")) {
    return refuse("invalid_scope", { reason: ".default cannot be combined with other scopes." });
  }
  if (asking.resource !== undefined && asking.resource !== apiUri) {
    return refuse("resource_mismatch", { resource: asking.resource });
  }
  return undefined;
}

/**
 * Understands a `scope` parameter by Entra's rules: fully qualified, one resource, known names.
 *
 * Entra would answer OpenID scopes alone with a token for Microsoft Graph; the dev tenant has no Graph and
 * refuses them with AADSTS70011.
 */
export function parseScope(text: string, asking: Asking): ScopeRequest | Refused {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const asked = words.filter((word) => !isOidcScope(word)).map(splitScope);
  const refused = findRefusal(asked, asking);
  if (refused) return refused;
  const isDefault = asked.some(({ name }) => name === ".default");
  return {
    oidc: new Set(words.filter(isOidcScope)),
    resource: asked[0]?.resource.toLowerCase() ?? apiUri,
    scopes: isDefault ? apiScopes : asked.map(({ name }) => name).filter(isApiScope),
  };
}

/** What a person gets of what was asked for; somebody who was granted none of it gets what they have. */
export function grantScopes(request: ScopeRequest, person: Person): readonly ApiScope[] {
  const granted = person.granted.filter((scope) => request.scopes.includes(scope));
  return granted.length > 0 ? granted : person.granted;
}
