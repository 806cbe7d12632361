/** A command of a console block, and the lines that it prints. */
export interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

/** Reads `$ command` lines, those that end in a backslash with the next one, and the lines printed below each. */
export function readSteps(text: string): Step[] {
  const steps: { command: string; output: string[] }[] = [];
  let isOpen = false;
  for (const line of text.split("\n")) {
    const step = steps.at(-1);
    if (isOpen && step) step.command += `\n${line}`;
    else if (line.startsWith("$ ")) steps.push({ command: line.slice(2), output: [] });
    else if (step) step.output.push(line);
    else throw new Error(`a console block begins with a command, not with ${JSON.stringify(line)}`);
    isOpen = (isOpen || line.startsWith("$ ")) && line.endsWith("\\");
  }
  return steps;
}

function toPattern(line: string): RegExp {
  const parts = line.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

/** Whether lines are as expected: `…` stands for anything within a line, a line `...` for any number of lines. */
export function matchLines(expected: readonly string[], lines: readonly string[]): boolean {
  const [first, ...others] = expected;
  if (first === undefined) return lines.length === 0;
  if (first !== "...") {
    return lines.length > 0 && toPattern(first).test(lines[0] ?? "") && matchLines(others, lines.slice(1));
  }
  return lines.some((_, at) => matchLines(others, lines.slice(at))) || others.length === 0;
}
