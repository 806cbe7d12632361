import { fstatSync, writeSync } from "node:fs";
import { AppError } from "../base/errors.ts";

/*
 * Output that cannot be written. Whoever reads our output may stop reading (`| head -1`): then the program goes
 * on to its end in silence. Any other failure, as of a full disk, loses a result and is an error.
 */

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

function createOutputError(error: unknown): AppError {
  return new AppError("output_failed", `Standard output cannot be written (${codeOf(error)}).`, {
    hint: "The result is lost or cut off. Is the disk full?",
    cause: error,
  });
}

function onStdoutError(error: unknown): void {
  if (codeOf(error) === "EPIPE") return;
  const { message, hint, exitCode } = createOutputError(error);
  process.stderr.write(`${message}\n  ${hint}\n`);
  // It comes after the write, and maybe after the command: so it is settled at the very end.
  process.once("exit", () => {
    process.exitCode ||= exitCode;
  });
}

function ignore(): void {}

function guard(stream: NodeJS.WriteStream, onError: (error: unknown) => void): NodeJS.WriteStream {
  return stream.listeners("error").includes(onError) ? stream : stream.on("error", onError);
}

/** Standard output, for results. A reader who went away is ignored; a full disk makes the exit code 1. */
export function openStdout(): NodeJS.WriteStream {
  return guard(process.stdout, onStdoutError);
}

/** Standard error, which may fail without harm: there is nowhere left to say so. */
export function openStderr(): NodeJS.WriteStream {
  return guard(process.stderr, ignore);
}

/** A pipe takes this much without a reader, on every system (POSIX asks for less, Linux and macOS give it). */
const maxShortBytes = 16 * 1024;

/** Whether standard output may be a terminal. A terminal is a character device, and asking costs next to nothing. */
export function mayBeTerminal(): boolean {
  try {
    return fstatSync(1).isCharacterDevice();
  } catch {
    return false;
  }
}

/**
 * Writes a result. A short one goes out without opening standard output as a stream, which would cost 8 ms; a long one
 * might block the program for as long as its reader likes, with Ctrl-C unheard, so that one goes through the stream.
 *
 * @throws `output_failed`
 */
export function printText(text: string): void {
  const bytes = Buffer.from(text);
  if (bytes.length > maxShortBytes) return void openStdout().write(bytes);
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(1, bytes, written);
  } catch (error) {
    // A pipe that somebody else made non-blocking is full.
    if (codeOf(error) === "EAGAIN") return void openStdout().write(bytes.subarray(written));
    if (codeOf(error) !== "EPIPE") throw createOutputError(error);
  }
}
