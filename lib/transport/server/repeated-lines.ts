/** Takes lines for the log. */
export interface RepeatedLines {
  write(line: string): void;
}

export interface RepeatedLinesOptions {
  readonly log: (line: string) => void;
  /** Milliseconds in which a line that comes again is counted and not written. Default 1000. */
  readonly windowMs?: number;
  /** Different lines that are counted at a time; others are all written. Default 64. */
  readonly maxLines?: number;
}

/**
 * Writes a line at once, and its repetitions within a second as their number: who sends thousands of bad tokens must
 * not fill the log, nor make the others wait for it.
 */
export function createRepeatedLines(options: RepeatedLinesOptions): RepeatedLines {
  const { log, windowMs = 1000, maxLines = 64 } = options;
  const repetitions = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function writeCounts(): void {
    timer = undefined;
    for (const [line, count] of repetitions) if (count > 0) log(`${line} (${count} more times)`);
    repetitions.clear();
  }

  return {
    write(line) {
      const count = repetitions.get(line);
      if (count !== undefined) {
        repetitions.set(line, count + 1);
        return;
      }
      log(line);
      if (repetitions.size < maxLines) repetitions.set(line, 0);
      if (timer) return;
      timer = setTimeout(writeCounts, windowMs);
      timer.unref();
    },
  };
}
