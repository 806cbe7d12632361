import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { recordText } from "./recorder.ts";

const dist = resolve(import.meta.dir, "../../dist");

export type ProgramName = "mcp-server" | "mcp-client" | "mcp-agent";

/** How a program is started. */
export interface ProgramOptions {
  readonly args?: readonly string[];
  /** Its whole environment beside PATH and a HOME of its own. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input; nothing by default. */
  readonly stdin?: string;
  /** Standard input stays open for `write`, in the place of `stdin`. */
  readonly keepsStdin?: boolean;
  /** Current folder; a new empty one by default. */
  readonly folder?: string;
}

/** A new empty folder. */
export function createFolder(): string {
  return mkdtempSync(join(tmpdir(), "mcp-entra-test-"));
}

function environmentOf({ env }: ProgramOptions): Record<string, string> {
  const home = createFolder();
  return { PATH: process.env["PATH"] ?? "", HOME: home, XDG_CONFIG_HOME: join(home, "config"), ...env };
}

function commandOf(name: ProgramName, { args = [] }: ProgramOptions): string[] {
  return [join(dist, name), ...args];
}

function labelOf(name: ProgramName, { args = [] }: ProgramOptions): string {
  return [name, ...args].join(" ");
}

/** A program that has ended. */
export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Collects a stream and lets a test wait for a text in it. */
function createCollector() {
  let text = "";
  let next = Promise.withResolvers<void>();
  const wake = () => {
    next.resolve();
    next = Promise.withResolvers<void>();
  };
  return {
    add(chunk: string) {
      text += chunk;
      wake();
    },
    read: () => text,
    /** Resolves with the match as soon as the text matches. */
    async waitFor(pattern: RegExp, ended: Promise<unknown>): Promise<RegExpExecArray> {
      let isOver = false;
      const onEnd = () => {
        isOver = true;
        wake();
      };
      ended.then(onEnd, onEnd);
      for (;;) {
        const match = pattern.exec(text);
        if (match) return match;
        if (isOver) throw new Error(`the program ended and never printed ${pattern}:\n${text}`);
        await next.promise;
      }
    },
  };
}

async function collect(stream: ReadableStream<Uint8Array>, add: (chunk: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
}

/** Starts a compiled program with pipes. */
export function startProgram(name: ProgramName, options: ProgramOptions = {}) {
  const stdout = createCollector();
  const stderr = createCollector();
  const child = Bun.spawn(commandOf(name, options), {
    cwd: options.folder ?? createFolder(),
    env: environmentOf(options),
    stdin: options.keepsStdin ? "pipe" : options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const input = typeof child.stdin === "object" ? child.stdin : undefined;
  const ended = Promise.all([
    collect(child.stdout, stdout.add),
    collect(child.stderr, stderr.add),
    child.exited,
  ]);
  const finished = ended.then(([, , exitCode]): Finished => {
    recordText(labelOf(name, options), stdout.read() + stderr.read());
    return { exitCode, stdout: stdout.read(), stderr: stderr.read() };
  });
  return {
    pid: child.pid,
    finished,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    write(text: string | Uint8Array) {
      input?.write(text);
      void input?.flush();
    },
    endStdin: () => void input?.end(),
    waitForStdout: (pattern: RegExp) => stdout.waitFor(pattern, ended),
    waitForStderr: (pattern: RegExp) => stderr.waitFor(pattern, ended),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await finished;
    },
  };
}

/** Runs a compiled program to its end. */
export function runProgram(name: ProgramName, options: ProgramOptions = {}): Promise<Finished> {
  return startProgram(name, options).finished;
}

/** Starts a compiled program on a pseudo terminal; `screen` is everything it wrote. */
export function startInTerminal(name: ProgramName, options: ProgramOptions & { columns?: number } = {}) {
  const screen = createCollector();
  const decoder = new TextDecoder();
  const child = Bun.spawn(commandOf(name, options), {
    cwd: options.folder ?? createFolder(),
    env: { TERM: "xterm-256color", ...environmentOf(options) },
    terminal: {
      cols: options.columns ?? 80,
      rows: 24,
      data: (_, chunk) => screen.add(decoder.decode(chunk, { stream: true })),
    },
  });
  const finished = child.exited.then(async (exitCode) => {
    // The last bytes may still be in the terminal when the process has gone.
    await Bun.sleep(20);
    child.terminal?.close();
    recordText(`${labelOf(name, options)} (terminal)`, screen.read());
    return { exitCode, screen: screen.read() };
  });
  return {
    finished,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    type: (text: string) => child.terminal?.write(text),
    resize: (columns: number) => child.terminal?.resize(columns, 24),
    waitFor: (pattern: RegExp) => screen.waitFor(pattern, finished),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await finished;
    },
  };
}
