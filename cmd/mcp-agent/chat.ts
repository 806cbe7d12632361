import { type Conversation, startConversation } from "../../lib/agent/conversation.ts";
import { openModel } from "../../lib/agent/open-model.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { AgentEvent } from "../../lib/base/events.ts";
import { createLog } from "../../lib/base/log.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { describeConnection } from "../../lib/terminal/describe-server.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { chooseModel } from "./choose-model.ts";
import { createModelSignIn, type ModelSignIn } from "./model-sign-in.ts";
import { openSession, type Session } from "./open-session.ts";
import { openTurnOutput } from "./open-turn-output.ts";
import { readPrompt } from "./prompt-source.ts";
import { runRepl, type TakeTurn } from "./repl.ts";
import { openRecorder, type SessionRecorder } from "./session-recorder.ts";

interface Parts {
  readonly session: Session;
  readonly model: ReturnType<typeof openModel>;
  readonly recorder: SessionRecorder;
  /** Present with `--model-auth entra`. */
  readonly modelSignIn: ModelSignIn | undefined;
  readonly signal: AbortSignal;
}

/** @throws `step_limit`, `interrupted`, and what a turn throws */
async function createTurns(
  context: Context<AgentOptions>,
  { session, model, modelSignIn, recorder, signal: starting }: Parts,
): Promise<TakeTurn> {
  let emit: (event: AgentEvent) => void = () => {};
  const conversation: Conversation = await startConversation({
    model,
    connection: session.connection,
    emit: (event) => emit(event),
    log: createLog(context.values.logLevel),
    history: recorder.history,
    onMessages: (messages) => recorder.add(messages),
    maxSteps: context.values.maxSteps,
    maxTools: context.values.maxTools,
    signal: starting,
  });
  const output = openTurnOutput(context, recorder);
  return async (prompt, { signal }) => {
    await session.ensureSignedIn({ signal });
    await modelSignIn?.ensureSignedIn(session.plan, { signal });
    emit = (event) => output.handle(event);
    output.start(prompt);
    try {
      const { outcome } = await conversation.runTurn(prompt, { signal });
      if (outcome === "interrupted") throw new AppError("interrupted", "Interrupted.");
      if (outcome === "step_limit") {
        throw new AppError("step_limit", "The model used all the steps of a turn; say how to go on.");
      }
      output.end();
    } catch (thrown) {
      output.end(thrown);
      throw thrown;
    }
  };
}

function announce({ io, values }: Context<AgentOptions>, { connection }: Session): void {
  io.stderr.write(`${describeConnection(connection, values.url)}\n`);
  if (values.model !== "scripted") return;
  io.stderr.write('The model "scripted" is a small script for demos, not a model.\n');
}

function openRecord({ io, values }: Context<AgentOptions>): SessionRecorder {
  const place = { server: values.url, model: values.model ?? "" };
  const log = createLog(values.logLevel);
  const recorder = openRecorder(values, place, { environment: io.environment, log });
  const turns = recorder.history.filter(({ role }) => role === "user").length;
  if (turns > 0) {
    io.stderr.write(`Session ${recorder.id} goes on after ${turns} turn${turns === 1 ? "" : "s"}.\n`);
  }
  return recorder;
}

/** `mcp-agent`: a REPL, or one turn with `-p`. */
export async function run(context: Context<AgentOptions>): Promise<void> {
  const { values, io } = context;
  const signal = watchInterrupt();
  const prompt = values.prompt === undefined ? undefined : await readPrompt(values.prompt, io, { signal });
  const isSignedIn = values.modelAuth === "entra" && values.model !== "scripted";
  const modelSignIn = isSignedIn ? createModelSignIn(context) : undefined;
  const model = openModel({ ...(await chooseModel(context, { signal })), tokens: modelSignIn?.tokens });
  const recorder = openRecord(context);
  const session = await openSession(context, { signal });
  try {
    announce(context, session);
    const takeTurn = await createTurns(context, { session, model, modelSignIn, recorder, signal });
    if (prompt === undefined) await runRepl({ context, connection: session.connection, takeTurn, signal });
    else await takeTurn(prompt, { signal });
  } finally {
    await session.connection.close();
  }
}
