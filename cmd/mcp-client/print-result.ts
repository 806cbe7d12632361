import { AppError } from "../../lib/base/errors.ts";
import { neutraliseLine, toSafeJson } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { type StreamStyle, styleOfStdout } from "../../lib/config/style-of.ts";
import { findBinaryParts } from "./binary-parts.ts";
import { checkOutputFile, writeOutputFile, writeOutputFiles } from "./output-file.ts";

/** A result in its two forms. */
export interface PrintedResult {
  /** As MCP gives it. */
  readonly json: unknown;
  /** For people and pipes. */
  readonly render: (style: Pick<StreamStyle, "isTerminal" | "columns" | "hasColor">) => string;
  /** Where binary parts may be: content blocks, or a resource's contents. */
  readonly parts: readonly unknown[];
}

type ClientContext = Context<ClientOptions>;

function withLineFeed(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** The result alone goes to standard output. */
function printText({ io, values }: ClientContext, { json, render }: PrintedResult): void {
  io.print(withLineFeed(values.json ? toSafeJson(json) : render(styleOfStdout(io))));
}

function note({ io, values }: ClientContext, file: string, what: string): void {
  if (!values.json) io.stderr.write(`Saved ${neutraliseLine(what)} to ${file}.\n`);
}

async function saveParts(context: ClientContext, path: string, result: PrintedResult): Promise<boolean> {
  const parts = findBinaryParts(result.parts);
  if (parts.length === 0) return false;
  const contents = parts.map(({ bytes }) => bytes);
  const files = await writeOutputFiles(path, contents, context.values.force);
  for (const [index, file] of files.entries()) note(context, file, parts[index]?.mimeType ?? "binary data");
  return true;
}

/**
 * Checks before anything is called that the result can go where `--output` says.
 *
 * @throws `usage`
 */
export async function checkOutput({ values }: ClientContext): Promise<void> {
  if (values.output !== undefined) await checkOutputFile(values.output, values.force);
}

/**
 * Prints a result on standard output, or writes it to the file of `--output`: with `--json` all of it as JSON, else
 * the bytes of its binary parts (and its text on standard output), else its text.
 *
 * @throws `output_failed`, `protocol_error`
 */
export async function printResult(context: ClientContext, result: PrintedResult): Promise<void> {
  try {
    await printAsWanted(context, result);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AppError("protocol_error", "The server's answer is nested too deeply to be shown.", {
      cause: error,
    });
  }
}

async function printAsWanted(context: ClientContext, result: PrintedResult): Promise<void> {
  const { output: path, json, force } = context.values;
  if (path === undefined) return printText(context, result);
  if (!json && (await saveParts(context, path, result))) return printText(context, result);
  const plain = { isTerminal: false, columns: 80, hasColor: false };
  await writeOutputFile(path, withLineFeed(json ? toSafeJson(result.json) : result.render(plain)), force);
  note(context, path, "the result");
}
