/** A fenced block of a Markdown text. */
export interface Fence {
  /** The word behind the opening fence. */
  readonly language: string;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** The HTML comment on the line above, without its marks; "" where there is none. */
  readonly comment: string;
}

function findComment(above: readonly string[]): string {
  const last = above.findLast((line) => line.trim() !== "") ?? "";
  return /^<!-- (.*) -->$/.exec(last.trim())?.[1] ?? "";
}

/** Finds the fenced blocks, also those that are indented in a list. */
export function findFences(markdown: string): Fence[] {
  const lines = markdown.split("\n");
  const fences: Fence[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = /^( *)```(\w*)$/.exec(lines[at] ?? "");
    if (opening === null) continue;
    const [, indent = "", language = ""] = opening;
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end < 0) throw new Error(`the block of line ${at + 1} has no end`);
    const text = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
    fences.push({
      language,
      text: text.join("\n"),
      line: at + 1,
      comment: findComment(lines.slice(0, at)),
    });
    at = end;
  }
  return fences;
}

/** The text without its fenced blocks and its HTML comments. */
export function withoutFences(markdown: string): string {
  return markdown.replace(/^( *)```\w*\n[^]*?^\1```$/gm, "").replace(/<!--[^]*?-->/g, "");
}
