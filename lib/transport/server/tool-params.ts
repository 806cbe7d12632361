import { AppError } from "../../base/errors.ts";
import type { ToolDescription, Toolset } from "../../tools/toolset.ts";

/** A page of `tools/list`, in the shape of both SDKs; theirs are types with an index, which no interface fits. */
export type ToolPage = { tools: { [Member in keyof ToolDescription]: ToolDescription[Member] }[] };

/** The error for a cursor, of whatever type, that this server never gave out. */
export function invalidCursor(): AppError {
  return new AppError("invalid_arguments", "There is no page of tools for this cursor.");
}

/** The error for `params` of `tools/call` that do not have its form. */
export function invalidCallParams(): AppError {
  return new AppError(
    "invalid_arguments",
    "tools/call takes a name, which is a string, and arguments, which are an object.",
  );
}

/**
 * The page of tools that was asked for. There is one, and no cursor leads to it.
 *
 * @throws `invalid_arguments`
 * @see MCP 2026-07-28 server/utilities/pagination, "Error Handling"
 */
export function listToolPage(toolset: Toolset, cursor: unknown): ToolPage {
  if (cursor !== undefined) throw invalidCursor();
  return { tools: toolset.list().map((tool) => ({ ...tool })) };
}
