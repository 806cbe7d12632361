import { type OAuthClientMetadata, registerClient } from "@modelcontextprotocol/client";
import { AppError } from "../../../base/errors.ts";
import { quote } from "../../../base/text.ts";
import type { DiscoveredIssuer } from "./discover-issuer.ts";
import { explainOAuthError } from "./explain-oauth-error.ts";
import { createOAuthFetch, type OAuthContext } from "./guarded-fetch.ts";
import type { StoredClient } from "./oauth-store.ts";

/** A client that was registered beforehand, or that describes itself at an address. */
export interface ConfiguredClient {
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly clientMetadataUrl: string | undefined;
}

/** As whom to sign in. */
export interface ChosenClient {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly token_endpoint_auth_method?: string;
}

/** What a program on somebody's machine asks for; it can keep no secret, so none is better than any. */
function chooseAuthMethod(supported: readonly string[] | undefined): string | undefined {
  return ["none", "client_secret_basic", "client_secret_post"].find((method) => supported?.includes(method));
}

function describeOurselves({ metadata }: DiscoveredIssuer, redirectUri: string): OAuthClientMetadata {
  const method = chooseAuthMethod(metadata.token_endpoint_auth_methods_supported);
  return {
    client_name: "mcp-client",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    application_type: "native",
    ...(method !== undefined && { token_endpoint_auth_method: method }),
  };
}

function toChosen({ clientId, clientSecret, authMethod }: StoredClient): ChosenClient {
  return {
    client_id: clientId,
    ...(clientSecret !== undefined && { client_secret: clientSecret }),
    ...(authMethod !== undefined && { token_endpoint_auth_method: authMethod }),
  };
}

/**
 * The client that needs no registration now: the configured one, else the metadata document's address where the
 * issuer takes one, else the one that registered itself before.
 */
export function findClient(
  { metadata }: DiscoveredIssuer,
  configured: ConfiguredClient,
  stored: StoredClient | undefined,
): ChosenClient | undefined {
  const { clientId, clientSecret, clientMetadataUrl } = configured;
  if (clientId !== undefined) {
    return { client_id: clientId, ...(clientSecret !== undefined && { client_secret: clientSecret }) };
  }
  if (clientMetadataUrl !== undefined && metadata.client_id_metadata_document_supported === true) {
    return { client_id: clientMetadataUrl };
  }
  return stored && toChosen(stored);
}

/** The error for an issuer that knows its clients beforehand, and not this one. */
export function createRegisteredOnlyError(issuer: string): AppError {
  return new AppError("sign_in_failed", `${quote(issuer)} takes registered clients only.`, {
    hint: "Register one there with the redirect URI http://127.0.0.1/callback, and give it with --client-id.",
  });
}

/** What is registered. */
export interface Registration {
  readonly redirectUri: string;
  readonly scope: string | undefined;
}

/**
 * Registers a new client.
 *
 * @throws `sign_in_failed` where the issuer does not take registrations
 * @see https://www.rfc-editor.org/rfc/rfc7591
 */
export async function registerNewClient(
  context: OAuthContext,
  found: DiscoveredIssuer,
  { redirectUri, scope }: Registration,
): Promise<StoredClient> {
  const { issuer, metadata } = found;
  if (metadata.registration_endpoint === undefined) throw createRegisteredOnlyError(issuer);
  try {
    const registered = await registerClient(issuer, {
      metadata,
      clientMetadata: describeOurselves(found, redirectUri),
      ...(scope !== undefined && { scope }),
      fetchFn: createOAuthFetch(context),
    });
    const {
      client_id: clientId,
      client_secret: clientSecret,
      token_endpoint_auth_method: authMethod,
    } = registered;
    return {
      clientId,
      redirectUri,
      ...(clientSecret !== undefined && { clientSecret }),
      ...(authMethod !== undefined && { authMethod }),
    };
  } catch (thrown) {
    throw explainOAuthError(thrown, context.signal);
  }
}
