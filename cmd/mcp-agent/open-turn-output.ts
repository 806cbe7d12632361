import { createEventLines, createTurnObjects, type TurnOutput } from "../../lib/agent/output/event-lines.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { createTurnView, type TurnView } from "../../lib/terminal/turn-view.ts";
import type { Person } from "./person.ts";
import type { SessionRecorder } from "./session-recorder.ts";

/** What turns are shown with. */
interface OutputParts {
  readonly recorder: SessionRecorder;
  readonly person: Person | undefined;
  /** What the server calls itself. */
  readonly server: string | undefined;
  readonly modelName: () => string;
}

function openView({ io, values }: Context<AgentOptions>, { person, server }: OutputParts): TurnView {
  const style = styleOf(io, io.stderr);
  const mode = values.progress === "auto" && !style.isLive ? "plain" : values.progress;
  const screen = person?.terminal.screen;
  const look = { screen, mode, color: style.hasColor, server };
  return createTurnView({ stdout: io.stdout, stderr: io.stderr, ...look });
}

/** For people: the answer on standard output, the calls on standard error. */
function createPeopleOutput(context: Context<AgentOptions>, parts: OutputParts): TurnOutput {
  let view: TurnView | undefined;
  return {
    start: () => void (view = openView(context, parts)),
    handle: (event) => view?.handle(event),
    end: () => view?.close(),
  };
}

/**
 * What shows the turns, as `--output` says.
 *
 * @throws `usage` for JSON where a person types
 */
export function openTurnOutput(context: Context<AgentOptions>, parts: OutputParts): TurnOutput {
  const { io, values } = context;
  const { recorder, modelName } = parts;
  if (values.output === "text") return createPeopleOutput(context, parts);
  if (values.prompt === undefined && io.stdin.isTTY === true) {
    throw new AppError("usage", `--output ${values.output} is for -p and for prompts from a pipe.`);
  }
  // Another session may go on in the middle, and another model.
  const describeSession = () => ({ sessionId: recorder.id, server: values.url, model: modelName() });
  const create = values.output === "json" ? createTurnObjects : createEventLines;
  return create(describeSession, (text) => io.stdout.write(text));
}
