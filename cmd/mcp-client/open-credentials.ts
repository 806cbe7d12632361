import { readPrivateFile } from "../../lib/auth/client/private-file.ts";
import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { type ConfiguredHeaders, readHeaderLines, splitHeaderFile } from "../../lib/config/header-lines.ts";
import { readAuthMode } from "../../lib/config/oauth-settings.ts";
import type { Origin } from "../../lib/config/option.ts";
import type { Context } from "../../lib/config/run-program.ts";
import type { AccessTokens, ExtraHeaders } from "../../lib/transport/client/contract.ts";
import type { OpenTokensOptions } from "./open-tokens.ts";

const maxHeaderFileBytes = 65_536;

/** How credentials are opened. */
export interface OpenCredentialsOptions extends OpenTokensOptions {
  /** With `--auth oauth`: sign in anew, whatever is stored. */
  readonly isFresh?: boolean;
}

/** What a connection sends beside its messages. */
export interface Credentials {
  readonly tokens?: AccessTokens | undefined;
  readonly headers?: ExtraHeaders | undefined;
}

/** Where a connection's credentials come from; no two of them are ever mixed. */
export type CredentialMode = "entra" | "oauth" | "none" | "command" | "file";

/**
 * Where the credentials come from.
 *
 * @throws `usage` for flags that contradict each other
 */
export function readCredentialMode(context: Context<ClientOptions>): CredentialMode {
  const { values, origins } = context;
  const given = (["tokenCommand", "headerFile"] as const).filter((name) => values[name] !== undefined);
  if (context.chosen?.kind === "http" && context.chosen.headers.authorization !== undefined) {
    const contradicting =
      given[0] ?? (["noAuth", "auth"] as const).find((name) => origins[name].kind === "flag");
    if (contradicting !== undefined) throw contradiction(origins.url, origins[contradicting]);
    return "file";
  }
  const [only, another] = given;
  if (only === undefined) return readAuthMode(context);
  if (another !== undefined) throw contradiction(origins[only], origins[another]);
  // A file that is merely configured may hold headers for a sign-in; on the command line it says how to sign in.
  if (values.noAuth) throw contradiction(origins[only], origins.noAuth);
  if (origins.auth.kind !== "default") throw contradiction(origins[only], origins.auth);
  return only === "tokenCommand" ? "command" : "file";
}

function contradiction(one: Origin, other: Origin): AppError {
  return new AppError("usage", `${one.name} and ${other.name} contradict each other.`, {
    hint: "Each of them says by itself how to sign in.",
  });
}

/**
 * A credential is for the server that it was configured with (DESIGN 5): given together with its address, or on the
 * same command line, or for the default address.
 */
function checkConfiguredTogether(url: Origin, credential: Origin): void {
  const isFolder = url.kind === "folder";
  if (!isFolder && (url.kind === "default" || credential.kind === "flag" || credential.kind === url.kind))
    return;
  const said = `${credential.name} was not configured for the server of ${url.name}.`;
  throw new AppError("untrusted_destination", said, {
    hint: "Give both in the same place, e.g. both as flags.",
  });
}

async function checkDestination(url: string): Promise<void> {
  const { checkTokenDestination } = await import("../../lib/auth/client/destination.ts");
  checkTokenDestination(url);
}

async function readHeaderFile(context: Context<ClientOptions>, path: string): Promise<ConfiguredHeaders> {
  checkConfiguredTogether(context.origins.url, context.origins.headerFile);
  await checkDestination(context.values.url);
  const refuse = (problem: string) =>
    new AppError("invalid_config", `The header file ${quote(path, 200)} ${problem}.`, {
      hint: "It holds one NAME: VALUE a line, in a regular file with mode 0600.",
    });
  const file = await readPrivateFile(path, maxHeaderFileBytes).catch((cause: unknown) => {
    throw cause instanceof AppError ? refuse("cannot be read, or is no regular file") : cause;
  });
  if (file.kind === "absent") throw refuse("does not exist");
  if (file.kind === "untrusted") throw refuse(file.fault);
  const { environment } = context.io;
  const source = { name: context.origins.headerFile.name, maySecrets: true, environment };
  return readHeaderLines(splitHeaderFile(file.text), source);
}

async function readFlagHeaders({ values, origins, io }: Context<ClientOptions>): Promise<ConfiguredHeaders> {
  const { name } = origins.header;
  checkConfiguredTogether(origins.url, origins.header);
  // What comes out of a variable is taken for a secret.
  if (values.header.some((line) => line.includes("${"))) await checkDestination(values.url);
  return readHeaderLines(values.header, { name, maySecrets: false, environment: io.environment });
}

/** The headers that stand beside the address of a server in an `mcp.json`. */
async function readListedHeaders({ chosen }: Context<ClientOptions>): Promise<ConfiguredHeaders | undefined> {
  if (chosen?.kind !== "http") return undefined;
  if (chosen.hasSecrets) await checkDestination(chosen.url);
  return chosen.headers;
}

/** Gets a token before anything is sent to the server, so that a missing sign-in ends here. */
async function openSignedIn(
  context: Context<ClientOptions>,
  options: OpenTokensOptions,
): Promise<AccessTokens> {
  const [{ openTokens }, { readAccount }, { nameOf }] = await Promise.all([
    import("./open-tokens.ts"),
    import("./account.ts"),
    import("../../lib/auth/client/signed-in-account.ts"),
  ]);
  const tokens = await openTokens(context, options);
  await tokens.getToken({ signal: options.signal });
  if (options.mayPrompt && !context.values.json)
    context.io.stderr.write(`Signed in as ${nameOf(await readAccount(tokens))}.\n`);
  return tokens;
}

/** Without a token nothing needs to be confirmed, unless the address lay about in the current folder. */
async function checkAddress(context: Context<ClientOptions>, options: OpenTokensOptions): Promise<void> {
  if (context.origins.url.kind !== "folder") return;
  const [{ confirmOpenServer }, { askOn }] = await Promise.all([
    import("../../lib/auth/client/confirm-origin.ts"),
    import("../../lib/terminal/confirm.ts"),
  ]);
  const { values, origins, io } = context;
  const ask = options.mayPrompt ? askOn(io) : undefined;
  await confirmOpenServer(
    { url: values.url, urlOrigin: origins.url, environment: io.environment, ask },
    options,
  );
}

async function openCommand(
  context: Context<ClientOptions>,
  { signal }: OpenTokensOptions,
): Promise<AccessTokens> {
  const { CommandTokens } = await import("../../lib/auth/client/command-tokens.ts");
  const { values, origins, io } = context;
  checkConfiguredTogether(origins.url, origins.tokenCommand);
  await checkDestination(values.url);
  const tokens = new CommandTokens({ command: values.tokenCommand ?? "", environment: io.environment });
  await tokens.getToken({ signal });
  return tokens;
}

/** With OAuth the server says first what it wants, so that its token is got while connecting. */
async function openTokensBy(
  mode: CredentialMode,
  context: Context<ClientOptions>,
  options: OpenCredentialsOptions,
): Promise<AccessTokens | undefined> {
  switch (mode) {
    case "none":
      await checkAddress(context, options);
      return undefined;
    case "entra":
      return openSignedIn(context, options);
    case "oauth":
      return (await import("./open-oauth.ts")).openOAuth(context, options);
    case "command":
      return openCommand(context, options);
    case "file":
      return undefined;
  }
}

/**
 * Opens what the settings name for signing in; without authentication no token code is even loaded.
 *
 * @throws `usage`, `invalid_config`, `untrusted_destination`, `sign_in_required`, and what getting a token throws
 */
export async function openCredentials(
  context: Context<ClientOptions>,
  options: OpenCredentialsOptions,
): Promise<Credentials> {
  const { header, headerFile } = context.values;
  const mode = readCredentialMode(context);
  const flags = header.length > 0 ? await readFlagHeaders(context) : undefined;
  const listed = await readListedHeaders(context);
  const file =
    mode === "file" && headerFile !== undefined ? await readHeaderFile(context, headerFile) : undefined;
  const tokens = await openTokensBy(mode, context, options);
  if (!flags && !file && !listed) return { tokens };
  const headers = {
    others: { ...listed?.others, ...file?.others, ...flags?.others },
    authorization: file?.authorization ?? listed?.authorization,
  };
  return { tokens, headers };
}
