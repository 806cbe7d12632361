import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toAppError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";

/** How much of a result a model gets to read, in bytes of UTF-8. */
export const maxAnswerBytes = 50_000;
const headBytes = 35_000;
const tailBytes = 14_000;

/** A result as the model gets it. */
export interface ShortenedText {
  readonly text: string;
  /** Where the whole of it is. Absent where nothing was cut, or it could not be written. */
  readonly file: string | undefined;
}

/** Moves a place in UTF-8 to the left, to where a character begins. */
function toBoundary(bytes: Buffer, place: number): number {
  let start = place;
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}

function fileName(tool: string, number: number): string {
  const readable = tool.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 40);
  return `${number}-${readable}.txt`;
}

/**
 * Keeps a model's context from being flooded: of a longer result the model gets the head and the tail, and the whole
 * goes into a file that only this user can read (0600 in a folder of 0700), which stays there for the person.
 */
export class ResultFiles {
  readonly #log: Log;
  #folder: Promise<string> | undefined;
  #count = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Cuts a text to {@link maxAnswerBytes}, the note on what is missing included. */
  async shorten(text: string, tool: string): Promise<ShortenedText> {
    if (Buffer.byteLength(text) <= maxAnswerBytes) return { text, file: undefined };
    const bytes = Buffer.from(text);
    const file = await this.#write(bytes, tool);
    const headEnd = toBoundary(bytes, headBytes);
    const tailStart = toBoundary(bytes, bytes.length - tailBytes);
    const where = file === undefined ? "" : `; the person finds the whole in ${file}`;
    const note = `[… ${tailStart - headEnd} of ${bytes.length} bytes are left out here${where} …]`;
    const head = bytes.toString("utf8", 0, headEnd);
    return { text: `${head}\n${note}\n${bytes.toString("utf8", tailStart)}`, file };
  }

  async #write(bytes: Buffer, tool: string): Promise<string | undefined> {
    this.#count += 1;
    const name = fileName(tool, this.#count);
    try {
      // `mkdtemp` makes a folder that is closed to others.
      this.#folder ??= mkdtemp(join(tmpdir(), "mcp-agent-"));
      const path = join(await this.#folder, name);
      await writeFile(path, bytes, { mode: 0o600, flag: "wx" });
      return path;
    } catch (thrown) {
      this.#folder = undefined;
      this.#log.warn(
        `A long result could not be kept in a file: ${toAppError(thrown).detail ?? "no reason"}.`,
      );
      return undefined;
    }
  }
}
