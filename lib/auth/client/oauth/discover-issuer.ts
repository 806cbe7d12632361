import {
  type AuthorizationServerMetadata,
  checkResourceAllowed,
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
  type OAuthProtectedResourceMetadata,
} from "@modelcontextprotocol/client";
import { AppError } from "../../../base/errors.ts";
import { quote } from "../../../base/text.ts";
import { explainOAuthError } from "./explain-oauth-error.ts";
import { checkOAuthAddress, createOAuthFetch, type OAuthContext } from "./guarded-fetch.ts";

/*
 * Finds out where to sign in for a server: from its 401 and its protected-resource metadata (RFC 9728), then from
 * the metadata of the authorization server (RFC 8414, OpenID Connect). Does not decide whether the issuer may be
 * used: `oauth-session.ts` does.
 */

/** The authorization server of an MCP server. What it says was checked, but nobody has agreed to it yet. */
export interface DiscoveredIssuer {
  /** Exactly as the protected-resource metadata and its own metadata write it. */
  readonly issuer: string;
  readonly metadata: AuthorizationServerMetadata;
  /** `resource` of the protected-resource metadata, verbatim. */
  readonly resource: string;
  /** `scopes_supported` of the protected-resource metadata. */
  readonly scopesSupported: readonly string[];
}

/** What is looked for. */
export interface IssuerQuery {
  /** The 401 or 403 of the server. */
  readonly challenged: Response | undefined;
  /** The only one to use. */
  readonly issuer: string | undefined;
}

async function readResourceMetadata(
  context: OAuthContext,
  { challenged }: IssuerQuery,
): Promise<OAuthProtectedResourceMetadata> {
  const { server, signal } = context;
  const named = challenged && extractWWWAuthenticateParams(challenged).resourceMetadataUrl;
  if (named && named.origin !== server.origin) {
    throw new AppError(
      "untrusted_destination",
      `The server's metadata is said to be at ${quote(named.origin)}.`,
      {
        hint: "Another origin must not speak for this one. Tell the operator of the server.",
      },
    );
  }
  const options = named ? { resourceMetadataUrl: named } : {};
  try {
    return await discoverOAuthProtectedResourceMetadata(server, options, createOAuthFetch(context));
  } catch (thrown) {
    if (thrown instanceof AppError || signal?.aborted) throw explainOAuthError(thrown, signal);
    const message = "The server wants a token and does not say where to get one.";
    throw new AppError("sign_in_failed", message, {
      hint: "It has no protected-resource metadata (RFC 9728). Is it a server for Entra (--auth entra)?",
      cause: thrown,
    });
  }
}

function checkResource(resource: string, server: URL): void {
  if (checkResourceAllowed({ requestedResource: server, configuredResource: resource })) return;
  throw new AppError(
    "untrusted_destination",
    `The server's metadata is about ${quote(resource)}, not about ${quote(server.href)}.`,
    { hint: "Use the address that the metadata names, or tell the server its public URL." },
  );
}

function isSameAddress(left: string, right: string): boolean {
  return left === right || URL.parse(left)?.href === URL.parse(right)?.href;
}

function chooseIssuer(named: readonly string[], wanted: string | undefined): string {
  const [first] = named;
  if (first === undefined) {
    throw new AppError("sign_in_failed", "The server's metadata names no authorization server.");
  }
  if (wanted === undefined) return first;
  const chosen = named.find((issuer) => isSameAddress(issuer, wanted));
  if (chosen !== undefined) return chosen;
  throw new AppError(
    "untrusted_destination",
    `The server wants a sign-in with ${quote(first)}, which is not the --issuer ${quote(wanted)}.`,
    { hint: "Nothing was sent there. If that issuer is right, give it with --issuer." },
  );
}

/** A client cannot know that the issuer checks PKCE unless it says so; then it must not go on. */
function checkSupport(issuer: string, metadata: AuthorizationServerMetadata): void {
  if (metadata.code_challenge_methods_supported?.includes("S256")) return;
  throw new AppError("sign_in_failed", `${quote(issuer)} does not say that it supports PKCE with S256.`, {
    hint: "Without it a sign-in is not safe. For Microsoft Entra ID use --auth entra.",
  });
}

async function readIssuerMetadata(
  context: OAuthContext,
  issuer: string,
): Promise<AuthorizationServerMetadata> {
  const { server, signal } = context;
  checkOAuthAddress(issuer, "its authorization server", server);
  try {
    const fetchFn = createOAuthFetch(context);
    const metadata = await discoverAuthorizationServerMetadata(issuer, { fetchFn });
    if (metadata) return metadata;
  } catch (thrown) {
    throw explainOAuthError(thrown, signal);
  }
  throw new AppError("sign_in_failed", `${quote(issuer)} has no metadata of an authorization server.`);
}

/**
 * Finds out where to sign in for a server, and checks what is said: the resource is this server, the issuer calls
 * itself so, its addresses may be used, PKCE is supported.
 *
 * @throws `untrusted_destination`, `sign_in_failed`, `unreachable`, `timeout`, `protocol_error`
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
export async function discoverIssuer(context: OAuthContext, query: IssuerQuery): Promise<DiscoveredIssuer> {
  const { server } = context;
  const { resource, authorization_servers, scopes_supported } = await readResourceMetadata(context, query);
  checkResource(resource, server);
  const issuer = chooseIssuer(authorization_servers ?? [], query.issuer);
  const metadata = await readIssuerMetadata(context, issuer);
  checkOAuthAddress(metadata.authorization_endpoint, "the page to sign in on", server);
  checkOAuthAddress(metadata.token_endpoint, "the token endpoint", server);
  checkSupport(issuer, metadata);
  return { issuer: metadata.issuer, metadata, resource, scopesSupported: scopes_supported ?? [] };
}
