import type { ToolDescription } from "./contract.ts";

/** A tool as it stands in a list, with members that concern nobody here. */
export type ListedTool = Readonly<Record<string, unknown>> & ToolDescription;

/** What is known of a tool, without the rest. */
export function describeTool(listed: ToolDescription): ToolDescription {
  const { name, title, description, inputSchema, outputSchema, annotations } = listed;
  return {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    inputSchema,
    ...(outputSchema !== undefined && { outputSchema }),
    ...(annotations !== undefined && { annotations }),
  };
}
