import { z } from "zod";
import { AppError } from "../base/errors.ts";
import { defineTool, type Tool } from "./tool.ts";

/** A uniform 64-bit number from the system's random source. */
function random64(): bigint {
  const [word = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return word;
}

/**
 * A uniform whole number from `min` to `max`, both included.
 *
 * Numbers that would make some results likelier than others are drawn again, so there is no modulo bias.
 */
export function randomInteger(min: number, max: number): number {
  const span = BigInt(max) - BigInt(min) + 1n;
  const limit = (1n << 64n) - ((1n << 64n) % span);
  let drawn = random64();
  while (drawn >= limit) drawn = random64();
  return Number(BigInt(min) + (drawn % span));
}

/** `random_number_tool`: a random whole number in a range. */
export const randomNumberTool: Tool = defineTool({
  name: "random_number_tool",
  title: "Pick a random number",
  description: "Picks a random whole number from min to max, both included, each equally likely.",
  input: z.strictObject({
    min: z.int().describe("The smallest number that may come."),
    max: z.int().describe("The largest number that may come."),
  }),
  output: z.strictObject({
    random_number: z.int().describe("The number."),
  }),
  annotations: { readOnlyHint: true, idempotentHint: false, openWorldHint: false },
  run({ min, max }) {
    if (min > max) {
      throw new AppError(
        "tool_failed",
        `min must not be greater than max, but ${min} is greater than ${max}.`,
      );
    }
    return { random_number: randomInteger(min, max) };
  },
});
