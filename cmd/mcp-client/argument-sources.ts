import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type Abortable, unlessAborted } from "../../lib/base/abort.ts";
import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";
import type { Io } from "../../lib/config/run-program.ts";
import { parseJson } from "./parse-json.ts";
import { isRecord } from "./schema-reference.ts";

/** More than any server takes. */
const maxBytes = 64 * 1024 * 1024;

/** A `key=value` word, with the file behind `@` read. */
export interface ArgumentWord {
  readonly key: string;
  readonly text: string;
  /** It was written `key:=JSON`. */
  readonly isJson: boolean;
}

/** Everything that arguments were given by. */
export interface GivenArguments {
  /** From `--args-file`, standard input and `--args`; of the same name the later one counts. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly words: readonly ArgumentWord[];
}

/** Where arguments are read from. */
export interface ArgumentSources {
  readonly words: readonly string[];
  readonly args: string | undefined;
  readonly argsFile: string | undefined;
  readonly io: Pick<Io, "folder" | "stdin">;
}

function refuse(problem: string, hint?: string): AppError {
  return new AppError("invalid_arguments", problem, hint === undefined ? {} : { hint });
}

/** Text is sent, and what is no text would arrive as something else. A byte order mark is no part of it. */
function decodeText(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const hint = 'Binary data goes where the tool takes base64: key="$(base64 -w0 FILE)"';
    throw refuse(`${source} is no text in UTF-8.`, hint);
  }
}

/** What the shell makes of `<(command)`: its other end is open, so that opening it does not wait. */
const shellPipe = /^\/(?:dev|proc\/self)\/fd\/\d+$/;

/** A named pipe would let us wait without hearing Ctrl-C, and a device may have no end. */
async function isReadable(path: string): Promise<boolean> {
  return shellPipe.test(path) || (await stat(path)).isFile();
}

/**
 * Reads a file that a person named.
 *
 * @throws `invalid_arguments` for what cannot be read, is no regular file, or is larger than 64 MiB
 */
export async function readFileText(path: string, folder: string, hint: string): Promise<string> {
  try {
    if (!(await isReadable(resolve(folder, path)))) {
      throw refuse(`The file ${quote(path, 200)} is no regular file.`, hint);
    }
    const handle = await open(resolve(folder, path), "r");
    try {
      const stats = await handle.stat();
      if (stats.size > maxBytes) throw refuse(`The file ${quote(path, 200)} is too large.`);
      return decodeText(await handle.readFile(), `The file ${quote(path, 200)}`);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("invalid_arguments", `The file ${quote(path, 200)} cannot be read.`, {
      hint,
      cause: error,
    });
  }
}

async function readAll(stdin: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) throw refuse("Standard input is too large.");
    chunks.push(bytes);
  }
  return decodeText(Buffer.concat(chunks), "Standard input");
}

async function readStdin(stdin: NodeJS.ReadStream, { signal }: Abortable): Promise<string> {
  try {
    return await (signal ? unlessAborted(readAll(stdin), signal) : readAll(stdin));
  } finally {
    // Else an interrupted program would wait on for it.
    stdin.destroy();
  }
}

function parseObject(text: string, source: string): Readonly<Record<string, unknown>> {
  const parsed = parseJson(text)?.value;
  if (isRecord(parsed)) return parsed;
  throw refuse(`${source} takes a JSON object like {"key": "value"}.`);
}

async function readArgsFile(path: string, folder: string): Promise<Readonly<Record<string, unknown>>> {
  return parseObject(await readFileText(path, folder, "Check its name."), `--args-file ${quote(path, 200)}`);
}

async function readWord(word: string, folder: string): Promise<ArgumentWord> {
  const at = word.indexOf("=");
  if (at < 1) {
    throw refuse(`An argument is written key=value, key:=JSON or key=@FILE, not ${quote(word)}.`);
  }
  const isJson = word[at - 1] === ":" && at > 1;
  const key = word.slice(0, isJson ? at - 1 : at);
  const text = word.slice(at + 1);
  if (!text.startsWith("@")) return { key, text, isJson };
  const hint = `If the argument itself begins with @, write ${key}:='"@..."'.`;
  return { key, text: await readFileText(text.slice(1), folder, hint), isJson };
}

function checkRepeated(words: readonly ArgumentWord[]): void {
  const keys = words.map(({ key }) => key);
  const repeated = keys.find((key, index) => keys.indexOf(key) < index);
  if (repeated === undefined) return;
  throw refuse(
    `The argument ${quote(repeated)} is given twice.`,
    'A list is one JSON value: key:=\'["a","b"]\'.',
  );
}

/**
 * Reads all that arguments are given by: `--args-file`, then standard input where one word is `-`, then `--args`,
 * then the words. Nothing is interpreted by a schema here.
 *
 * @throws `invalid_arguments`, `interrupted`
 */
export async function readArguments(sources: ArgumentSources, options: Abortable): Promise<GivenArguments> {
  const { words, args, argsFile, io } = sources;
  const dashes = [...words, argsFile].filter((word) => word === "-").length;
  if (dashes > 1) throw refuse('Standard input ("-") is given twice.');
  const fromFile = argsFile === undefined || argsFile === "-" ? {} : await readArgsFile(argsFile, io.folder);
  const fromStdin = dashes === 0 ? {} : parseObject(await readStdin(io.stdin, options), "Standard input");
  const fromFlag = args === undefined ? {} : parseObject(args, "--args");
  const named = words.filter((word) => word !== "-");
  const read = await Promise.all(named.map((word) => readWord(word, io.folder)));
  checkRepeated(read);
  return { members: { ...fromFile, ...fromStdin, ...fromFlag }, words: read };
}
