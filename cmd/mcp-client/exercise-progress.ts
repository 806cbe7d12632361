import { neutraliseLine } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context, Io } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { cutToWidth } from "../../lib/terminal/fit.ts";
import { LiveRows } from "../../lib/terminal/live-rows.ts";
import type { Exercised } from "./exercise-report.ts";
import type { ExercisePlan, Named } from "./exercise-steps.ts";

/** What is shown of an exercise while it runs. */
export interface ExerciseProgress extends Pick<ExercisePlan, "onStart" | "onStep"> {
  /** Writes a line that stays. The text is the caller's to make safe. */
  printAbove(text: string): void;
  /** Shows what was done so far, where no table will: the exercise ends early. */
  abandon(): void;
  /** Leaves nothing behind that is redrawn. */
  close(): void;
}

function describeStep({ kind, name, outcome }: Exercised): string {
  return `${kind} ${neutraliseLine(name).slice(0, 80)}: ${outcome}`;
}

/** On a terminal that shows the table, too, one row says what runs; each step as a line would be there twice. */
function createLiveProgress({ stderr }: Io): ExerciseProgress {
  const rows = new LiveRows(stderr);
  const done: string[] = [];
  let running: Named | undefined;
  const draw = (lines: readonly string[]) => {
    const plain = running && cutToWidth(`${running.kind} ${neutraliseLine(running.name)} ...`, rows.columns);
    rows.draw(lines, plain === undefined ? [] : [{ text: plain, plain }]);
  };
  return {
    onStart(what) {
      running = what;
      draw([]);
    },
    onStep: (step) => void done.push(describeStep(step)),
    abandon: () => draw(done),
    printAbove: (text) => draw(text.replace(/\n$/, "").split("\n")),
    close() {
      running = undefined;
      draw([]);
    },
  };
}

/** One line a step on standard error, or one row that changes; nothing with `--json`, where an error is alone there. */
export function createExerciseProgress({ io, values }: Context<ClientOptions>): ExerciseProgress {
  const isLive = styleOf(io, io.stderr).isLive && io.stdout.isTTY === true;
  if (isLive && !values.json) return createLiveProgress(io);
  return {
    onStart() {},
    onStep(step) {
      if (!values.json) io.stderr.write(`${describeStep(step)}\n`);
    },
    abandon() {},
    printAbove: (text) => void io.stderr.write(`${text.replace(/\n$/, "")}\n`),
    close() {},
  };
}
