import type { z } from "zod";
import type { ProgressUpdate } from "../base/events.ts";
import type { Principal } from "../base/principal.ts";

/** What a running tool may use. */
export interface ToolContext {
  /** Fires when the caller cancels or the time limit is reached; the tool stops at once. */
  readonly signal: AbortSignal;
  /** Who is calling; absent where the server runs without authentication. */
  readonly principal: Principal | undefined;
  /** Tells a caller who asked for it how far the tool is; does nothing for the others. */
  reportProgress(update: ProgressUpdate): void;
}

/** Hints for hosts that ask a person before a call (MCP, ToolAnnotations). */
export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** A tool as its author writes it. Knows nothing of MCP's wire, of HTTP or of tokens. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  /** 1 to 128 characters of `[A-Za-z0-9_.-]`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations?: ToolAnnotations;
  /** Milliseconds after which a call is ended; default as the toolset says. */
  readonly timeLimitMs?: number;
  /**
   * Does the work.
   *
   * @throws `AppError` with `tool_failed` for what the caller should read; anything else stays hidden
   */
  run(args: z.infer<Input>, context: ToolContext): Promise<z.infer<Output>> | z.infer<Output>;
}

/** Keeps the types of a tool's schemas, then forgets them: the toolset validates at run time. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool {
  return tool as unknown as Tool;
}
