import { quoteShellText, quoteShellWord } from "../base/shell-word.ts";
import { toSafeJson } from "../base/text.ts";
import { type CloudName, wordsOf } from "./graph.ts";
import { type Created, splitReferences, type Step } from "./step.ts";

/** `api.appId` is `API_APP_ID` in the shell. */
function variableOf(reference: string): string {
  return reference
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .replace(".", "_")
    .toUpperCase();
}

/** One word for a POSIX shell, as it is; ids that an earlier line got stand in it as variables. */
export function quoteWord(word: string): string {
  const parts = splitReferences(word).filter(({ text, isReference }) => isReference || text !== "");
  if (!parts.some(({ isReference }) => isReference)) return quoteShellWord(word);
  return parts
    .map(({ text, isReference }) => (isReference ? `"\${${variableOf(text)}:?}"` : quoteShellText(text)))
    .join("");
}

/** Takes the ids of what a line creates; where it created nothing, a script ends there. */
function capture(line: string, creates: Created | undefined): string {
  if (creates === undefined) return line;
  const query = quoteShellText("[id, appId]");
  const [id, appId] = [variableOf(`${creates}.id`), variableOf(`${creates}.appId`)];
  return `set -- $(${line} --query ${query} --output tsv) && ${id}=\${1:?} ${appId}=\${2:?}`;
}

/** The words of a step's `az`, with its body. */
export function commandOf({ change }: Step, cloud: CloudName): readonly string[] {
  return ["az", ...wordsOf(change, cloud), "--body", toSafeJson(change.body)];
}

/** One line for a POSIX shell that does a step. */
export function renderCommand(step: Step, cloud: CloudName): string {
  return capture(commandOf(step, cloud).map(quoteWord).join(" "), step.creates);
}

/** All steps as lines for a POSIX shell, each below a comment that says what it does. */
export function renderCommands(steps: readonly Step[], cloud: CloudName): string {
  if (steps.length === 0) return "# Nothing is missing.\n";
  return steps.map((step) => `# ${step.sentence}\n${renderCommand(step, cloud)}\n`).join("");
}
