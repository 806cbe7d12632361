import { type CloudName, wordsOf } from "./graph.ts";
import { type Created, splitReferences, type Step } from "./step.ts";

/** `api.appId` is `API_APP_ID` in the shell. */
function variableOf(reference: string): string {
  return reference
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .replace(".", "_")
    .toUpperCase();
}

const quoteText = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** One word for a POSIX shell, as it is; ids that an earlier line got stand in it as variables. */
export function quoteWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  const parts = splitReferences(word).filter(({ text, isReference }) => isReference || text !== "");
  if (parts.length === 0) return "''";
  return parts
    .map(({ text, isReference }) => (isReference ? `"$${variableOf(text)}"` : quoteText(text)))
    .join("");
}

/** Takes the ids of what a line creates. */
function capture(line: string, creates: Created | undefined): string {
  if (creates === undefined) return line;
  const query = quoteText("[id, appId]");
  const [id, appId] = [variableOf(`${creates}.id`), variableOf(`${creates}.appId`)];
  return `set -- $(${line} --query ${query} --output tsv) && ${id}=$1 ${appId}=$2`;
}

/** The words of a step's `az`, with its body. */
export function commandOf({ change }: Step, cloud: CloudName): readonly string[] {
  return ["az", ...wordsOf(change, cloud), "--body", JSON.stringify(change.body)];
}

/** One line for a POSIX shell that does a step. */
export function renderCommand(step: Step, cloud: CloudName): string {
  return capture(commandOf(step, cloud).map(quoteWord).join(" "), step.creates);
}

/** All steps as lines for a POSIX shell, each below a comment that says what it does. */
export function renderCommands(steps: readonly Step[], cloud: CloudName): string {
  return steps.map((step) => `# ${step.sentence}\n${renderCommand(step, cloud)}\n`).join("");
}
