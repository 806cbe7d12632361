import { AppError } from "../base/errors.ts";
import { toJsonObject } from "../base/json.ts";
import { isOfServedLength, maxTextLength, reverseText } from "../tools/reverse-tool.ts";
import { answerJson, negotiate } from "./answer.ts";
import type { ReverseAnswer } from "./contract.ts";
import { refuseMethod, type Route } from "./route.ts";

/** @throws `invalid_arguments` */
function readInput(body: unknown): string {
  const { input_string: input } = toJsonObject(body);
  const isText = typeof input === "string" && input.length > 0 && isOfServedLength(input);
  if (isText) return input;
  const message = `input_string must be a text of 1 to ${maxTextLength} characters.`;
  throw new AppError("invalid_arguments", message, { hint: 'Send {"input_string": "..."}.' });
}

/**
 * `POST /reverse`: reverses a text at once, where `reverse_tool` takes its time to show its progress.
 *
 * @throws `invalid_arguments`, `not_acceptable`, and what reading a body throws
 */
export const answerReverse: Route = ({ request, runCall }) => {
  const refusal = refuseMethod(request, ["POST"]);
  if (refusal) return refusal;
  negotiate(request, ["application/json"]);
  return runCall(async (body) => {
    const answer: ReverseAnswer = { reversed: reverseText(readInput(body)) };
    return answerJson(answer);
  });
};
