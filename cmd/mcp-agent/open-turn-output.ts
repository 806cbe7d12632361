import { createEventLines, createTurnObjects, type TurnOutput } from "../../lib/agent/output/event-lines.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { createTurnView, type TurnView } from "../../lib/terminal/turn-view.ts";
import type { SessionRecorder } from "./session-recorder.ts";

function openView({ io, values }: Context<AgentOptions>): TurnView {
  const style = styleOf(io, io.stderr);
  const mode = values.progress === "auto" && !style.isLive ? "plain" : values.progress;
  return createTurnView({ stdout: io.stdout, stderr: io.stderr, mode, color: style.hasColor });
}

/** For people: the answer on standard output, the calls on standard error. */
function createPeopleOutput(context: Context<AgentOptions>): TurnOutput {
  let view: TurnView | undefined;
  return {
    start: () => void (view = openView(context)),
    handle: (event) => view?.handle(event),
    end: () => view?.close(),
  };
}

/**
 * What shows the turns, as `--output` says.
 *
 * @throws `usage` for JSON where a person types
 */
export function openTurnOutput(
  context: Context<AgentOptions>,
  { id: sessionId }: Pick<SessionRecorder, "id">,
): TurnOutput {
  const { io, values } = context;
  if (values.output === "text") return createPeopleOutput(context);
  if (values.prompt === undefined && io.stdin.isTTY === true) {
    throw new AppError("usage", `--output ${values.output} is for -p and for prompts from a pipe.`);
  }
  const session = { sessionId, server: values.url, model: values.model ?? "" };
  const create = values.output === "json" ? createTurnObjects : createEventLines;
  return create(session, (text) => io.stdout.write(text));
}
