import { isJsonObject, type JsonObject } from "../../../base/json.ts";
import type { HostChannel } from "./host-channel.ts";
import { type Call, type Outcome, rpcError } from "./message.ts";

/** What a server may ask in the middle of a request (MCP 2026-07-28, multi round-trip requests). */
export const questionMethods: readonly string[] = [
  "elicitation/create",
  "sampling/createMessage",
  "roots/list",
];
const maxQuestions = 32;

interface Question {
  readonly key: string;
  readonly call: Call;
}

/** An elicitation by URL has an id in the older revision, and none in the newer. */
function toLegacyQuestion(method: string, params: JsonObject | undefined): Call {
  const needsId = params?.["mode"] === "url" && params["elicitationId"] === undefined;
  if (needsId) return { method, params: { ...params, elicitationId: crypto.randomUUID() } };
  return { method, ...(params && { params }) };
}

function readQuestions(inputRequests: unknown): readonly Question[] | undefined {
  const entries = isJsonObject(inputRequests) ? Object.entries(inputRequests) : [];
  const questions = entries.flatMap(([key, value]) => {
    const method = isJsonObject(value) ? value["method"] : undefined;
    const params = isJsonObject(value) && isJsonObject(value["params"]) ? value["params"] : undefined;
    const isKnown = typeof method === "string" && questionMethods.includes(method);
    return isKnown ? [{ key, call: toLegacyQuestion(method, params) }] : [];
  });
  return questions.length === entries.length && entries.length <= maxQuestions ? questions : undefined;
}

/**
 * Asks a host of the older revisions everything that a server wants to know before it goes on.
 *
 * @returns the answers by their keys, or the first error of the host's
 */
export async function askHost(
  host: HostChannel,
  inputRequests: unknown,
  signal: AbortSignal,
): Promise<Outcome> {
  const questions = readQuestions(inputRequests);
  if (!questions) return rpcError(-32_603, "The server asks for something that MCP does not have.");
  const answers = await Promise.all(
    questions.map(async ({ key, call }) => [key, await host.ask(call, signal)] as const),
  );
  const given: Record<string, JsonObject> = {};
  for (const [key, outcome] of answers) {
    if ("error" in outcome) return outcome;
    given[key] = outcome.result;
  }
  return { result: given };
}
