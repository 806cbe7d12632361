import type { AppError } from "../base/errors.ts";
import type { CallResult, ContentBlock } from "../transport/client/contract.ts";

/** What a model is told about a call: text in the role of a tool, an error where `isError` is set. */
export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
}

function describeBlock(block: ContentBlock): string {
  if (block.type === "text" && typeof block["text"] === "string") return block["text"];
  const { resource } = block;
  if (block.type === "resource" && typeof resource === "object" && resource !== null && "text" in resource) {
    return String(resource.text);
  }
  if (block.type === "resource_link") return `[link to ${String(block["uri"])}]`;
  return `[${block.type}${typeof block["mimeType"] === "string" ? ` ${block["mimeType"]}` : ""}, not shown]`;
}

function isSame(text: string, value: unknown): boolean {
  try {
    return Bun.deepEquals(JSON.parse(text), value);
  } catch {
    return false;
  }
}

/** Puts a result into text: the text blocks, then the structured content unless one of them says the same. */
export function readResult({ content, structuredContent, isError }: CallResult): ToolAnswer {
  const parts = content.map(describeBlock);
  if (structuredContent !== undefined && !parts.some((part) => isSame(part, structuredContent))) {
    parts.push(JSON.stringify(structuredContent));
  }
  const text = parts.filter((part) => part !== "").join("\n");
  // Half a surrogate pair is not valid in JSON's UTF-8: providers refuse it.
  return { text: (text === "" ? "(The tool gave no output.)" : text).toWellFormed(), isError };
}

/** Puts the error of a call into text. The message of an {@link AppError} is safe to show. */
export function readFailure({ message, hint }: AppError): ToolAnswer {
  return { text: hint === undefined ? message : `${message} ${hint}`, isError: true };
}

/** What a model is told about a call that was cut off. */
export const interruptedAnswer: ToolAnswer = {
  text: "interrupted, may have run",
  isError: true,
};

/** What a model is told about a call that was never made. */
export const notRunAnswer: ToolAnswer = { text: "The call was not made.", isError: true };

/** What a model is told about a call that was refused. */
export function refusalAnswer(text: string): ToolAnswer {
  return { text: text.toWellFormed(), isError: true };
}

/** In the AI SDK's shape. */
export function toModelOutput({ text, isError }: ToolAnswer) {
  return { type: isError ? ("error-text" as const) : ("text" as const), value: text };
}
