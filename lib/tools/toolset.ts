import { z } from "zod";
import { unlessAborted } from "../base/abort.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { AppError } from "../base/errors.ts";
import type { ProgressUpdate } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { didYouMean } from "../base/nearest.ts";
import type { Principal } from "../base/principal.ts";
import { quote } from "../base/text.ts";
import { createProgressReporter, type ProgressReporter } from "./progress-reporter.ts";
import { createSchemaReader, type SchemaReader } from "./schema-reader.ts";
import type { Tool, ToolAnnotations, ToolContext } from "./tool.ts";

/** A JSON Schema (2020-12) of an object. */
export interface ObjectSchema {
  readonly type: "object";
  readonly [keyword: string]: unknown;
}

/** A tool as it is listed. */
export interface ToolDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
  readonly annotations: ToolAnnotations;
}

/** Why a call failed: its arguments, its time limit, or the tool itself. */
export type CallFailure = "invalid_arguments" | "timeout" | "tool_failed";

/** The outcome of a call, in the shape that every way out (MCP, REST, page) understands. */
export interface ToolResult {
  readonly content: readonly { readonly type: "text"; readonly text: string }[];
  /** Absent when `isError`. */
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
  /** Absent unless `isError`. Not for MCP's wire, whose results know no such member. */
  readonly failure?: CallFailure;
}

/** What comes with a call. */
export interface CallContext {
  /** Fires when the caller cancels. It may be made when it is first asked for, which calls that never wait do not. */
  readonly signal: AbortSignal;
  /** Whether it has fired; for callers whose signal costs something to make. Default: the signal is asked. */
  isCancelled?(): boolean;
  readonly principal?: Principal | undefined;
  /** Absent when the caller did not ask for progress. */
  readonly onProgress?: ((update: ProgressUpdate) => void) | undefined;
  /** Called when the arguments turned out to be valid, before the tool runs. */
  readonly onStart?: (() => void) | undefined;
}

/** The tools of a server and the only way to run them. */
export interface Toolset {
  /** Always the same tools in the same order. */
  list(): readonly ToolDescription[];
  /**
   * Validates the arguments, runs the tool within its time limit and validates its result. What goes wrong
   * inside a tool is a result with `isError`.
   *
   * @throws `unknown_tool`, and `interrupted` when the caller cancelled
   */
  call(name: string, args: unknown, context: CallContext): Promise<ToolResult>;
  /** The same, for callers in a hurry: a tool that does not wait gives its result, or throws, at once. */
  callNow(name: string, args: unknown, context: CallContext): ToolResult | Promise<ToolResult>;
}

export interface ToolsetOptions {
  readonly log: Log;
  /** Milliseconds a call may take, default 300 000. */
  readonly timeLimitMs?: number;
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
}

const defaultTimeLimitMs = 300_000;

function toObjectSchema(schema: z.ZodObject, io: "input" | "output"): ObjectSchema {
  return { ...z.toJSONSchema(schema, { target: "draft-2020-12", io }), type: "object" };
}

function describeTool(tool: Tool): ToolDescription {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: toObjectSchema(tool.input, "input"),
    outputSchema: toObjectSchema(tool.output, "output"),
    annotations: tool.annotations ?? {},
  };
}

function checkDefinition(tool: Tool, taken: ReadonlySet<string>): void {
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(tool.name) || taken.has(tool.name)) {
    throw new AppError("invalid_config", `The tool name ${quote(tool.name)} is taken or not a tool name.`);
  }
  if (JSON.stringify(toObjectSchema(tool.input, "input")).includes('"x-mcp-header"')) {
    throw new AppError(
      "invalid_config",
      `The tool ${quote(tool.name)} uses x-mcp-header, which is not served.`,
    );
  }
}

/** A tool whose schemas are ready to be asked. */
interface PreparedTool {
  readonly tool: Tool;
  readonly readInput: SchemaReader;
  readonly readOutput: SchemaReader;
}

function prepareTool(tool: Tool): PreparedTool {
  return { tool, readInput: createSchemaReader(tool.input), readOutput: createSchemaReader(tool.output) };
}

function failWith(failure: CallFailure, text: string): ToolResult {
  return { content: [{ type: "text", text }], isError: true, failure };
}

function describeIssues(error: z.ZodError): string {
  const issues = error.issues.slice(0, 5).map((issue) => {
    const where = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `;
    return `${where}${issue.message}`;
  });
  return issues.join("; ").slice(0, 500);
}

interface Run {
  readonly tool: Tool;
  readonly args: Record<string, unknown>;
  readonly context: CallContext;
  readonly timeLimitMs: number;
  readonly clock: Clock;
}

function isCancelled(context: CallContext): boolean {
  return context.isCancelled ? context.isCancelled() : context.signal.aborted;
}

/** One run of a tool, as the tool sees it. What ends it is made when it asks for its signal, or turns out to wait. */
class ToolRun implements ToolContext {
  readonly principal: Principal | undefined;
  readonly reportProgress: ToolContext["reportProgress"];
  readonly #run: Run;
  readonly #reporter: ProgressReporter;
  #ending: AbortController | undefined;
  #unwatch: (() => void) | undefined;

  constructor(run: Run) {
    const { context, clock } = run;
    this.#run = run;
    this.#reporter = createProgressReporter(context.onProgress, clock);
    this.principal = context.principal;
    this.reportProgress = this.#reporter.report;
  }

  get signal(): AbortSignal {
    this.#ending ??= this.#watch(new AbortController());
    return this.#ending.signal;
  }

  #watch(ending: AbortController): AbortController {
    const { tool, context, timeLimitMs } = this.#run;
    const { signal } = context;
    const cancel = () => ending.abort(signal.reason);
    if (signal.aborted) cancel();
    // No `AbortSignal.any`, which costs as much as several listeners.
    signal.addEventListener("abort", cancel, { once: true });
    const message = `${tool.name} did not finish within ${timeLimitMs / 1000} seconds and was ended.`;
    const timer = setTimeout(() => ending.abort(new AppError("timeout", message)), timeLimitMs);
    this.#unwatch = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    };
    return ending;
  }

  /** After this the tool reports to nobody. */
  finish(): void {
    this.#unwatch?.();
    if (isCancelled(this.#run.context)) this.#reporter.drop();
    else this.#reporter.close();
  }
}

/** What the tool returns; a promise only where it waits. */
function runTool(run: Run): unknown {
  const { tool, args, context } = run;
  if (isCancelled(context)) context.signal.throwIfAborted();
  const toolRun = new ToolRun(run);
  let isWaiting = false;
  try {
    const outcome = tool.run(args, toolRun);
    if (!(outcome instanceof Promise)) return outcome;
    isWaiting = true;
    return unlessAborted(outcome, toolRun.signal).finally(() => toolRun.finish());
  } finally {
    if (!isWaiting) toolRun.finish();
  }
}

/** What the caller is told of a call that failed, and the operator of its cause. */
function toFailure(tool: Tool, thrown: unknown, log: Log): ToolResult {
  if (thrown instanceof AppError && (thrown.code === "tool_failed" || thrown.code === "timeout")) {
    return failWith(thrown.code, thrown.message);
  }
  const reference = crypto.randomUUID();
  const detail = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  log.error(`${tool.name} failed (reference ${reference}): ${detail}`);
  return failWith(
    "tool_failed",
    `${tool.name} failed inside the server. Its operator finds the cause under ${reference}.`,
  );
}

function toResult({ readOutput }: PreparedTool, returned: unknown): ToolResult {
  const { data, error } = readOutput(returned);
  if (error) throw error;
  return {
    content: [{ type: "text", text: JSON.stringify(data) }],
    structuredContent: data,
    isError: false,
  };
}

/** Builds a toolset. Schemas are converted once, here. */
export function createToolset(tools: readonly Tool[], options: ToolsetOptions): Toolset {
  const { clock = systemClock } = options;
  const byName = new Map<string, PreparedTool>();
  for (const tool of tools) {
    checkDefinition(tool, new Set(byName.keys()));
    byName.set(tool.name, prepareTool(tool));
  }
  const descriptions = tools.map(describeTool);

  function toOutcome(tool: Tool, thrown: unknown, context: CallContext): ToolResult {
    if (!isCancelled(context)) return toFailure(tool, thrown, options.log);
    throw new AppError("interrupted", "The call was cancelled.", { cause: thrown });
  }

  function callNow(name: string, args: unknown, context: CallContext): ToolResult | Promise<ToolResult> {
    const prepared = byName.get(name);
    if (!prepared) {
      throw new AppError(
        "unknown_tool",
        `There is no tool ${quote(name)}.${didYouMean(name, byName.keys())}`,
      );
    }
    const { tool } = prepared;
    const input = prepared.readInput(args ?? {});
    if (!input.success) {
      const text = `Invalid arguments for ${tool.name}: ${describeIssues(input.error)}`;
      return failWith("invalid_arguments", text);
    }
    context.onStart?.();
    const timeLimitMs = tool.timeLimitMs ?? options.timeLimitMs ?? defaultTimeLimitMs;
    try {
      const returned = runTool({ tool, args: input.data, context, timeLimitMs, clock });
      if (!(returned instanceof Promise)) return toResult(prepared, returned);
      return returned
        .then((later: unknown) => toResult(prepared, later))
        .catch((thrown: unknown) => toOutcome(tool, thrown, context));
    } catch (thrown) {
      return toOutcome(tool, thrown, context);
    }
  }

  return {
    list: () => descriptions,
    callNow,
    call: async (name, args, context) => callNow(name, args, context),
  };
}
