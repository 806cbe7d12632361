/** How much is logged: each level includes those before it. */
export const logLevels = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes lines for the operator to stderr. Never given a token, a code or a secret. */
export interface Log {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

const consolaLevels: Record<LogLevel, number> = { error: 0, warn: 1, info: 3, debug: 4 };

/** Where the lines go; each comes with its line feed. */
export interface LogOutput {
  write(text: string): unknown;
}

/**
 * Creates the log. consola is loaded with the first line and not at start: it costs 10 to 27 ms.
 *
 * Lines keep their order and are written shortly after the call.
 *
 * @param output default: standard error
 */
export function createLog(level: LogLevel, output?: LogOutput): Log {
  let writing: Promise<unknown> = Promise.resolve();
  const load = async () => {
    // Its plain reporter: the other has pictures, and blank lines around each warning, also where nobody watches.
    const { createConsola } = await import("consola/basic");
    // A log that nobody takes any more must not end a server with its calls half done.
    if (!output) process.stderr.on("error", () => {});
    const stream = (output ?? process.stderr) as NodeJS.WriteStream;
    return createConsola({ level: consolaLevels[level], stdout: stream, stderr: stream });
  };
  let consola: ReturnType<typeof load> | undefined;
  const write = (lineLevel: LogLevel, message: string) => {
    if (logLevels.indexOf(lineLevel) > logLevels.indexOf(level)) return;
    consola ??= load();
    const loaded = consola;
    writing = writing.then(async () => (await loaded)[lineLevel](message));
  };
  return {
    error: (message) => write("error", message),
    warn: (message) => write("warn", message),
    info: (message) => write("info", message),
    debug: (message) => write("debug", message),
  };
}

/** A log that drops everything. */
export const silentLog: Log = {
  error() {},
  warn() {},
  info() {},
  debug() {},
};
