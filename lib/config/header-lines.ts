import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import type { Environment } from "./environment.ts";
import { expandVariables } from "./expand-variables.ts";

/** Headers that somebody configured for one server. */
export interface ConfiguredHeaders {
  /** By lower-case name. */
  readonly others: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
}

/** Headers that belong to the connection or to the protocol (RFC 9110 section 7.6.1, MCP). */
const ownNames: readonly string[] = [
  "accept",
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "dpop",
  "expect",
  "host",
  "keep-alive",
  "last-event-id",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const secretNames: readonly string[] = ["authorization", "cookie", "cookie2", "set-cookie"];
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
const fieldValue = /^[\x20-\x7E\t]{0,8192}$/;

/** Where a line stands, and whether it may hold secrets. */
export interface HeaderSource {
  /** Begins the sentence of an error, e.g. `--header`. */
  readonly name: string;
  readonly maySecrets: boolean;
  readonly environment: Environment;
}

function refuse({ name, maySecrets }: HeaderSource, problem: string, hint?: string): AppError {
  const code = maySecrets ? "invalid_config" : "usage";
  return new AppError(code, `${name} ${problem}`, hint === undefined ? {} : { hint });
}

function expand(value: string, source: HeaderSource): string {
  return expandVariables(value, source.environment, (variable) =>
    refuse(source, `needs the variable ${quote(variable)}, which is not set.`),
  );
}

/** Says why a header of this name is not taken, or nothing. */
function checkName(name: string, source: HeaderSource): AppError | undefined {
  if (!fieldName.test(name)) {
    return refuse(source, "takes NAME:VALUE, and the name is none of a header.");
  }
  if (ownNames.includes(name) || name.startsWith("mcp-")) {
    return refuse(source, `does not take ${quote(name)}, which the protocol sets itself.`);
  }
  if (source.maySecrets || !secretNames.includes(name)) return undefined;
  const hint = "Everybody on this machine can read command lines: put it into a file for --header-file.";
  return refuse(source, `does not take ${quote(name)}.`, hint);
}

/** Reads one `NAME:VALUE`. Errors never show the value. */
function readLine(line: string, source: HeaderSource): readonly [name: string, value: string] {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
  const refused = checkName(name, source);
  if (refused) throw refused;
  const value = expand(line.slice(colon + 1).trim(), source);
  if (value === "" || !fieldValue.test(value)) {
    throw refuse(source, `has a value for ${quote(name)} that cannot stand in a header.`);
  }
  return [name, value];
}

/**
 * Reads headers, one `NAME:VALUE` each; `${VAR}` stands for a variable of the environment.
 *
 * @throws `usage` or `invalid_config`, without the value
 */
export function readHeaderLines(lines: readonly string[], source: HeaderSource): ConfiguredHeaders {
  const others: Record<string, string> = {};
  let authorization: string | undefined;
  for (const line of lines) {
    const [name, value] = readLine(line, source);
    const isTaken = name === "authorization" ? authorization !== undefined : Object.hasOwn(others, name);
    if (isTaken) throw refuse(source, `gives ${quote(name)} twice.`);
    if (name === "authorization") authorization = value;
    else others[name] = value;
  }
  return { others, authorization };
}

/** The lines of a header file: without blank ones and comments. */
export function splitHeaderFile(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
