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

/** Opens the log. consola is loaded here and not at start: it costs 10 to 27 ms. */
export async function openLog(level: LogLevel): Promise<Log> {
  const { createConsola } = await import("consola");
  const consola = createConsola({
    level: consolaLevels[level],
    stdout: process.stderr,
    stderr: process.stderr,
  });
  return {
    error: (message) => consola.error(message),
    warn: (message) => consola.warn(message),
    info: (message) => consola.info(message),
    debug: (message) => consola.debug(message),
  };
}

/** A log that drops everything. */
export const silentLog: Log = {
  error() {},
  warn() {},
  info() {},
  debug() {},
};
