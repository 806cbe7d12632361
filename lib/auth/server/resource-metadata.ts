/** What the protected-resource metadata says. */
export interface ResourceMetadataOptions {
  /** Address of the MCP endpoint, without trailing slash. */
  readonly resource: string;
  /** Issuers of the tokens, exactly as the tokens name them. */
  readonly issuers: readonly string[];
  /** Fully qualified scopes, as a client must ask for them. */
  readonly scopes: readonly string[];
  /** The public client's id, for clients that have none of their own. */
  readonly publicClientId: string | undefined;
}

/** Where the metadata lie, before the resource's path. */
export const metadataPath = "/.well-known/oauth-protected-resource";

/** The address of a resource's metadata. @see RFC 9728 section 3.1 */
export function metadataUrlOf(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${metadataPath}${pathname.replace(/\/$/, "")}`;
}

/**
 * The protected-resource metadata document. `entra_public_client_id` is an extension member: Entra registers no
 * clients by itself, so the server may tell its clients which registration is theirs.
 *
 * @see RFC 9728 section 2
 */
export function describeResource(options: ResourceMetadataOptions): Readonly<Record<string, unknown>> {
  const { resource, issuers, scopes, publicClientId } = options;
  return {
    resource,
    authorization_servers: issuers,
    scopes_supported: scopes,
    bearer_methods_supported: ["header"],
    resource_name: "mcp-server",
    ...(publicClientId === undefined ? {} : { entra_public_client_id: publicClientId }),
  };
}
