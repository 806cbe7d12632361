import type { ToolResult } from "../../tools/toolset.ts";

/** A tool's result as MCP's wire has it, in both families of revisions. */
export interface CallResult {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError: boolean;
  [member: string]: unknown;
}

/** Takes over what MCP knows of a result, and nothing else. */
export function toCallResult({ content, structuredContent, isError }: ToolResult): CallResult {
  return { content: [...content], ...(structuredContent ? { structuredContent } : {}), isError };
}
