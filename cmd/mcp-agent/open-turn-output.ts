import { createEventLines, createTurnObjects, type TurnOutput } from "../../lib/agent/output/event-lines.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { createTurnView, type TurnView } from "../../lib/terminal/turn-view.ts";
import type { Person } from "./person.ts";
import type { SessionRecorder } from "./session-recorder.ts";

function openView({ io, values }: Context<AgentOptions>, person: Person | undefined): TurnView {
  const style = styleOf(io, io.stderr);
  const mode = values.progress === "auto" && !style.isLive ? "plain" : values.progress;
  const screen = person?.terminal.screen;
  return createTurnView({ stdout: io.stdout, stderr: io.stderr, screen, mode, color: style.hasColor });
}

/** For people: the answer on standard output, the calls on standard error. */
function createPeopleOutput(context: Context<AgentOptions>, person: Person | undefined): TurnOutput {
  let view: TurnView | undefined;
  return {
    start: () => void (view = openView(context, person)),
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
  { recorder, person }: { readonly recorder: SessionRecorder; readonly person: Person | undefined },
): TurnOutput {
  const { io, values } = context;
  if (values.output === "text") return createPeopleOutput(context, person);
  if (values.prompt === undefined && io.stdin.isTTY === true) {
    throw new AppError("usage", `--output ${values.output} is for -p and for prompts from a pipe.`);
  }
  // Another session may go on in the middle.
  const describeSession = () => ({ sessionId: recorder.id, server: values.url, model: values.model ?? "" });
  const create = values.output === "json" ? createTurnObjects : createEventLines;
  return create(describeSession, (text) => io.stdout.write(text));
}
