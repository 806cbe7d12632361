import { AppError, toAppError } from "../base/errors.ts";
import { neutralise, toSafeJson } from "../base/text.ts";
import { programVersion } from "../base/version.ts";
import { readEnvFile } from "./env-file.ts";
import { type Environment, keepLoopbackOffProxies, readEnvironment } from "./environment.ts";
import { mayBeTerminal, openStderr, openStdout, printText } from "./guard-output.ts";
import { renderHelp } from "./help.ts";
import type { Resolved, Schema } from "./option.ts";
import { beforeEnd, checkInvocation, parseArgv } from "./parse-argv.ts";
import type { Program } from "./program.ts";
import { resolveSettings } from "./resolve.ts";
import type { ChosenServer } from "./server-entry.ts";

/** What the outside of a process gives a command. */
export interface Io {
  readonly argv: readonly string[];
  readonly environment: Environment;
  /** The current folder. */
  readonly folder: string;
  /** Results only. */
  readonly stdout: NodeJS.WriteStream;
  /** Everything else. */
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** Prints a result on standard output; a short one without opening it as a stream, which would cost 8 ms. */
  readonly print: (text: string) => void;
  /** Whether `stdout` may be a terminal; asked without opening it. */
  readonly mayBeTerminal: () => boolean;
}

/** What a command works with. */
export interface Context<S extends Schema> extends Resolved<S> {
  readonly command: string;
  readonly positionals: readonly string[];
  /** The words behind `--`: a command that is a server. Present only for commands that take one. */
  readonly serverCommand: readonly string[] | undefined;
  /** The server that was chosen in place of `--url`; filled in by the programs that let one choose. */
  readonly chosen?: ChosenServer | undefined;
  readonly io: Io;
}

/** A command's module in `cmd/`: does its work and returns the exit code, 0 when it returns nothing. */
export interface CommandModule<S extends Schema> {
  run(context: Context<S>): Promise<number | void>;
}

/** Loads a command's module when it is needed; heavy packages stay unread until then. */
export type Loader<S extends Schema> = () => Promise<CommandModule<S>>;

/** This process. Without a reader of its results it ends; without one of its messages it goes on. */
export function processIo(): Io {
  return {
    argv: process.argv.slice(2),
    environment: readEnvironment(),
    folder: process.cwd(),
    get stdout() {
      return openStdout();
    },
    get stderr() {
      return openStderr();
    },
    get stdin() {
      return process.stdin;
    },
    print: printText,
    mayBeTerminal,
  };
}

/** On a terminal long sentences break between words; elsewhere each stays on its line. */
function wrapForTerminal(text: string, { isTTY, columns }: NodeJS.WriteStream, indent: number): string {
  return isTTY === true ? Bun.wrapAnsi(text, Math.max(24, (columns || 80) - indent), { trim: true }) : text;
}

/** One sentence for people, or one JSON line where `--json` was given (DESIGN 7). */
function reportError(program: Program, error: AppError, io: Io): void {
  // The settings may be what is wrong, so it is looked for by hand.
  if (beforeEnd(io.argv).some((word) => /^--json(=(1|true|yes|on))?$/i.test(word))) {
    const { code, message, hint, retryAfterSeconds } = error;
    io.stderr.write(`${toSafeJson({ error: { code, message, hint, retryAfterSeconds } })}\n`);
    return;
  }
  io.stderr.write(`${wrapForTerminal(`${program.name}: ${neutralise(error.message)}`, io.stderr, 0)}\n`);
  if (error.hint !== undefined) {
    const hint = wrapForTerminal(neutralise(error.hint), io.stderr, 2).replaceAll("\n", "\n  ");
    io.stderr.write(`  ${hint}\n`);
  }
  if (error.code === "unexpected" && error.detail !== undefined) {
    io.stderr.write(`  ${neutralise(error.detail)}\n`);
  }
}

function columnsOf(stream: NodeJS.WriteStream): number {
  return Math.min(stream.columns || 80, 120);
}

async function dispatch<S extends Schema>(
  program: Program<S>,
  loaders: Readonly<Record<string, Loader<S>>>,
  io: Io,
): Promise<number> {
  const invocation = parseArgv(program, io.argv);
  if (invocation.wantsVersion) {
    io.print(`${program.name} ${programVersion}\n`);
    return 0;
  }
  if (invocation.wantsHelp) {
    io.stdout.write(renderHelp(program, invocation.command, columnsOf(io.stdout)));
    return 0;
  }
  const command = invocation.command ?? program.defaultCommand;
  checkInvocation(program, command, invocation);
  const envFile = readEnvFile(invocation.flags["envFile"], io.folder);
  const { flags, positionals, serverCommand } = invocation;
  const resolved = resolveSettings(program.options, { flags, environment: io.environment, envFile });
  const { caCert }: Readonly<Record<string, unknown>> = resolved.values;
  if (typeof caCert === "string") (await import("./trusted-authorities.ts")).trustAuthorities(caCert);
  const module = await loaders[command]?.();
  if (!module) throw new AppError("unexpected", `The command "${command}" is not built in.`);
  return (await module.run({ ...resolved, command, positionals, serverCommand, io })) ?? 0;
}

/**
 * Runs a program: parses, resolves, runs the command, reports an error in one sentence.
 *
 * @returns the exit code
 */
export async function runProgram<S extends Schema>(
  program: Program<S>,
  loaders: Readonly<Record<string, Loader<S>>>,
  io: Io = processIo(),
): Promise<number> {
  keepLoopbackOffProxies();
  try {
    return await dispatch(program, loaders, io);
  } catch (thrown) {
    const error = toAppError(thrown);
    reportError(program, error, io);
    return error.exitCode;
  }
}
