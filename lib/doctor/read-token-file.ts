import { Readable } from "node:stream";
import { type Abortable, unlessAborted } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import { readCapped } from "../base/read-capped.ts";
import { quote } from "../base/text.ts";
import { readPrivateFile, readRegularFile } from "../auth/client/private-file.ts";
import type { CheckReport } from "./check.ts";

const maxBytes = 64 * 1024;

/** A token, and what is wrong with where it came from. */
export interface FoundToken {
  readonly text: string;
  /** Completes the sentence "The file …". */
  readonly fault?: string;
}

export interface TokenFileOptions extends Abortable {
  /** `-` is standard input. */
  readonly path: string;
  readonly stdin: NodeJS.ReadStream;
  /** What the person wrote before the path, for messages. */
  readonly name: string;
}

/** A path that is rather the token itself: every user of the machine can read a command line. */
const looksLikeToken = /^\s*(bearer\s|eyJ[\w-]{8,}\.)/i;

function refuse(name: string, problem: string): AppError {
  return new AppError("invalid_config", `${name}: ${problem}.`, {
    hint: "It takes a file that holds one access token, or - for standard input.",
  });
}

async function readStdin({ stdin, name, signal }: TokenFileOptions): Promise<FoundToken> {
  const work = readCapped(Readable.toWeb(stdin) as unknown as ReadableStream<Uint8Array>, {
    maxBytes,
    signal,
  });
  const bytes = await (signal ? unlessAborted(work, signal) : work);
  if (!bytes) throw refuse(name, "standard input is too large");
  return { text: bytes.toString("utf8") };
}

async function readFile({ path, name }: TokenFileOptions): Promise<FoundToken> {
  const unusable = (cause: unknown) => {
    throw cause instanceof AppError
      ? refuse(name, `${quote(path, 200)} cannot be read, or is no regular file`)
      : cause;
  };
  const file = await readPrivateFile(path, maxBytes).catch(unusable);
  if (file.kind === "absent") throw refuse(name, `${quote(path, 200)} does not exist`);
  if (file.kind === "read") return { text: file.text };
  const text = await readRegularFile(path, maxBytes).catch(unusable);
  return { text: text ?? "", fault: `the file ${file.fault}` };
}

/**
 * Reads a token that somebody wants to have explained.
 *
 * @throws `invalid_config`; `usage` for a token in the place of a file, which is not shown
 */
export async function readTokenFile(options: TokenFileOptions): Promise<FoundToken> {
  if (looksLikeToken.test(options.path)) {
    throw new AppError(
      "usage",
      `${options.name} takes a file, never a token: others can read a command line.`,
      {
        hint: "Put it into a file, or pipe it to standard input. Sign out where others use this machine, too.",
      },
    );
  }
  return options.path === "-" ? readStdin(options) : readFile(options);
}

/** The row about a file that others can read. */
export function reportFile(fault: string): CheckReport {
  return {
    id: "file",
    title: "File",
    status: "warning",
    found: fault,
    remedy: "Whoever reads a token holds its rights: chmod 600, and sign out where it was open for long.",
  };
}
