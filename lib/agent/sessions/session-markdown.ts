import type { ModelMessage } from "ai";
import type { SessionHeader } from "./session-line.ts";

type Part = Exclude<ModelMessage["content"], string>[number];

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
      return `**Call** \`${part.toolName}\`\n\n${fence(JSON.stringify(part.input, undefined, 2), "json")}`;
    case "tool-result":
      return `**Result** of \`${part.toolName}\`\n\n${fence(describeOutput(part.output), "")}`;
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

/** Writes a conversation as Markdown: every message, call and result in full. */
export function renderSession(
  messages: readonly ModelMessage[],
  { server, model, startedAt }: Omit<SessionHeader, "type" | "v" | "id">,
): string {
  const head = `# Session of ${startedAt}\n\nServer: \`${server}\`  \nModel: \`${model}\`\n`;
  return [head, ...messages.map(renderMessage).filter((text) => text !== "")].join("\n");
}
