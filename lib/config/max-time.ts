import type { Io } from "./run-program.ts";

/** Without a terminal nobody sees a call that reports for ever, and nobody presses Ctrl-C. */
const unattendedSeconds = 900;

/**
 * How long a call may take in all, in milliseconds: as `--max-time` says, else without end where a person sits at
 * a terminal, else 15 minutes.
 */
export function maxTimeMsOf({
  values,
  io,
}: {
  readonly values: { readonly maxTime: number | undefined };
  readonly io: Pick<Io, "stdin" | "stderr">;
}): number | undefined {
  if (values.maxTime !== undefined) return values.maxTime * 1000;
  const isAttended = io.stderr.isTTY === true || io.stdin.isTTY === true;
  return isAttended ? undefined : unattendedSeconds * 1000;
}
