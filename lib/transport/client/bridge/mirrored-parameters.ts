import { isJsonObject, type JsonObject, toJsonObject } from "../../../base/json.ts";

/*
 * Headers that repeat what stands in a request of the 2026-07-28 revision (SEP-2243). The SDK's own code for it is
 * not exported (client 2.4.0; retry when `buildMcpParamHeaders` is).
 */

const maxTools = 2000;
const maxDepth = 16;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const mirroredTypes: readonly unknown[] = ["string", "integer", "boolean"];

interface Mirrored {
  readonly path: readonly string[];
  readonly header: string;
}

/** What stands in a request as it stands in a header: plain ASCII, or base64 between marks. */
export function encodeHeaderValue(text: string): string {
  const isPlain = /^[\x20-\x7E\t]+$/.test(text) && text === text.trim();
  if (isPlain && !/^=\?base64\?.*\?=$/.test(text)) return text;
  return `=?base64?${Buffer.from(text, "utf8").toString("base64")}?=`;
}

function findMirrored(schema: JsonObject, path: readonly string[]): Mirrored[] {
  if (path.length > maxDepth) return [];
  return Object.entries(toJsonObject(schema["properties"])).flatMap(([name, child]) => {
    if (!isJsonObject(child)) return [];
    const header = child["x-mcp-header"];
    const isMirrored =
      typeof header === "string" && token.test(header) && mirroredTypes.includes(child["type"]);
    const own = isMirrored ? [{ path: [...path, name], header }] : [];
    return [...own, ...findMirrored(child, [...path, name])];
  });
}

function valueAt(args: unknown, path: readonly string[]): string | undefined {
  let value = args;
  for (const name of path)
    value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  const isPlain = typeof value === "string" || typeof value === "boolean" || Number.isSafeInteger(value);
  return isPlain ? String(value) : undefined;
}

/** Which arguments of which tools are repeated in headers, as the lists of tools said that went through. */
export class MirroredParameters {
  readonly #tools = new Map<string, readonly Mirrored[]>();

  /** Learns from the result of `tools/list`. */
  learn({ tools }: JsonObject): void {
    for (const tool of Array.isArray(tools) ? tools : []) {
      if (!isJsonObject(tool) || typeof tool["name"] !== "string") continue;
      const mirrored = findMirrored(toJsonObject(tool["inputSchema"]), []);
      if (mirrored.length === 0) this.#tools.delete(tool["name"]);
      else if (this.#tools.size < maxTools) this.#tools.set(tool["name"], mirrored);
    }
  }

  /** The headers for a call of `tools/call`. */
  headersFor(params: JsonObject | undefined): Record<string, string> {
    const mirrored = this.#tools.get(String(params?.["name"])) ?? [];
    const headers = mirrored.flatMap(({ path, header }) => {
      const value = valueAt(params?.["arguments"], path);
      return value === undefined ? [] : [[`mcp-param-${header}`, encodeHeaderValue(value)] as const];
    });
    return Object.fromEntries(headers);
  }
}
