import { AppError } from "../../lib/base/errors.ts";
import { quote, toSafeJson } from "../../lib/base/text.ts";
import type {
  CallResult,
  FullConnection,
  PromptDescription,
  ToolDescription,
} from "../../lib/transport/client/connect.ts";
import type { Exercised } from "./exercise-report.ts";
import { sampleObject } from "./sample-value.ts";

/** A call that somebody wrote down. */
export interface PlannedCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What is exercised, and how. */
export interface ExercisePlan {
  /** Call every tool, not only those that the server says only read. */
  readonly all: boolean;
  /** Made in place of made-up calls of the same tools. */
  readonly calls: readonly PlannedCall[];
  readonly signal: AbortSignal;
  /** Called before each request. */
  readonly onStart?: (what: Named) => void;
  /** Called after each step. */
  readonly onStep: (step: Exercised) => void;
}

/** What is tried. */
export type Named = Pick<Exercised, "kind" | "name">;
type Result = Pick<Exercised, "outcome" | "detail">;

/** What one request says about itself is a finding; what these say holds for all that would follow. */
const fatal = new Set(["unreachable", "interrupted", "rate_limited"]);

/** Walks through all that a server offers. */
export class Exercise {
  readonly steps: Exercised[] = [];
  readonly #connection: FullConnection;
  readonly #plan: ExercisePlan;

  constructor(connection: FullConnection, plan: ExercisePlan) {
    this.#connection = connection;
    this.#plan = plan;
  }

  /** @throws what makes going on senseless: `unreachable`, `interrupted`, `rate_limited`, a refused sign-in */
  async run(): Promise<void> {
    const { signal } = this.#plan;
    const connection = this.#connection;
    const tools = await this.#list("tools", () => connection.listTools({ signal }));
    for (const tool of tools) await this.#exerciseTool(tool);
    for (const { name } of this.#plan.calls) {
      if (tools.some((tool) => tool.name === name)) continue;
      const detail = `The server does not list the tool ${quote(name)} of --calls.`;
      this.#add({ kind: "tool", name, outcome: "failed", detail, code: "unknown_tool" });
    }
    for (const { uri } of await this.#list("resources", () => connection.listResources({ signal }))) {
      const read = async () => count(await connection.readResource(uri, { signal }), "content");
      await this.#try({ kind: "resource", name: uri }, read);
    }
    const templates = await this.#list("templates", () => connection.listResourceTemplates({ signal }));
    for (const { uriTemplate: name } of templates) {
      this.#skip({ kind: "template", name }, "its variables are not known");
    }
    for (const prompt of await this.#list("prompts", () => connection.listPrompts({ signal }))) {
      await this.#exercisePrompt(prompt);
    }
  }

  async #list<T>(name: string, list: () => Promise<readonly T[]>): Promise<readonly T[]> {
    let found: readonly T[] = [];
    await this.#try({ kind: "list", name }, async () => {
      found = await list();
      return { outcome: "ok", detail: String(found.length) };
    });
    return found;
  }

  async #exerciseTool({ name, inputSchema, annotations }: ToolDescription): Promise<void> {
    const planned = this.#plan.calls.filter((call) => call.name === name);
    const onlyReads = annotations?.["readOnlyHint"] === true;
    if (planned.length === 0 && !onlyReads && !this.#plan.all) {
      return this.#skip({ kind: "tool", name }, "it may change things; --all calls it");
    }
    const calls = planned.length > 0 ? planned.map((call) => call.arguments) : [sampleObject(inputSchema)];
    for (const args of calls) {
      // Only who wants reports is sent any, and they are what keeps a long call from being given up as silent.
      const options = { signal: this.#plan.signal, onProgress: () => {} };
      const call = async () => judge(await this.#connection.callTool(name, { ...args }, options));
      await this.#try({ kind: "tool", name }, call);
    }
  }

  async #exercisePrompt(prompt: PromptDescription): Promise<void> {
    const required = prompt.arguments.filter((argument) => argument.required === true);
    const args = Object.fromEntries(required.map(({ name }) => [name, "text"]));
    const get = async () => {
      const { messages } = await this.#connection.getPrompt(prompt.name, args, { signal: this.#plan.signal });
      return count(messages, "message");
    };
    await this.#try({ kind: "prompt", name: prompt.name }, get);
  }

  #skip(what: Named, detail: string): void {
    this.#add({ ...what, outcome: "skipped", detail });
  }

  async #try(what: Named, attempt: () => Promise<Result>): Promise<void> {
    this.#plan.onStart?.(what);
    try {
      this.#add({ ...what, ...(await attempt()) });
    } catch (error) {
      if (!(error instanceof AppError) || fatal.has(error.code) || error.exitCode === 3) throw error;
      // That a server does not know a tool that it lists is its fault, not one of usage.
      const code = error.code === "unknown_tool" ? "protocol_error" : error.code;
      this.#add({ ...what, outcome: "failed", detail: error.message, code });
    }
  }

  #add(step: Exercised): void {
    this.steps.push(step);
    this.#plan.onStep(step);
  }
}

function count(found: readonly unknown[], noun: string): Result {
  return { outcome: "ok", detail: `${found.length} ${noun}${found.length === 1 ? "" : "s"}` };
}

/** A tool that reports an error did answer; its first text says why. */
function judge({ content, isError }: CallResult): Result {
  if (!isError) return count(content, "content");
  const text = content.find(({ type }) => type === "text")?.["text"];
  return {
    outcome: "tool_error",
    detail: typeof text === "string" ? text.slice(0, 200) : toSafeJson(content),
  };
}
