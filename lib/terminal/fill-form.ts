import type { Abortable } from "../base/abort.ts";
import { neutraliseLine } from "../base/text.ts";
import type { JsonSchema } from "./describe-schema.ts";
import type { AskQuestion, Dialog } from "./dialog.ts";
import { cutToWidth } from "./fit.ts";
import { type FieldValue, type FormField, listFields, readField } from "./form-field.ts";
import { quoteText } from "./quote-text.ts";
import { renderArguments } from "./render-arguments.ts";
import type { Style } from "./style.ts";

/** A form that a server wants filled in. Other people's text. */
export interface ShownForm {
  /** What the server is called. */
  readonly server: string;
  readonly message: string;
  readonly requestedSchema: JsonSchema;
}

/** What a person did with a form. */
export type FormAnswer =
  | { readonly action: "accept"; readonly content: Readonly<Record<string, FieldValue>> }
  | { readonly action: "decline" }
  | { readonly action: "cancel" };

export interface FillFormOptions extends Abortable {
  readonly dialog: Dialog;
  readonly style: Style;
  readonly columns: number;
}

type Filled = Map<string, FieldValue>;
type Refusal = Exclude<FormAnswer, { action: "accept" }>;

/** A name that a server gives itself must not become a sentence. */
const maxNameColumns = 48;

/** Names a server at the beginning of a sentence. */
export function nameServer(server: string, style: Style): string {
  return style.accent(cutToWidth(neutraliseLine(server), maxNameColumns));
}

function describeField(field: FormField, { style }: FillFormOptions): string {
  const facts = [field.isRequired ? "required" : "optional"];
  if (field.default !== undefined) facts.push(`Enter for ${neutraliseLine(String(field.default))}`);
  if (field.kind === "choices") facts.push("several, with commas between them");
  const lines = [`${style.accent(field.title)} ${style.faint(`(${facts.join(", ")})`)}`];
  if (field.description !== "") lines.push(`  ${field.description}`);
  lines.push(...field.choices.map(({ title }, at) => `  ${at + 1}  ${title}`));
  return lines.join("\n");
}

function promptOf({ kind }: FormField): string {
  return kind === "yes-no" ? "yes or no: " : "> ";
}

async function fillField(
  ask: AskQuestion,
  field: FormField,
  { options, filled }: { readonly options: FillFormOptions; readonly filled: Filled },
): Promise<Refusal | undefined> {
  let text = describeField(field, options);
  const before = filled.get(field.name);
  const initial = before === undefined ? undefined : String(before);
  for (;;) {
    const complete = async () => ({
      start: 0,
      candidates: field.choices.map(({ title }) => ({ text: title })),
    });
    const event = await ask({ text, prompt: promptOf(field), initial, complete });
    if (event.type === "end") return { action: "decline" };
    if (event.type !== "line") return { action: "cancel" };
    const reading = readField(event.text, field);
    if (reading.kind === "value") filled.set(field.name, reading.value);
    if (reading.kind === "nothing") filled.delete(field.name);
    if (reading.kind !== "fault") return undefined;
    text = options.style.bad(`  ${reading.fault}`);
  }
}

async function review(
  ask: AskQuestion,
  filled: Filled,
  { style, columns }: FillFormOptions,
): Promise<"send" | "again" | Refusal> {
  const rows = renderArguments(Object.fromEntries(filled), columns);
  const text = `${style.accent("This goes to the server:")}\n${rows.join("\n")}`;
  for (;;) {
    const event = await ask({ text, prompt: "Send it? (y)es, (n)o, (e)dit: ", isDecision: true });
    if (event.type === "end") return { action: "decline" };
    if (event.type !== "line") return { action: "cancel" };
    const answer = event.text.trim().toLowerCase();
    if (answer === "y" || answer === "yes") return "send";
    if (answer === "n" || answer === "no") return { action: "decline" };
    if (answer === "e" || answer === "edit") return "again";
  }
}

/**
 * Asks a person for the fields of a form, one by one, and shows everything before it is sent. Escape cancels, Ctrl-D
 * declines, Ctrl-C interrupts what runs.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 */
export function fillForm(form: ShownForm, options: FillFormOptions): Promise<FormAnswer> {
  const { dialog, style, columns, signal } = options;
  const fields = listFields(form.requestedSchema);
  return dialog.hold(
    async (ask) => {
      const filled: Filled = new Map();
      const head = quoteText(`${nameServer(form.server, style)} asks`, form.message, columns).join("\n");
      const help = style.faint("No password belongs here. Escape cancels, Ctrl-D says no.");
      let text: string | undefined = `${head}\n${help}`;
      const askFirst: AskQuestion = (question) => {
        const above = [text, question.text].filter((part) => part !== undefined).join("\n");
        text = undefined;
        return ask({ ...question, text: above });
      };
      for (;;) {
        for (const field of fields) {
          const refusal = await fillField(askFirst, field, { options, filled });
          if (refusal) return refusal;
        }
        const decision = await review(askFirst, filled, options);
        if (decision === "send") return { action: "accept", content: Object.fromEntries(filled) };
        if (decision !== "again") return decision;
      }
    },
    { signal },
  );
}
