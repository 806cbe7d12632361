import { isRefused, type Refused, refuse } from "./aadsts.ts";
import type { AuthorizationRequest, ResponseMode } from "./authorization-codes.ts";
import { isSpaAddress } from "./cross-origin.ts";
import { requireParameter, requirePublicClient } from "./entra-request.ts";
import { redirectPaths } from "./registration.ts";
import { parseScope } from "./scope-request.ts";
import type { TenantState } from "./tenant-state.ts";

type Parameters = ReadonlyMap<string, string>;

/** Where an error may go: nothing of it was used before it was found to be the application's own. */
export type ReplyTo = Pick<AuthorizationRequest, "redirectUri" | "responseMode" | "state">;

/** Reads the query; each parameter may stand there once (RFC 6749 section 3.1). */
export function readQuery(url: URL): Parameters | Refused {
  const parameters = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (parameters.has(name)) return refuse("duplicate_parameter", { parameter: name });
    parameters.set(name, value);
  }
  return parameters;
}

/** As Entra compares addresses on the own machine: the port does not count, the path does. */
function isRegistered(redirectUri: string): boolean {
  const url = URL.parse(redirectUri);
  if (!url || url.protocol !== "http:" || !["localhost", "127.0.0.1"].includes(url.hostname)) return false;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return false;
  return redirectPaths.includes(url.pathname);
}

function readResponseMode(mode: string | undefined): ResponseMode | Refused {
  if (mode === undefined || mode === "query") return "query";
  return mode === "form_post" || mode === "fragment" ? mode : refuse("unsupported_response_mode", { mode });
}

/**
 * Finds out where the answer goes. What is refused here is shown on a page: an error must not be sent to an
 * address that is not the application's (RFC 6749 section 4.1.2.1).
 */
export function readReplyTo(state: TenantState, parameters: Parameters): ReplyTo | Refused {
  const clientId = requirePublicClient(parameters);
  if (typeof clientId !== "string") return clientId;
  const redirectUri = requireParameter(parameters, "redirect_uri");
  if (typeof redirectUri !== "string") return redirectUri;
  const isOurs = isRegistered(redirectUri) || isSpaAddress(state, redirectUri);
  if (!isOurs) return refuse("unknown_reply_address", { redirect: redirectUri });
  const responseMode = readResponseMode(parameters.get("response_mode"));
  if (typeof responseMode !== "string") return responseMode;
  return { redirectUri, responseMode, state: parameters.get("state") };
}

/** Entra asks pages only for PKCE; here everybody has to bring it, and by S256 (RFC 9700 section 2.1.1). */
function readChallenge(parameters: Parameters): string | Refused {
  const challenge = parameters.get("code_challenge");
  if (!challenge || parameters.get("code_challenge_method") !== "S256") return refuse("pkce_required");
  return /^[\w-]{43}$/.test(challenge) ? challenge : refuse("bad_challenge");
}

/** Understands the rest of a request for a sign-in in a browser. */
export function readAuthorizationRequest(
  state: TenantState,
  parameters: Parameters,
  replyTo: ReplyTo,
): AuthorizationRequest | Refused {
  const clientId = requirePublicClient(parameters);
  if (typeof clientId !== "string") return clientId;
  const type = requireParameter(parameters, "response_type");
  if (typeof type !== "string") return type;
  if (type !== "code") return refuse("unsupported_response_type", { type });
  // Nobody is ever signed in here already.
  if (parameters.get("prompt") === "none") return refuse("silent_sign_in");
  const codeChallenge = readChallenge(parameters);
  if (typeof codeChallenge !== "string") return codeChallenge;
  const scopeText = requireParameter(parameters, "scope");
  if (typeof scopeText !== "string") return scopeText;
  const scope = parseScope(scopeText, { clientId, resource: parameters.get("resource") });
  if (isRefused(scope)) return scope;
  return {
    ...replyTo,
    clientId,
    scope,
    codeChallenge,
    wantsClientInfo: parameters.get("client_info") === "1",
    nonce: parameters.get("nonce"),
    isSpa: isSpaAddress(state, replyTo.redirectUri),
  };
}
