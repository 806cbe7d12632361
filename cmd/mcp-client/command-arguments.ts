import { resolve } from "node:path";
import { clientProgram, type ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Option, Origin } from "../../lib/config/option.ts";
import type { AnyValue } from "../../lib/config/parse-value.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { readCredentialMode } from "./open-credentials.ts";

type ClientContext = Context<ClientOptions>;
type Name = keyof ClientOptions;

/** The words after the program's name, and what could not be said in them. */
export interface CommandArguments {
  readonly args: readonly string[];
  readonly remarks: readonly string[];
}

/** Files: a host starts programs in a folder of its own. */
const paths: ReadonlySet<string> = new Set<Name>([
  "tokenCache",
  "headerFile",
  "caCert",
  "clientCertificate",
  "clientSecretFile",
  "federatedTokenFile",
]);
/** What is said otherwise, or says nothing to a bridge. */
const skipped: ReadonlySet<string> = new Set<Name>([
  "url",
  "server",
  "mcpConfig",
  "envFile",
  "json",
  "tokenCache",
  "progress",
]);
/** With `--auth oauth` these are another issuer's, and have variables of their own. */
const ofEntra: ReadonlySet<string> = new Set<Name>(["clientId", "scope", "tenantId", "cloud"]);

function wordsOf(
  { flag, kind }: Option,
  value: AnyValue,
  toText: (text: string) => string,
): readonly string[] {
  if (kind === "switch") return value === true ? [`--${flag}`] : [];
  const texts =
    kind === "lines" && Array.isArray(value) ? value : [Array.isArray(value) ? value.join(",") : value];
  return texts.flatMap((text) => [`--${flag}`, toText(String(text))]);
}

interface Setting {
  readonly name: string;
  readonly option: Option;
  readonly value: AnyValue | undefined;
  readonly origin: Origin;
}

function givenSettings({ values, origins }: ClientContext, command: string): readonly Setting[] {
  const allValues: Readonly<Record<string, AnyValue | undefined>> = values;
  const allOrigins: Readonly<Record<string, Origin>> = origins;
  const schema: Readonly<Record<string, Option>> = clientProgram.options;
  return (clientProgram.commands[command]?.options ?? []).flatMap((name) => {
    const [option, origin] = [schema[name], allOrigins[name]];
    if (!option || !origin || origin.kind === "default" || skipped.has(name)) return [];
    return [{ name, option, value: allValues[name], origin }];
  });
}

function isSaid({ name, option, origin }: Setting, isOAuth: boolean): boolean {
  if (option.flag === undefined || origin.kind === "folder") return false;
  return !isOAuth || !ofEntra.has(name) || origin.kind === "flag";
}

function remarksOn(settings: readonly Setting[]): readonly string[] {
  const secrets = settings.filter(({ option }) => option.secret === true).map(({ origin }) => origin.name);
  const ofFolder = settings.filter(({ origin }) => origin.kind === "folder").map(({ origin }) => origin.name);
  return [
    ...(secrets.length === 0
      ? []
      : [`Not printed, because it is a secret: ${secrets.join(", ")}. Use a file: --client-secret-file.`]),
    ...(ofFolder.length === 0
      ? []
      : [`Left out, because nobody named the file: ${ofFolder.join(", ")}. To use them: --env-file .env`]),
  ];
}

/** With OAuth the client's id and scope have variables, and flags that they share with Entra's. */
function oauthWords({ values, origins }: ClientContext): readonly string[] {
  const { oauthClientId, oauthScope } = values;
  return [
    ...(oauthClientId !== undefined && origins.clientId.kind !== "flag"
      ? ["--client-id", oauthClientId]
      : []),
    ...(oauthScope !== undefined && origins.scope.kind !== "flag" ? ["--scope", oauthScope] : []),
  ];
}

/** The command line of a command with the settings that are given here: it finds none of them where a host starts it. */
export function argumentsFor(command: "bridge" | "login", context: ClientContext): CommandArguments {
  const { values, io } = context;
  const mode = readCredentialMode(context);
  const settings = givenSettings(context, command);
  const said = settings.filter((setting) => isSaid(setting, mode === "oauth"));
  const words = said.flatMap(({ name, option, value }) => {
    const toText = (text: string) => (paths.has(name) ? resolve(io.folder, text) : text);
    return value === undefined ? [] : wordsOf(option, value, toText);
  });
  const cache = mode === "entra" ? ["--token-cache", resolve(io.folder, values.tokenCache)] : [];
  const oauth = mode === "oauth" ? oauthWords(context) : [];
  return {
    args: [command, "--url", values.url, ...words, ...oauth, ...cache],
    remarks: remarksOn(settings),
  };
}
