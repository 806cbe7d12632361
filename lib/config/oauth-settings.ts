import { AppError } from "../base/errors.ts";
import type { ClientOptions } from "./mcp-client.ts";
import type { AuthMode } from "./oauth-options.ts";
import type { Resolved } from "./option.ts";
import { checkClientId } from "./shared-options.ts";

/** What `--auth oauth` works with. */
export interface OAuthSettings {
  /** Of a client that was registered beforehand. */
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly clientSecretFile: string | undefined;
  readonly clientMetadataUrl: string | undefined;
  /** Asked for in place of what the server names. */
  readonly scope: string | undefined;
  readonly issuer: string | undefined;
  /** 0: a free one. */
  readonly redirectPort: number;
}

type Settings = Resolved<ClientOptions>;

/**
 * How to sign in; a flag beats a variable.
 *
 * @throws `usage` for flags that contradict each other
 */
export function readAuthMode({ values, origins }: Settings): AuthMode {
  if (values.noAuth) {
    if (origins.auth.kind === "flag" && values.auth !== "none") {
      throw new AppError("usage", `--no-auth and --auth ${values.auth} contradict each other.`);
    }
    return "none";
  }
  if (values.auth === "entra" && values.clientId !== undefined) {
    const problem = checkClientId(values.clientId);
    if (problem !== undefined) throw new AppError("usage", `${origins.clientId.name} ${problem}`);
  }
  return values.auth;
}

/**
 * The settings of `--auth oauth`. The flags `--client-id` and `--scope` are shared with Entra, its variables are
 * not: an Entra registration is never shown to another issuer.
 *
 * @throws `usage` for a secret without a client id or without the issuer that may get it
 */
export function readOAuthSettings({ values, origins }: Settings): OAuthSettings {
  const { clientSecret, clientSecretFile, clientMetadataUrl, issuer, redirectPort } = values;
  const clientId = origins.clientId.kind === "flag" ? values.clientId : values.oauthClientId;
  const scope = origins.scope.kind === "flag" ? values.scope : values.oauthScope;
  const hasSecret = clientSecret !== undefined || clientSecretFile !== undefined;
  if (hasSecret && (clientId === undefined || issuer === undefined)) {
    throw new AppError(
      "usage",
      "A client secret needs the --client-id and the --issuer that it belongs to.",
      {
        hint: "It is sent to that issuer only, whatever a server names.",
      },
    );
  }
  if (clientSecret !== undefined && clientSecretFile !== undefined) {
    throw new AppError("usage", "The client secret is given twice: by MCP_CLIENT_SECRET and by a file.");
  }
  return { clientId, clientSecret, clientSecretFile, clientMetadataUrl, scope, issuer, redirectPort };
}
