import { ApprovalPolicy, checkPatterns } from "../../lib/agent/approval-policy.ts";
import { type Approve, type Conversation, startConversation } from "../../lib/agent/conversation.ts";
import type { openModel } from "../../lib/agent/open-model.ts";
import type { TurnOutput } from "../../lib/agent/output/event-lines.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { Log } from "../../lib/base/log.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { createStyle } from "../../lib/terminal/style.ts";
import { createApprover } from "./approve-calls.ts";
import type { ModelSignIn } from "./model-sign-in.ts";
import type { Session } from "./open-session.ts";
import { createSay, type Person } from "./person.ts";
import { createRememberedApprovals } from "./remembered-approvals.ts";
import { openTurnOutput } from "./open-turn-output.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { openOffers } from "./server-offers.ts";
import type { TakeTurn, Talk } from "./talk.ts";

/** What a talk is made of. */
export interface TalkParts {
  readonly session: Session;
  readonly person: Person | undefined;
  readonly log: Log;
  readonly recorder: SessionRecorder;
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
  const columns = () => person?.terminal.columns ?? 80;
  return createApprover({
    policy,
    dialog: person?.dialog,
    style: person?.style ?? createStyle(false),
    columns,
  });
}

interface Turns {
  readonly conversation: Conversation;
  readonly output: TurnOutput;
}

function createTurns({ session, modelSignIn }: TalkParts, { conversation, output }: Turns): TakeTurn {
  return async (prompt, { signal }) => {
    await session.ensureSignedIn({ signal });
    await modelSignIn?.ensureSignedIn(session.plan, { signal });
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

/**
 * Starts the conversation, with the view of its turns and the approvals of its calls.
 *
 * @throws the codes of `listTools`; `usage` for a pattern that stands for no tool
 */
export async function startTalk(context: Context<AgentOptions>, parts: TalkParts): Promise<Talk> {
  const { session, person, log, model, recorder, signal } = parts;
  let modelName = context.values.model ?? "";
  const server = session.connection.serverName;
  const output = openTurnOutput(context, { recorder, person, server, modelName: () => modelName });
  const conversation = await startConversation({
    model,
    connection: session.connection,
    emit: (event) => output.handle(event),
    log,
    history: recorder.resumed?.messages,
    onMessages: (messages) => recorder.add(messages),
    maxSteps: context.values.maxSteps,
    maxTools: context.values.maxTools,
    approve: await createApprovals(context, parts),
    signal,
  });
  return {
    context,
    session,
    conversation,
    modelSignIn: parts.modelSignIn,
    modelName: () => modelName,
    setModel(other, name) {
      conversation.setModel(other);
      modelName = name;
    },
    person,
    recorder,
    offers: openOffers(session.connection),
    takeTurn: createTurns(parts, { conversation, output }),
    say: createSay(context, person),
  };
}
