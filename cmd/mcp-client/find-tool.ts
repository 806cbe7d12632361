import { AppError } from "../../lib/base/errors.ts";
import { didYouMean } from "../../lib/base/nearest.ts";
import { quote } from "../../lib/base/text.ts";
import type { ToolDescription } from "../../lib/transport/client/contract.ts";

/**
 * Finds a tool by its name.
 *
 * @throws `unknown_tool` naming the nearest
 */
export function findTool(tools: readonly ToolDescription[], name: string): ToolDescription {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool) return tool;
  const nearest = didYouMean(
    name,
    tools.map((candidate) => candidate.name),
  );
  throw new AppError("unknown_tool", `The server has no tool ${quote(name)}.${nearest}`, {
    hint: 'Run "mcp-client tools" to see them all.',
  });
}
