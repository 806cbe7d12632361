import { AppError } from "../../lib/base/errors.ts";
import { quote, toSafeJson } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { describeConnection } from "../../lib/terminal/describe-server.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import type { ElicitedForm, FullConnection, ServerAnswers } from "../../lib/transport/client/connect.ts";
import { readFileText } from "./argument-sources.ts";
import { createExerciseProgress } from "./exercise-progress.ts";
import { findFailure, renderExercise } from "./exercise-report.ts";
import { Exercise, type PlannedCall } from "./exercise-steps.ts";
import { nameServer } from "./choose-server.ts";
import { NoticeBoard } from "./notice-board.ts";
import { withConnection } from "./open-connection.ts";
import { sampleObject } from "./sample-value.ts";

type FormContent = ReturnType<ServerAnswers["elicit"]>;

/** Forms are flat: what else a hostile schema leads to is left out, and refused by the SDK if it was required. */
function fillIn({ requestedSchema }: ElicitedForm): FormContent {
  const members = Object.entries(sampleObject(requestedSchema)).filter(
    (member): member is [string, string | number | boolean | string[]] =>
      ["string", "number", "boolean"].includes(typeof member[1]) || Array.isArray(member[1]),
  );
  return Object.fromEntries(members);
}

const answers: ServerAnswers = {
  elicit: fillIn,
  sample: () => "This is a fixed text; mcp-client exercise has no model.",
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseCall(value: unknown): PlannedCall | undefined {
  if (!isRecord(value) || typeof value["name"] !== "string") return undefined;
  const args = value["arguments"] ?? {};
  return isRecord(args) ? { name: value["name"], arguments: args } : undefined;
}

async function readCalls(path: string, folder: string): Promise<readonly PlannedCall[]> {
  const refuse = (problem: string, cause?: unknown) => {
    return new AppError("usage", `The file ${quote(path, 200)} ${problem}.`, {
      hint: 'It holds a list of calls: [{"name": "TOOL", "arguments": {"key": "value"}}].',
      cause,
    });
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFileText(path, folder, ""));
  } catch (cause) {
    throw refuse("cannot be read as JSON", cause);
  }
  const calls = Array.isArray(parsed) ? parsed.map(parseCall) : [undefined];
  if (calls.includes(undefined)) throw refuse("is not a list of calls");
  return calls.filter((call) => call !== undefined);
}

interface Work {
  readonly calls: readonly PlannedCall[];
  readonly signal: AbortSignal;
  /** Where lines of the server's log go meanwhile. */
  readonly notices: NoticeBoard;
}

async function exercise(
  context: Context<ClientOptions>,
  connection: FullConnection,
  { calls, signal, notices }: Work,
): Promise<void> {
  const { io, values } = context;
  if (!values.json) io.stderr.write(`${describeConnection(connection, nameServer(context))}\n`);
  const progress = createExerciseProgress(context);
  const walk = new Exercise(connection, { all: values.all, calls, signal, ...progress });
  notices.attach(progress);
  try {
    await walk.run();
  } catch (error) {
    progress.abandon();
    throw error;
  } finally {
    notices.detach();
    progress.close();
  }
  const { serverName: name, serverVersion: version, protocolVersion, capabilities } = connection;
  const report = { server: { name, version }, protocolVersion, capabilities, steps: walk.steps };
  io.stdout.write(values.json ? `${toSafeJson(report)}\n` : renderExercise(report));
  const failure = findFailure(report);
  if (failure) throw failure;
}

/** `mcp-client exercise` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const file = context.values.calls;
  const calls = file === undefined ? [] : await readCalls(file, context.io.folder);
  const notices = new NoticeBoard(context.io.stderr);
  await withConnection(context, { mayPrompt: true, signal, answers, notices }, (connection) =>
    exercise(context, connection, { calls, signal, notices }),
  );
}
