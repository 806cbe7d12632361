import { isDeepStrictEqual } from "node:util";
import { neutralise, neutraliseLine } from "../base/text.ts";
import { isRecord } from "./describe-schema.ts";
import { formatSize } from "./fit.ts";

/** The result of a call, in MCP's shape. */
export interface ShownResult {
  readonly content: readonly { readonly type: string; readonly [member: string]: unknown }[];
  readonly structuredContent?: unknown;
  readonly isError: boolean;
}

/** Bytes that a base64 text stands for. */
function sizeOf(base64: unknown): string {
  if (typeof base64 !== "string") return "no data";
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return formatSize(Math.max(0, Math.floor((base64.length * 3) / 4) - padding));
}

function nameOf(...words: unknown[]): string {
  const known = words.filter((word) => typeof word === "string" && word !== "");
  return known.map((word) => neutraliseLine(String(word)).slice(0, 200)).join(" ");
}

/** Shows one part of a resource: its text, or what kind of bytes it is. */
export function renderContent(resource: unknown): string {
  if (!isRecord(resource)) return "[resource]";
  if (typeof resource["text"] === "string") return resource["text"];
  return `[resource ${nameOf(resource["uri"], resource["mimeType"])}, ${sizeOf(resource["blob"])}]`;
}

/** Shows one content block: its text, or what it is. Not made safe for a terminal. */
export function renderBlock(block: ShownResult["content"][number]): string {
  switch (block.type) {
    case "text":
      return typeof block["text"] === "string" ? block["text"] : "";
    case "image":
    case "audio":
      return `[${nameOf(block.type, block["mimeType"])}, ${sizeOf(block["data"])}]`;
    case "resource":
      return renderContent(block["resource"]);
    case "resource_link":
      return `[link ${nameOf(block["name"], block["uri"], block["mimeType"])}]`;
    default:
      return `[content of the unknown type ${nameOf(block.type)}]`;
  }
}

function isSameAsJson(text: string, value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(text), value);
  } catch {
    return false;
  }
}

/** Whether what a terminal obeys has to go. */
export interface Target {
  readonly isTerminal: boolean;
}

/** Puts texts below one another; empty ones go. Ends with a line feed, unless nothing is left. */
export function joinBlocks(parts: readonly string[], { isTerminal }: Target): string {
  const shown = parts
    .filter((part) => part !== "")
    .map((part) => part.replace(/\n$/, ""))
    .join("\n");
  if (shown === "") return "";
  return `${isTerminal ? neutralise(shown) : shown}\n`;
}

/**
 * Shows a result to a person, or to the program behind a pipe. Text goes out as it is, on a terminal without
 * what a terminal obeys; pictures and other binary parts are named, never dumped. Structured content that
 * stands in a text block as well is shown once. Ends with a line feed, unless there is nothing to show.
 */
export function renderResult(result: ShownResult, { isTerminal }: Target): string {
  const { structuredContent } = result;
  const json = JSON.stringify(structuredContent, undefined, isTerminal ? 2 : undefined);
  let isShown = structuredContent === undefined;
  const parts = result.content.map((block) => {
    const text = renderBlock(block);
    if (isShown || block.type !== "text" || !isSameAsJson(text, structuredContent)) return text;
    isShown = true;
    return isTerminal ? json : text;
  });
  if (!isShown) parts.push(json);
  return joinBlocks(parts, { isTerminal });
}
