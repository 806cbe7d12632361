import { quote } from "../base/text.ts";
import type { Origin } from "./option.ts";
import { checkClientId, checkHttpUrl } from "./shared-options.ts";

/** How a client signs in. The three never fall back into one another. */
export const authModes = ["entra", "oauth", "none"] as const;
export type AuthMode = (typeof authModes)[number];

/** A client id that any authorization server may have given out. */
function checkAnyClientId(text: string): string | undefined {
  return /^[\x21-\x7e]{1,2048}$/.test(text) ? undefined : `takes a client id, not ${quote(text)}.`;
}

/**
 * Says what is wrong with a client id, or nothing. The flag is for every issuer's, and is looked at once more when
 * it is known that it is Entra's; the variables are Entra's alone.
 */
export function checkClientIdBySource(text: string, { kind }: Origin): string | undefined {
  return kind === "flag" ? checkAnyClientId(text) : checkClientId(text);
}

/** @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/ */
function checkClientMetadataUrl(text: string): string | undefined {
  const url = URL.parse(text);
  const isRight = url?.protocol === "https:" && url.pathname !== "/" && url.username === "";
  return isRight ? undefined : `takes an https URL with a path, not ${quote(text)}.`;
}

const group = "SIGN-IN BY OAUTH (--auth oauth)";

/** Settings of `--auth oauth`: the MCP specification's own authorization, with any issuer. */
export const oauthOptions = {
  auth: {
    kind: "choice",
    choices: authModes,
    flag: "auth",
    env: ["MCP_AUTH"],
    folder: "ignore",
    help: "How to sign in: with Microsoft Entra ID, by OAuth with the issuer that the server names, or not at all.",
    default: "entra",
  },
  oauthClientId: {
    group,
    kind: "text",
    env: ["MCP_CLIENT_ID"],
    folder: "ignore",
    help: "With --auth oauth: as --client-id.",
    check: checkAnyClientId,
  },
  oauthScope: {
    group,
    kind: "text",
    env: ["MCP_SCOPE"],
    folder: "ignore",
    help: "With --auth oauth: as --scope.",
  },
  clientSecret: {
    group,
    kind: "text",
    env: ["MCP_CLIENT_SECRET"],
    folder: "ignore",
    secret: true,
    help: "With --auth oauth: secret of the registered client. Needs --issuer.",
  },
  clientSecretFile: {
    group,
    kind: "text",
    flag: "client-secret-file",
    hint: "FILE",
    env: ["MCP_CLIENT_SECRET_FILE"],
    folder: "ignore",
    help: "File that holds the client secret, closed to other users. The flag is for --auth entra, too.",
  },
  clientMetadataUrl: {
    group,
    kind: "text",
    flag: "client-metadata-url",
    hint: "URL",
    env: ["MCP_CLIENT_METADATA_URL"],
    folder: "ignore",
    help: "With --auth oauth: address of your client id metadata document, for issuers that take one.",
    check: checkClientMetadataUrl,
  },
  issuer: {
    group,
    kind: "text",
    flag: "issuer",
    hint: "URL",
    env: ["MCP_ISSUER"],
    folder: "ignore",
    help: "With --auth oauth: the only authorization server to sign in with.",
    defaultText: "as the server names it, once you confirmed it",
    check: checkHttpUrl,
  },
  redirectPort: {
    group,
    kind: "number",
    integer: true,
    min: 0,
    max: 65_535,
    flag: "redirect-port",
    hint: "PORT",
    env: ["MCP_REDIRECT_PORT"],
    folder: "ignore",
    help: "With --auth oauth: port of http://127.0.0.1:PORT/callback, where the browser comes back to; 0 takes a free one.",
    default: 0,
  },
} as const;
