import { dynamicTool, jsonSchema, type Tool, type ToolSet } from "ai";
import { showInvisible } from "./mark-tool-output.ts";
import type { ToolDescription } from "../transport/client/contract.ts";

/**
 * Offers the server's tools to a model, with the schemas as the server gave them. The SDK runs none of them: calls
 * are made once the answer that asks for them is whole.
 *
 * @param tools by the name under which the model knows them
 */
export function offerTools(tools: ReadonlyMap<string, ToolDescription>): ToolSet {
  const offered = [...tools].map(([toolName, { title, description, inputSchema }]): [string, Tool] => {
    const text = showInvisible((description ?? title ?? "").toWellFormed());
    return [toolName, dynamicTool({ description: text, inputSchema: jsonSchema(inputSchema) })];
  });
  return Object.fromEntries(offered);
}
