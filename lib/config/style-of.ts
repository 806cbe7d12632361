import type { Io } from "./run-program.ts";

/** What a stream can show. */
export interface StreamStyle {
  readonly isTerminal: boolean;
  /** Whether rows may be redrawn in place. */
  readonly isLive: boolean;
  readonly hasColor: boolean;
  /** Width to wrap at. */
  readonly columns: number;
}

/**
 * What one of the process's streams can show; `NO_COLOR` and `TERM=dumb` are honoured.
 *
 * @see https://no-color.org
 */
export function styleOf({ environment }: Pick<Io, "environment">, stream: NodeJS.WriteStream): StreamStyle {
  const isTerminal = stream.isTTY === true;
  const isLive = isTerminal && environment["TERM"] !== "dumb";
  const hasColor = isLive && (environment["NO_COLOR"] ?? "") === "";
  return { isTerminal, isLive, hasColor, columns: stream.columns || 80 };
}

const plain: StreamStyle = { isTerminal: false, isLive: false, hasColor: false, columns: 80 };

/** What standard output can show. It is opened only where it may be a terminal. */
export function styleOfStdout(io: Pick<Io, "environment" | "stdout" | "mayBeTerminal">): StreamStyle {
  return io.mayBeTerminal() ? styleOf(io, io.stdout) : plain;
}
