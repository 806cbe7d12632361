import type { ToolDescription } from "../transport/client/contract.ts";

/** What decides which tools a model is offered where there are too many. */
export interface ToolChoice {
  /** How many a model's provider takes. */
  readonly max: number;
  /** What the person wants now. */
  readonly prompt: string;
  /** The names, as the model knows them, of tools that it called before. */
  readonly used: ReadonlySet<string>;
}

/** Words of three letters and more, in lower case; names such as `get_userMail` fall into their parts. */
function wordsOf(text: string): Set<string> {
  const split = text.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").toLowerCase();
  return new Set(split.match(/[\p{L}\p{N}]{3,}/gu) ?? []);
}

function countShared(wanted: ReadonlySet<string>, text: string): number {
  return wordsOf(text).intersection(wanted).size;
}

/**
 * Picks the tools that a model is offered: all of them where its provider takes so many, else those that it called
 * before, then those that share most words with the prompt (in the name a word counts four times), then the first of
 * the list. They stay in the list's order.
 *
 * @param tools by the name under which the model knows them
 */
export function pickTools(
  tools: ReadonlyMap<string, ToolDescription>,
  { max, prompt, used }: ToolChoice,
): ReadonlyMap<string, ToolDescription> {
  if (tools.size <= max) return tools;
  const wanted = wordsOf(prompt);
  const rankOf = (toolName: string, { name, title = "", description = "" }: ToolDescription) =>
    used.has(toolName)
      ? Infinity
      : 4 * countShared(wanted, name) + countShared(wanted, `${title} ${description.slice(0, 2000)}`);
  const ranked = [...tools].map(([toolName, tool]) => ({ toolName, rank: rankOf(toolName, tool) }));
  // Sorting is stable: among equals the list's order counts.
  const best = ranked.toSorted((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank)).slice(0, max);
  const picked = new Set(best.map(({ toolName }) => toolName));
  return new Map([...tools].filter(([toolName]) => picked.has(toolName)));
}
