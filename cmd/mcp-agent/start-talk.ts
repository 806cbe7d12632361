import { ApprovalPolicy, checkPatterns } from "../../lib/agent/approval-policy.ts";
import { type Approve, type Conversation, startConversation } from "../../lib/agent/conversation.ts";
import type { openModel } from "../../lib/agent/open-model.ts";
import { AppError } from "../../lib/base/errors.ts";
import { createLog } from "../../lib/base/log.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { createStyle } from "../../lib/terminal/style.ts";
import { createTurnView, type TurnView } from "../../lib/terminal/turn-view.ts";
import { createApprover } from "./approve-calls.ts";
import type { ModelSignIn } from "./model-sign-in.ts";
import type { Session } from "./open-session.ts";
import type { Person } from "./person.ts";
import { createRememberedApprovals } from "./remembered-approvals.ts";
import { openOffers } from "./server-offers.ts";
import type { TakeTurn, Talk } from "./talk.ts";

function openView({ io, values }: Context<AgentOptions>, person: Person | undefined): TurnView {
  const style = styleOf(io, io.stderr);
  const mode = values.progress === "auto" && !style.isLive ? "plain" : values.progress;
  const screen = person?.terminal.screen;
  return createTurnView({ stdout: io.stdout, stderr: io.stderr, screen, mode, color: style.hasColor });
}

/** What a talk is made of. */
export interface TalkParts {
  readonly session: Session;
  readonly person: Person | undefined;
  readonly model: ReturnType<typeof openModel>;
  /** Present with `--model-auth entra`. */
  readonly modelSignIn: ModelSignIn | undefined;
  /** Ends the attempt to start. */
  readonly signal: AbortSignal;
}

/** @throws `usage` for a pattern that stands for no tool */
async function createApprovals(
  { io, values, origins }: Context<AgentOptions>,
  { session, person, signal }: TalkParts,
): Promise<Approve> {
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
  { session, person, modelSignIn }: TalkParts,
  { conversation, show }: { conversation: Conversation; show: (view: TurnView) => void },
): TakeTurn {
  return async (prompt, { signal }) => {
    await session.ensureSignedIn({ signal });
    await modelSignIn?.ensureSignedIn(session.plan, { signal });
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

/**
 * Starts the conversation, with the view of its turns and the approvals of its calls.
 *
 * @throws the codes of `listTools`; `usage` for a pattern that stands for no tool
 */
export async function startTalk(context: Context<AgentOptions>, parts: TalkParts): Promise<Talk> {
  const { session, person, model, signal } = parts;
  const { io } = context;
  let view: TurnView | undefined;
  const conversation = await startConversation({
    model,
    connection: session.connection,
    emit: (event) => view?.handle(event),
    log: createLog(context.values.logLevel),
    maxSteps: context.values.maxSteps,
    maxTools: context.values.maxTools,
    approve: await createApprovals(context, parts),
    signal,
  });
  const show = (next: TurnView) => (view = next);
  return {
    context,
    session,
    conversation,
    modelSignIn: parts.modelSignIn,
    person,
    offers: openOffers(session.connection),
    takeTurn: createTurns(context, parts, { conversation, show }),
    say: (text) => (person ? person.terminal.screen.print(text) : void io.stderr.write(`${text}\n`)),
  };
}
