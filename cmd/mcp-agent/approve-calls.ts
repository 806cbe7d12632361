import type { ApprovalPolicy } from "../../lib/agent/approval-policy.ts";
import type { Approval, ApprovalRequest, Approve } from "../../lib/agent/conversation.ts";
import { toAppError } from "../../lib/base/errors.ts";
import { neutraliseLine } from "../../lib/base/text.ts";
import type { AskQuestion, Dialog } from "../../lib/terminal/dialog.ts";
import { cutToWidth, wrapText } from "../../lib/terminal/fit.ts";
import { previewArguments, renderArguments, showUnseen } from "../../lib/terminal/render-arguments.ts";
import { describeClaims } from "../../lib/terminal/render-tools.ts";
import type { Style } from "../../lib/terminal/style.ts";

/** What calls are approved with. */
export interface ApproverOptions {
  readonly policy: ApprovalPolicy;
  /** Absent: nobody may be asked. */
  readonly dialog: Dialog | undefined;
  readonly style: Style;
  /** Columns of the terminal. */
  readonly columns: () => number;
}

type Answer = "once" | "session" | "always" | "no" | "all";

/** What a person said of a call. */
interface Said {
  readonly answer: Answer;
  /** With `no`: what the model should know or do instead. */
  readonly why?: string | undefined;
}

// A map: what a person types must not find what every object has.
const answers: ReadonlyMap<string, Answer> = new Map([
  ["o", "once"],
  ["once", "once"],
  ["y", "once"],
  ["yes", "once"],
  ["s", "session"],
  ["session", "session"],
  ["a", "always"],
  ["always", "always"],
  ["n", "no"],
  ["no", "no"],
  ["all", "all"],
]);

/** Reads an answer; undefined for what is none. */
function readAnswer(text: string): Said | undefined {
  const typed = text.trim();
  const [, why] = /^no?[\s,:]+(\S[^]*)$/i.exec(typed) ?? [];
  if (why !== undefined) return { answer: "no", why };
  const answer = answers.get(typed.toLowerCase());
  return answer && { answer };
}

/** In characters. Whatever a server says of its tool, it must not push the arguments out of sight. */
const maxName = 128;
const maxDescription = 200;
/** In columns. */
const maxPromptName = 20;

function cut(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength).toWellFormed()}…` : text;
}

function describe(
  { tool, args }: ApprovalRequest,
  { style, columns }: ApproverOptions,
  isFull: boolean,
): string {
  const width = columns();
  const { rows, total } = isFull
    ? { rows: renderArguments(args, width), total: undefined }
    : previewArguments(args, width);
  const description = cut(showUnseen(neutraliseLine(tool.description ?? tool.title ?? "")), maxDescription);
  const said = [description, describeClaims(tool.annotations)].filter((text) => text !== "");
  const lines = [
    `The model wants to call ${style.accent(cut(showUnseen(tool.name), maxName))}:`,
    // Laid out here: a terminal would begin its own rows at the edge, where only we write.
    ...said.flatMap((text) => wrapText(text, width - 2)).map((row) => style.faint(`  ${row}`)),
    ...rows,
  ];
  if (total !== undefined) {
    lines.push(style.bad(`  … cut: ${total.toLocaleString("en-US")} characters in all; "all" shows them`));
  }
  return lines.join("\n");
}

async function askPerson(
  ask: AskQuestion,
  request: ApprovalRequest,
  options: ApproverOptions,
): Promise<Said> {
  // With the name: what comes meanwhile may push the rest of the question out of sight.
  const name = cutToWidth(showUnseen(request.tool.name), maxPromptName);
  const prompt = `${name}: Run it? (o)nce, this (s)ession, (a)lways, (n)o [why]: `;
  let text: string | undefined = describe(request, options, false);
  for (;;) {
    const event = await ask({ text, prompt, isDecision: true });
    if (event.type !== "line") return { answer: "no" };
    const said = readAnswer(event.text);
    if (said && said.answer !== "all") return said;
    text = said ? describe(request, options, true) : undefined;
  }
}

const approved: Approval = { isApproved: true };

async function decide(
  request: ApprovalRequest,
  ask: AskQuestion,
  options: ApproverOptions,
): Promise<Approval> {
  const { policy } = options;
  // What was answered meanwhile may hold for this call, too.
  if (request.signal.aborted) return { isApproved: false, reason: "not_approved" };
  if ((await policy.judge(request.tool)) === "run") return approved;
  const { answer, why } = await askPerson(ask, request, options);
  if (answer === "no") {
    return {
      isApproved: false,
      reason: "not_approved",
      ...(why !== undefined && { note: `They said: ${why}` }),
    };
  }
  if (answer === "session") policy.approveForSession(request.tool);
  if (answer !== "always") return approved;
  try {
    await policy.approveAlways(request.tool, { signal: request.signal });
  } catch (thrown) {
    if (request.signal.aborted) return approved;
    // The person agreed: not being able to remember it costs a question next time, not this call.
    await ask({ text: toAppError(thrown).message, prompt: "It runs now; Enter goes on. " });
  }
  return approved;
}

/** Approves calls by the rules, and asks a person about the others: one question at a time. */
export function createApprover(options: ApproverOptions): Approve {
  const { policy, dialog } = options;
  let last: Promise<unknown> = Promise.resolve();
  return async (request) => {
    // One after the other: questions come in the order in which the model asks for the calls.
    const judging = last.then(() => policy.judge(request.tool));
    last = judging.catch(() => {});
    const verdict = await judging;
    if (verdict === "run") return approved;
    if (verdict === "deny") {
      return { isApproved: false, reason: "denied" };
    }
    if (!dialog) {
      const note = "Nobody can be asked here: it needs --allow, or a person at a terminal.";
      return { isApproved: false, reason: "not_approved", note };
    }
    return dialog.hold((ask) => decide(request, ask, options), { signal: request.signal });
  };
}
