import { dynamicTool, jsonSchema, type ToolSet } from "ai";
import type { ToolDescription } from "../transport/client/contract.ts";
import { type ToolAnswer, toModelOutput } from "./tool-answer.ts";
import type { MadeCall } from "./turn-history.ts";

/** Makes one call: the server's name of the tool, the arguments, and what the model asked for. */
export type RunCall = (name: string, args: Record<string, unknown>, call: MadeCall) => Promise<ToolAnswer>;

const notAnObject: ToolAnswer = { text: "The arguments must be a JSON object.", isError: true };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Offers the server's tools to a model, with the schemas as the server gave them. The arguments are not checked
 * here: the server does that, and the model reads what it says.
 *
 * @param tools by the name under which the model knows them
 */
export function offerTools(tools: ReadonlyMap<string, ToolDescription>, runCall: RunCall): ToolSet {
  const offered = [...tools].map(([toolName, { name, title, description, inputSchema }]) => {
    const tool = dynamicTool({
      description: description ?? title ?? "",
      inputSchema: jsonSchema(inputSchema),
      execute: async (input, { toolCallId }): Promise<ToolAnswer> =>
        isObject(input) ? runCall(name, input, { toolCallId, toolName, input }) : notAnObject,
      toModelOutput: ({ output }) => toModelOutput(output as ToolAnswer),
    });
    return [toolName, tool] as const;
  });
  return Object.fromEntries(offered);
}
