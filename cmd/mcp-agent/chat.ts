import { type Conversation, startConversation } from "../../lib/agent/conversation.ts";
import { openModel } from "../../lib/agent/open-model.ts";
import { AppError } from "../../lib/base/errors.ts";
import { createLog } from "../../lib/base/log.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { describeConnection } from "../../lib/terminal/describe-server.ts";
import { createTurnView, type TurnView } from "../../lib/terminal/turn-view.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { chooseModel } from "./choose-model.ts";
import { createModelSignIn, type ModelSignIn } from "./model-sign-in.ts";
import { openSession, type Session } from "./open-session.ts";
import { runRepl, type TakeTurn } from "./repl.ts";

function openView({ io, values }: Context<AgentOptions>): TurnView {
  const style = styleOf(io, io.stderr);
  const mode = values.progress === "auto" && !style.isLive ? "plain" : values.progress;
  return createTurnView({ stdout: io.stdout, stderr: io.stderr, mode, color: style.hasColor });
}

interface Parts {
  readonly session: Session;
  readonly model: ReturnType<typeof openModel>;
  /** Present with `--model-auth entra`. */
  readonly modelSignIn: ModelSignIn | undefined;
  readonly signal: AbortSignal;
}

/** @throws `step_limit`, `interrupted`, and what a turn throws */
async function createTurns(
  context: Context<AgentOptions>,
  { session, model, modelSignIn, signal: starting }: Parts,
): Promise<TakeTurn> {
  let view: TurnView | undefined;
  const conversation: Conversation = await startConversation({
    model,
    connection: session.connection,
    emit: (event) => view?.handle(event),
    log: createLog(context.values.logLevel),
    maxSteps: context.values.maxSteps,
    maxTools: context.values.maxTools,
    signal: starting,
  });
  return async (prompt, { signal }) => {
    await session.ensureSignedIn({ signal });
    await modelSignIn?.ensureSignedIn(session.plan, { signal });
    view = openView(context);
    try {
      const { outcome } = await conversation.runTurn(prompt, { signal });
      if (outcome === "interrupted") throw new AppError("interrupted", "Interrupted.");
      if (outcome === "step_limit") {
        throw new AppError("step_limit", "The model used all the steps of a turn; say how to go on.");
      }
    } finally {
      view.close();
    }
  };
}

function announce({ io, values }: Context<AgentOptions>, { connection }: Session): void {
  io.stderr.write(`${describeConnection(connection, values.url)}\n`);
  if (values.model !== "scripted") return;
  io.stderr.write('The model "scripted" is a small script for demos, not a model.\n');
}

/** `mcp-agent`: a REPL, or one turn with `-p`. */
export async function run(context: Context<AgentOptions>): Promise<void> {
  const { prompt } = context.values;
  const isRepl = prompt === undefined;
  const signal = watchInterrupt();
  const isSignedIn = context.values.modelAuth === "entra" && context.values.model !== "scripted";
  const modelSignIn = isSignedIn ? createModelSignIn(context) : undefined;
  const model = openModel({ ...(await chooseModel(context, { signal })), tokens: modelSignIn?.tokens });
  const session = await openSession(context, { signal });
  try {
    announce(context, session);
    const takeTurn = await createTurns(context, { session, model, modelSignIn, signal });
    if (isRepl) await runRepl({ context, connection: session.connection, takeTurn, signal });
    else await takeTurn(prompt, { signal });
  } finally {
    await session.connection.close();
  }
}
