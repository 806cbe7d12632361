import { openModel } from "../../lib/agent/open-model.ts";
import type { Log } from "../../lib/base/log.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { describeConnection } from "../../lib/terminal/describe-server.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { chooseModel } from "./choose-model.ts";
import { describeResumed } from "./describe-session.ts";
import { describeModel } from "./model-command.ts";
import { createModelSignIn } from "./model-sign-in.ts";
import { openSession, type Session } from "./open-session.ts";
import { findPerson, openLog } from "./person.ts";
import { readPrompt } from "./prompt-source.ts";
import { openRecorder, type SessionRecorder } from "./session-recorder.ts";
import { startTalk } from "./start-talk.ts";
import type { Talk } from "./talk.ts";

function announce(context: Context<AgentOptions>, { connection }: Session): void {
  const { io, values } = context;
  io.stderr.write(`${describeConnection(connection, values.url)}\n`);
  if (values.model === "scripted") {
    io.stderr.write('The model "scripted" is a small script for demos, not a model.\n');
  } else if (values.prompt === undefined) {
    io.stderr.write(`${describeModel(context)}\n`);
  }
}

function openRecord({ io, values }: Context<AgentOptions>, log: Log): SessionRecorder {
  const place = { server: values.url, model: values.model ?? "" };
  const recorder = openRecorder(values, place, { environment: io.environment, log });
  if (recorder.resumed) io.stderr.write(`${describeResumed(recorder.resumed, place)}\n`);
  return recorder;
}

/** One turn: Ctrl-C in a question interrupts it, too. */
async function runOnce({ takeTurn, person }: Talk, prompt: string, signal: AbortSignal): Promise<void> {
  if (!person) return takeTurn(prompt, { signal });
  return person.work.run((turn) => takeTurn(prompt, { signal: turn }), signal);
}

/** `mcp-agent`: a REPL, or one turn with `-p`. */
export async function run(context: Context<AgentOptions>): Promise<void> {
  const { values, io } = context;
  const person = findPerson(context);
  const signal = watchInterrupt(() => person?.terminal.takeSignal() === true);
  const prompt = values.prompt === undefined ? undefined : await readPrompt(values.prompt, io, { signal });
  const log = openLog(context, person);
  const isSignedIn = values.modelAuth === "entra" && values.model !== "scripted";
  const modelSignIn = isSignedIn ? createModelSignIn(context, { person, log }) : undefined;
  const model = openModel({ ...(await chooseModel(context, { signal })), tokens: modelSignIn?.tokens });
  const recorder = openRecord(context, log);
  const session = await openSession(context, { signal, person, log });
  try {
    announce(context, session);
    const talk = await startTalk(context, { session, person, log, model, modelSignIn, recorder, signal });
    if (prompt !== undefined) return await runOnce(talk, prompt, signal);
    // One turn does without all that a person types with.
    const { runRepl } = await import("./repl.ts");
    await runRepl(talk, signal);
  } finally {
    await session.connection.close();
    // What was said last may still wait for its frame.
    person?.terminal.release();
  }
}
