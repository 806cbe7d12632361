import { resolve } from "node:path";
import { Readable } from "node:stream";
import { type Abortable, sleep, unlessAborted } from "../../lib/base/abort.ts";
import { AppError } from "../../lib/base/errors.ts";
import { readCapped } from "../../lib/base/read-capped.ts";
import { quote } from "../../lib/base/text.ts";
import type { Io } from "../../lib/config/run-program.ts";

/** More fits no model. */
const maxPromptBytes = 1024 * 1024;
/** Whoever starts us with an open standard input that never ends is told after this time. */
const noticeAfterMs = 3000;

const tooLong = (what: string) =>
  new AppError("usage", `${what} is longer than 1 MiB.`, { hint: "Give the model a shorter text." });

function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trimEnd();
  } catch {
    throw new AppError("usage", `${what} is no UTF-8 text.`);
  }
}

/** Reads to the end, or until it is too much, or the signal. */
async function readAll(
  body: ReadableStream<Uint8Array>,
  what: string,
  { signal = new AbortController().signal }: Abortable,
): Promise<string> {
  const bytes = await unlessAborted(readCapped(body, { maxBytes: maxPromptBytes, signal }), signal);
  if (!bytes) throw tooLong(what);
  return decode(bytes, what);
}

/** Bun's own stream does not wait in `open`, nor keep the program from ending: it may be a pipe without a writer. */
async function readPromptFile(path: string, folder: string, { signal }: Abortable): Promise<string> {
  const what = `The file ${quote(path, 200)}`;
  try {
    return await readAll(Bun.file(resolve(folder, path)).stream(), what, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AppError) throw error;
    throw new AppError("usage", `${what} cannot be read.`, {
      hint: 'A prompt that begins with "@" names a file with the prompt.',
      cause: error,
    });
  }
}

async function readInput({ stdin, stderr }: Io, { signal = new AbortController().signal }: Abortable) {
  const ended = new AbortController();
  const notice = sleep(noticeAfterMs, { signal: AbortSignal.any([signal, ended.signal]) }).then(
    () => stderr.write("Waiting for the end of standard input; give it </dev/null to do without.\n"),
    () => undefined,
  );
  try {
    const body = Readable.toWeb(stdin) as unknown as ReadableStream<Uint8Array>;
    return await readAll(body, "Standard input", { signal });
  } finally {
    ended.abort();
    await notice;
  }
}

/**
 * The prompt of `-p`: the text itself, the file behind `@`, or `-` for standard input. What is piped in besides
 * a text or a file stands below it.
 *
 * @throws `usage` for a file that cannot be read, for more than 1 MiB, and where nothing is left to ask
 */
export async function readPrompt(given: string, io: Io, options: Abortable): Promise<string> {
  const file = given.startsWith("@") ? await readPromptFile(given.slice(1), io.folder, options) : undefined;
  const text = given === "-" ? "" : (file ?? given);
  const piped = io.stdin.isTTY === true ? "" : await readInput(io, options);
  const prompt = [text, piped].filter((part) => part.trim() !== "").join("\n\n");
  if (prompt !== "") return prompt;
  throw new AppError("usage", "The prompt is empty.", { hint: "Give a text to -p, or pipe one in." });
}
