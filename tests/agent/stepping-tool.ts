import { z } from "zod";
import { AppError } from "../../lib/base/errors.ts";
import { defineTool } from "../../lib/tools/tool.ts";

function gates() {
  const opened = new Map<string, PromiseWithResolvers<void>>();
  return (name: string) => {
    const gate = opened.get(name) ?? Promise.withResolvers<void>();
    opened.set(name, gate);
    return gate;
  };
}

/** `step_tool`: reports 1, 2, ... each time the test lets one of its calls go on; a call is known by its `name`. */
export function createSteppingTool() {
  const started = gates();
  const ended = gates();
  const aborted = gates();
  const steps = gates();
  const received: unknown[] = [];
  const tool = defineTool({
    name: "step_tool",
    title: "Step",
    description: "Goes on when it is told to.",
    input: z.looseObject({ name: z.string(), steps: z.int() }),
    output: z.strictObject({ finished: z.string() }),
    async run(args, { signal, reportProgress }) {
      received.push(args);
      const abort = aborted(args.name);
      signal.addEventListener("abort", () => abort.resolve(), { once: true });
      started(args.name).resolve();
      for (let step = 1; step <= args.steps; step++) {
        await Promise.race([steps(`${args.name} ${step}`).promise, abort.promise]);
        signal.throwIfAborted();
        reportProgress({ progress: step, total: args.steps, message: `${args.name} at ${step}` });
      }
      await Promise.race([ended(args.name).promise, abort.promise]);
      return { finished: args.name };
    },
  });
  return {
    tool,
    received,
    started: (name: string) => started(name).promise,
    aborted: (name: string) => aborted(name).promise,
    step: (name: string, step: number) => steps(`${name} ${step}`).resolve(),
    end: (name: string) => ended(name).resolve(),
  };
}

/** `echo_tool`: gives back what it gets. */
export const echoTool = defineTool({
  name: "echo_tool",
  title: "Echo",
  description: "Gives back what it gets.",
  input: z.looseObject({}),
  output: z.looseObject({}),
  run: (args) => args,
});

/** `failing_tool`: fails with a message for the caller. */
export const failingTool = defineTool({
  name: "failing_tool",
  title: "Fail",
  description: "Fails.",
  input: z.looseObject({}),
  output: z.looseObject({}),
  run() {
    throw new AppError("tool_failed", "The printer is out of paper.");
  },
});
