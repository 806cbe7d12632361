import { z } from "zod";
import { createSleep } from "../base/abort.ts";
import { defineTool, type Tool, type ToolContext } from "./tool.ts";

const steps = 5;

/** Unicode code points of a text to reverse: what JSON Schema's `maxLength` counts, and zod does. */
export const maxTextLength = 10_000;

/** Whether a text has no more of them. */
export function isOfServedLength(text: string): boolean {
  const units = text.length;
  return units <= maxTextLength || (units <= 2 * maxTextLength && Array.from(text).length <= maxTextLength);
}

/** Made once: it costs more than the rest of a call that does not wait. */
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Splits text into what people see as one character (UAX #29): flags, combining marks and emoji stay whole. */
function toGraphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Reverses a text, character by character as people see them. */
export function reverseText(text: string): string {
  return toGraphemes(text).toReversed().join("");
}

async function reportSteps(length: number, seconds: number, context: ToolContext): Promise<void> {
  const characters = length === 1 ? "1 character" : `${length} characters`;
  context.reportProgress({ progress: 0, total: steps, message: `0 of ${characters} reversed` });
  const sleep = createSleep(context.signal);
  for (let step = 1; step <= steps; step++) {
    await sleep((seconds * 1000) / steps);
    const done = Math.round((length * step) / steps);
    context.reportProgress({ progress: step, total: steps, message: `${done} of ${characters} reversed` });
  }
}

/**
 * `reverse_tool`: reverses a text and reports 0 to 5 of 5 on the way.
 *
 * @param options.seconds how long it takes, 0 to 60
 */
export function createReverseTool({ seconds }: { readonly seconds: number }): Tool {
  return defineTool({
    name: "reverse_tool",
    title: "Reverse a text",
    description: "Reverses a text, character by character as people see them, and reports its progress.",
    input: z.strictObject({
      query: z.string().max(maxTextLength).describe("The text to reverse."),
    }),
    output: z.strictObject({
      reversed_query: z.string().describe("The text, reversed."),
    }),
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    async run({ query }, context) {
      const graphemes = toGraphemes(query);
      await reportSteps(graphemes.length, seconds, context);
      return { reversed_query: graphemes.toReversed().join("") };
    },
  });
}
