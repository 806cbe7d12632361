import type { RefusalReason } from "../base/events.ts";
import { quote } from "../base/text.ts";
import { checkAgainstSchema } from "../transport/client/check-schema.ts";
import type { ToolDescription } from "../transport/client/contract.ts";
import type { AskedCall } from "./ask-model.ts";
import { refusalAnswer, type ToolAnswer } from "./tool-answer.ts";

/** Arguments of a call; JSON's objects. */
export type Arguments = Readonly<Record<string, unknown>>;

/** Whether a call makes sense, before anybody is asked and anything is sent. */
export type Verdict =
  | { readonly isSound: true; readonly tool: ToolDescription; readonly args: Arguments }
  | {
      readonly isSound: false;
      readonly reason: RefusalReason;
      /** Absent where the server has none of this name. */
      readonly tool: ToolDescription | undefined;
      readonly args: Arguments | undefined;
      readonly answer: ToolAnswer;
    };

/** A call that is like the two before it is not made any more. */
const maxInARow = 2;

/** Deeper arguments make sense to nobody; laying them out for a person would take all memory. */
const maxDepth = 64;

/** Not recursive: there may be more levels than the stack has room for. */
function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return true;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return false;
}

function isObject(value: unknown): value is Arguments {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Why a call makes no sense, and what the model is told. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly answer: ToolAnswer;
}

/** The refusal of a call of a tool that the server does not have. */
export function refuseUnknown(toolName: string): Refusal {
  return { reason: "unknown_tool", answer: refusalAnswer(`There is no tool ${quote(toolName)}.`) };
}

/** The refusal of arguments that do not fit; undefined where they do, or only the server can tell. */
export async function refuseArguments(input: unknown, tool: ToolDescription): Promise<Refusal | undefined> {
  const fault = await findFault(input, tool);
  return fault === undefined ? undefined : { reason: "invalid_arguments", answer: refusalAnswer(fault) };
}

async function findFault(input: unknown, { inputSchema }: ToolDescription): Promise<string | undefined> {
  if (isTooDeep(input)) return `The arguments have more than ${maxDepth} levels.`;
  if (typeof input === "string") return "The arguments are not valid JSON.";
  if (!isObject(input)) return "The arguments must be a JSON object.";
  const verdict = await checkAgainstSchema(input, inputSchema);
  return verdict.kind === "invalid"
    ? `The arguments do not fit the tool's schema: ${verdict.said}.`
    : undefined;
}

const repeated: Refusal = {
  reason: "repeated",
  answer: refusalAnswer(
    `This call was made ${maxInARow} times in a row already. ` +
      "The result would be the same: go on with what you have, or try something else.",
  ),
};

/**
 * Looks at the calls of one turn in the order in which the model asks for them. A tool that does not exist,
 * arguments that do not fit its schema and the third call in a row that is like the one before are refused; where the
 * schema cannot be checked here, the server has to.
 */
export class CallVetter {
  readonly #findTool: (toolName: string) => ToolDescription | undefined;
  #last: { readonly name: string; readonly input: unknown; times: number } | undefined;

  /** @param findTool by the name under which the model knows it */
  constructor(findTool: (toolName: string) => ToolDescription | undefined) {
    this.#findTool = findTool;
  }

  async vet({ toolName, input }: AskedCall): Promise<Verdict> {
    const tool = this.#findTool(toolName);
    const isDeep = isTooDeep(input);
    const args = isObject(input) && !isDeep ? input : undefined;
    const refuse = (refusal: Refusal): Verdict => ({ isSound: false, tool, args, ...refusal });
    const isRepeated = !isDeep && this.#isRepeated(toolName, input);
    if (!tool) return refuse(refuseUnknown(toolName));
    if (isRepeated) return refuse(repeated);
    const refusal = await refuseArguments(input, tool);
    return refusal ? refuse(refusal) : { isSound: true, tool, args: args ?? {} };
  }

  #isRepeated(name: string, input: unknown): boolean {
    const isSame = this.#last?.name === name && Bun.deepEquals(this.#last.input, input);
    if (!this.#last || !isSame) this.#last = { name, input, times: 0 };
    this.#last.times += 1;
    return this.#last.times > maxInARow;
  }
}
