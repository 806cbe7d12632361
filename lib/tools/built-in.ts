import { randomNumberTool } from "./random-number-tool.ts";
import { createReverseTool } from "./reverse-tool.ts";
import type { Tool } from "./tool.ts";

/**
 * The tools that `mcp-server` ships.
 *
 * @param options.reverseSeconds how long `reverse_tool` takes, 0 to 60
 */
export function builtInTools({ reverseSeconds }: { readonly reverseSeconds: number }): readonly Tool[] {
  return [createReverseTool({ seconds: reverseSeconds }), randomNumberTool];
}
