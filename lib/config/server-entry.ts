import { dirname, resolve } from "node:path";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import type { Environment } from "./environment.ts";
import { expandVariables } from "./expand-variables.ts";
import { type ConfiguredHeaders, readHeaderLines } from "./header-lines.ts";
import type { ListedServer } from "./mcp-json.ts";
import { checkHttpUrl } from "./shared-options.ts";

/** A server that is a command on this machine. */
export interface CommandServer {
  readonly kind: "command";
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the few variables that every command gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absent: the current folder. */
  readonly folder?: string;
}

/** A server at an address. */
export interface HttpServer {
  readonly kind: "http";
  readonly url: string;
  readonly headers: ConfiguredHeaders;
  /** Some of the headers come out of variables: they are taken for secrets. */
  readonly hasSecrets: boolean;
}

/** A server that somebody chose in place of `--url`. */
export type ChosenServer = CommandServer | HttpServer;

/** A scheme and one variable without a default: the secret itself is nowhere in the file. */
const fromVariable = /^(?:[A-Za-z]+ +)?\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;
const secretNames: readonly string[] = ["authorization", "cookie"];
const variableHint = 'Write "Bearer ${NAME}" and set the variable NAME.';
const httpTypes: readonly unknown[] = [undefined, "http", "streamable-http", "streamableHttp"];

/** Reads the members of one entry, with variables filled in. */
class EntryReader {
  readonly #server: ListedServer;
  readonly #environment: Environment;

  constructor(server: ListedServer, environment: Environment) {
    this.#server = server;
    this.#environment = environment;
  }

  refuse(problem: string, hint?: string): AppError {
    const { name, shownPath } = this.#server;
    const message = `The server ${quote(name)} in ${quote(shownPath, 200)} ${problem}.`;
    return new AppError("invalid_config", message, hint === undefined ? {} : { hint });
  }

  /** @throws `invalid_config` for a variable that is not set and has no default */
  fill(text: string): string {
    return expandVariables(text, this.#environment, (name) =>
      this.refuse(`needs the variable ${name}, which is not set`),
    );
  }

  /** The headers, by the rules for header files. */
  headers(): ConfiguredHeaders {
    const lines = this.rawRecord("headers").map(([name, text]) => `${name}:${text}`);
    const { name, shownPath } = this.#server;
    const source = { name: `The server ${quote(name)} in ${quote(shownPath, 200)}`, maySecrets: true };
    return readHeaderLines(lines, { ...source, environment: this.#environment });
  }

  text(member: string): string | undefined {
    const value = this.#server.entry[member];
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value === "")
      throw this.refuse(`has a ${quote(member)} that is no text`);
    return this.fill(value);
  }

  texts(member: string): string[] {
    const value = this.#server.entry[member] ?? [];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
      return value.map((item: string) => this.fill(item));
    }
    throw this.refuse(`has ${quote(member)} that are no list of texts`);
  }

  /** Texts by name, as they stand in the file. */
  rawRecord(member: string): [string, string][] {
    const value = this.#server.entry[member] ?? {};
    const entries =
      typeof value === "object" && !Array.isArray(value) ? Object.entries(value as object) : undefined;
    if (entries?.every((entry): entry is [string, string] => typeof entry[1] === "string")) return entries;
    throw this.refuse(`has ${quote(member)} that are no texts by name`);
  }
}

function readCommand(server: ListedServer, command: string, reader: EntryReader): CommandServer {
  const environment = Object.fromEntries(
    reader.rawRecord("env").map(([name, text]) => [name, reader.fill(text)]),
  );
  const cwd = reader.text("cwd");
  // Relative to its file, wherever the program is started.
  const folder = cwd === undefined ? {} : { folder: resolve(dirname(server.path), cwd) };
  return { kind: "command", command, args: reader.texts("args"), environment, ...folder };
}

/** Who reads the file must not find a secret in it. */
function checkSecrets(reader: EntryReader): void {
  for (const [name, text] of reader.rawRecord("headers")) {
    if (!secretNames.includes(name.trim().toLowerCase()) || fromVariable.test(text.trim())) continue;
    throw reader.refuse(`has a header ${quote(name)} that does not come from a variable`, variableHint);
  }
}

function readAddress(server: ListedServer, url: string, reader: EntryReader): HttpServer {
  const { type } = server.entry;
  if (!httpTypes.includes(type)) {
    throw reader.refuse(
      `is of the type ${quote(type)}, which is not spoken here`,
      'Known are "http" and "stdio".',
    );
  }
  const problem = checkHttpUrl(url);
  if (problem !== undefined) throw reader.refuse(`has a url that ${problem.replace(/\.$/, "")}`);
  checkSecrets(reader);
  const hasSecrets = reader.rawRecord("headers").some(([, text]) => text.includes("${"));
  return { kind: "http", url, headers: reader.headers(), hasSecrets };
}

/**
 * Reads one entry of an `mcp.json`: `command`, `args`, `env`, `cwd`, or `url`, `type`, `headers`, with `${VAR}` and
 * `${VAR:-default}` filled in.
 *
 * @throws `invalid_config`
 */
export function readServerEntry(server: ListedServer, environment: Environment): ChosenServer {
  const reader = new EntryReader(server, environment);
  const command = reader.text("command");
  const url = reader.text("url");
  if (command !== undefined && url === undefined) return readCommand(server, command, reader);
  if (url !== undefined && command === undefined) return readAddress(server, url, reader);
  throw reader.refuse('needs either a "command" or a "url"');
}

/**
 * Whether using an entry does more than talk to an address: it starts a command, or it takes headers or variables
 * of the environment along.
 */
export function doesMoreThanTalk({ entry }: ListedServer, chosen: ChosenServer): boolean {
  if (chosen.kind === "command") return true;
  const { others, authorization } = chosen.headers;
  const hasHeaders = Object.keys(others).length > 0 || authorization !== undefined;
  return hasHeaders || String(entry["url"]).includes("${");
}
