/** A tool call that the script makes. */
export interface PlannedCall {
  readonly toolName: "reverse_tool" | "random_number_tool";
  readonly input: Readonly<Record<string, unknown>>;
}

/** What to reverse: quoted in one of four ways, or what stands up to the next request or the end. */
const reversal =
  /\breverse\s+(?:"([^"]+)"|'([^']+)'|“([^”]+)”|`([^`]+)`|(.+?))(?=\s*(?:[,;]|\b(?:and|then)\s+(?:reverse|give|pick|draw|tell|show|a\b)|[.!?]?\s*$))/giu;
const range = /\bnumber\s+(?:between|from)\s+(-?\d{1,9})\s+(?:and|to)\s+(-?\d{1,9})/giu;

/**
 * Reads a prompt such as "reverse hello and reverse world and give me a number between 1 and 40".
 *
 * @returns the calls in the order in which the prompt asks for them; none when it is not understood
 */
export function planCalls(prompt: string): PlannedCall[] {
  const reversals = [...prompt.matchAll(reversal)].map(({ index, ...groups }) => ({
    index,
    call: {
      toolName: "reverse_tool",
      input: { query: Object.values(groups).slice(1).find(Boolean) },
    } as const,
  }));
  const numbers = [...prompt.matchAll(range)].map(({ index, 1: min, 2: max }) => ({
    index,
    call: { toolName: "random_number_tool", input: { min: Number(min), max: Number(max) } } as const,
  }));
  return [...reversals, ...numbers].toSorted((a, b) => a.index - b.index).map(({ call }) => call);
}
