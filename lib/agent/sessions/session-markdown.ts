import type { ModelMessage } from "ai";
import { neutraliseLine } from "../../base/text.ts";
import { showInvisible } from "../mark-tool-output.ts";
import type { SessionHeader } from "./session-line.ts";

type Part = Exclude<ModelMessage["content"], string>[number];

/** Text as code within a sentence: on one line, in more backticks than it has. */
function inline(text: string): string {
  const line = neutraliseLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return longest === 0 ? `${ticks}${line}${ticks}` : `${ticks} ${line} ${ticks}`;
}

/** A fence longer than any in the text. */
function fence(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}${language}\n${text.trimEnd()}\n${ticks}`;
}

function describeOutput(output: { readonly type: string; readonly value?: unknown }): string {
  const { value } = output;
  return typeof value === "string" ? value : (JSON.stringify(value, undefined, 2) ?? "");
}

function renderPart(part: Part): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "reasoning":
      return part.text === "" ? "" : `> ${part.text.replaceAll("\n", "\n> ")}`;
    case "tool-call":
      return `**Call** ${inline(part.toolName)}\n\n${fence(JSON.stringify(part.input, undefined, 2), "json")}`;
    case "tool-result":
      return `**Result** of ${inline(part.toolName)}\n\n${fence(describeOutput(part.output), "")}`;
    default:
      return `*(${part.type}, not shown)*`;
  }
}

const headings = { user: "You", assistant: "Model", tool: "Tools", system: "Instructions" } as const;

function renderMessage({ role, content }: ModelMessage): string {
  const parts = typeof content === "string" ? [content] : content.map(renderPart);
  const text = parts.filter((part) => part !== "").join("\n\n");
  return text === "" ? "" : `## ${headings[role]}\n\n${text}\n`;
}

/**
 * Writes a conversation as Markdown: every message, call and result in full. What a terminal would obey that shows the
 * file is escaped.
 */
export function renderSession(
  messages: readonly ModelMessage[],
  { server, model, startedAt }: Omit<SessionHeader, "type" | "v" | "id">,
): string {
  const head = `# Session of ${startedAt}\n\nServer: ${inline(server)}  \nModel: ${inline(model)}\n`;
  return showInvisible([head, ...messages.map(renderMessage).filter((text) => text !== "")].join("\n"));
}
