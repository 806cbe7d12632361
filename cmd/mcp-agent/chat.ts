import { ApprovalPolicy, checkPatterns } from "../../lib/agent/approval-policy.ts";
import { type Conversation, startConversation } from "../../lib/agent/conversation.ts";
import { openModel } from "../../lib/agent/open-model.ts";
import { AppError } from "../../lib/base/errors.ts";
import { createLog } from "../../lib/base/log.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { describeConnection } from "../../lib/terminal/describe-server.ts";
import { createStyle } from "../../lib/terminal/style.ts";
import { createTurnView, type TurnView } from "../../lib/terminal/turn-view.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { createApprover } from "./approve-calls.ts";
import { chooseModel } from "./choose-model.ts";
import { openSession, type Session } from "./open-session.ts";
import { findPerson, type Person } from "./person.ts";
import { createRememberedApprovals } from "./remembered-approvals.ts";
import { runRepl } from "./repl.ts";
import { openOffers } from "./server-offers.ts";
import type { TakeTurn, Talk } from "./talk.ts";

function openView({ io, values }: Context<AgentOptions>, person: Person | undefined): TurnView {
  const style = styleOf(io, io.stderr);
  const mode = values.progress === "auto" && !style.isLive ? "plain" : values.progress;
  const screen = person?.terminal.screen;
  return createTurnView({ stdout: io.stdout, stderr: io.stderr, screen, mode, color: style.hasColor });
}

interface Parts {
  readonly session: Session;
  readonly person: Person | undefined;
  readonly model: ReturnType<typeof openModel>;
  readonly signal: AbortSignal;
}

/** @throws `usage` for a pattern that stands for no tool */
async function createApprovals(
  { io, values, origins }: Context<AgentOptions>,
  { session, person, signal }: Parts,
) {
  const { allow, deny, url } = values;
  if (allow.length + deny.length > 0) {
    checkPatterns({ allow, deny }, await session.connection.listTools({ signal }));
  }
  const policy = new ApprovalPolicy({
    allow,
    deny,
    // Nobody named a server that a file in the current folder names: what it claims counts for nothing.
    trustsHints: origins.url.kind !== "folder",
    remembered: createRememberedApprovals(io.environment, url),
  });
  const columns = () => person?.terminal.screen.columns ?? 80;
  return createApprover({
    policy,
    dialog: person?.dialog,
    style: person?.style ?? createStyle(false),
    columns,
  });
}

function createTurns(
  context: Context<AgentOptions>,
  { session, person }: Parts,
  { conversation, show }: { conversation: Conversation; show: (view: TurnView) => void },
): TakeTurn {
  return async (prompt, { signal }) => {
    await session.ensureSignedIn({ signal });
    const view = openView(context, person);
    show(view);
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

/** @throws the codes of `listTools`, `usage` */
async function startTalk(context: Context<AgentOptions>, parts: Parts): Promise<Talk> {
  const { session, person, model, signal } = parts;
  const { io } = context;
  let view: TurnView | undefined;
  const conversation = await startConversation({
    model,
    connection: session.connection,
    emit: (event) => view?.handle(event),
    log: createLog(context.values.logLevel),
    approve: await createApprovals(context, parts),
    signal,
  });
  const show = (next: TurnView) => (view = next);
  return {
    context,
    session,
    conversation,
    person,
    offers: openOffers(session.connection),
    takeTurn: createTurns(context, parts, { conversation, show }),
    say: (text) => (person ? person.terminal.screen.print(text) : void io.stderr.write(`${text}\n`)),
  };
}

function announce({ io, values }: Context<AgentOptions>, { connection }: Session): void {
  io.stderr.write(`${describeConnection(connection, values.url)}\n`);
  if (values.model !== "scripted") return;
  io.stderr.write('The model "scripted" is a small script for demos, not a model.\n');
}

/** One turn: Ctrl-C in a question interrupts it, too. */
async function runOnce({ takeTurn, person }: Talk, prompt: string, signal: AbortSignal): Promise<void> {
  if (!person) return takeTurn(prompt, { signal });
  return person.work.run((turn) => takeTurn(prompt, { signal: turn }), signal);
}

/** `mcp-agent`: a REPL, or one turn with `-p`. */
export async function run(context: Context<AgentOptions>): Promise<void> {
  const { prompt } = context.values;
  const signal = watchInterrupt();
  const model = openModel(await chooseModel(context, { signal }));
  const person = findPerson(context);
  const session = await openSession(context, { signal, person });
  try {
    announce(context, session);
    const talk = await startTalk(context, { session, person, model, signal });
    await (prompt === undefined ? runRepl(talk, signal) : runOnce(talk, prompt, signal));
  } finally {
    await session.connection.close();
  }
}
