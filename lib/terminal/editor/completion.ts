import type { Abortable } from "../../base/abort.ts";
import { neutraliseLine } from "../../base/text.ts";
import { cutToWidth } from "../fit.ts";
import type { LiveRow } from "../live-rows.ts";

/** A text that may stand in the place of what was begun. */
export interface Candidate {
  readonly text: string;
  /** For people. */
  readonly help?: string | undefined;
}

/** What may stand between `start` and the cursor. Other people's text: it is made safe here. */
export interface Completions {
  /** In UTF-16 units. */
  readonly start: number;
  readonly candidates: readonly Candidate[];
}

/** Says what can be completed at the end of a text, if need be by asking a server. */
export type Complete = (textBeforeCursor: string, options: Abortable) => Promise<Completions>;

const maxShown = 8;

/** Candidates without what a terminal obeys, each once. */
export function cleanCandidates(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Map<string, Candidate>();
  for (const { text, help } of candidates) {
    const safe = neutraliseLine(text);
    if (safe !== "" && !seen.has(safe)) seen.set(safe, { text: safe, help });
  }
  return [...seen.values()];
}

/** What all candidates begin with. */
export function findCommonStart(candidates: readonly Candidate[]): string {
  const [first = "", ...rest] = candidates.map(({ text }) => text);
  let length = first.length;
  for (const text of rest) {
    while (!text.startsWith(first.slice(0, length))) length -= 1;
  }
  // Never half a surrogate pair.
  return first.slice(0, length).toWellFormed() === first.slice(0, length)
    ? first.slice(0, length)
    : first.slice(0, length - 1);
}

/** The rows below a line in which candidates are offered. */
export function drawCandidates(
  candidates: readonly Candidate[],
  columns: number,
  maxRows: number,
): LiveRow[] {
  const room = Math.min(maxShown, maxRows);
  const isCut = candidates.length > room;
  const shown = candidates.slice(0, isCut ? Math.max(0, room - 1) : room);
  const width = Math.min(32, Math.max(0, ...shown.map(({ text }) => text.length)));
  const lines = shown.map(({ text, help }) => {
    const said = neutraliseLine(help ?? "");
    return said === "" ? `  ${text}` : `  ${text.padEnd(width)}  ${said}`;
  });
  if (isCut && room > 0) lines.push(`  … and ${candidates.length - shown.length} more`);
  return lines.map((line) => {
    const plain = cutToWidth(line, columns);
    return { plain, text: plain };
  });
}
