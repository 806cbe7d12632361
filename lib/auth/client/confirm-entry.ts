import { createHash } from "node:crypto";
import type { Abortable } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { neutraliseLine, quote } from "../../base/text.ts";
import type { Environment } from "../../config/environment.ts";
import type { ListedServer } from "../../config/mcp-json.ts";
import type { ChosenServer } from "../../config/server-entry.ts";
import type { Ask } from "./confirm-origin.ts";
import { createTrustedEntries, type TrustedEntry } from "./trusted-servers.ts";

/** More of a command or an address is not shown; a person must be able to read all of it. */
const maxShown = 2000;

/** What is asked, and whom. */
export interface EntryQuestion {
  readonly listed: ListedServer;
  readonly chosen: ChosenServer;
  readonly environment: Environment;
  /** Absent: nobody may be asked. */
  readonly ask: Ask | undefined;
}

function recordOf({ path, name, entry }: ListedServer): TrustedEntry {
  return { path, name, digest: createHash("sha256").update(JSON.stringify(entry)).digest("hex") };
}

/** Characters that a terminal obeys or does not draw: what is left out of a question may be the command itself. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

function escapeUnseen(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");
}

/** All of the entry as JSON: what cannot be seen is escaped, never removed. */
function showWhole(entry: ListedServer["entry"]): string {
  return JSON.stringify(entry).replace(unseen, escapeUnseen);
}

/**
 * The entry as it stands in the file, on a row of its own: with its variables' names, not with their values. It is
 * JSON, which cannot look like a sentence of ours; blanks that could push a part of it out of sight become one.
 */
function describe({ entry, shownPath, name }: ListedServer, chosen: ChosenServer): string {
  const isCommand = chosen.kind === "command";
  return [
    `The file ${shownPath}, which nobody named, says of ${quote(name)}:`,
    `  ${neutraliseLine(showWhole(entry))}`,
    isCommand ? "Start this command on this machine?" : "Send these headers and variables there?",
  ].join("\n");
}

/**
 * Lets an entry of an `mcp.json` that nobody named start a command, or take headers and variables along, only after
 * a person confirmed exactly this entry once (DESIGN 5, "A folder is not trusted").
 *
 * @throws `untrusted_destination`
 */
export async function confirmEntry(question: EntryQuestion, { signal }: Abortable): Promise<void> {
  const { listed, chosen, environment, ask } = question;
  const { name, shownPath, entry } = listed;
  const record = recordOf(listed);
  const trusted = createTrustedEntries(environment);
  const isKnown = (await trusted.list()).some(
    (other) => other.path === record.path && other.name === name && other.digest === record.digest,
  );
  if (isKnown) return;
  const isReadable = showWhole(entry).length <= maxShown;
  if (!isReadable || ask === undefined || !(await ask(describe(listed, chosen), { signal }))) {
    const verb = chosen.kind === "command" ? "starts a command" : "takes headers or variables along";
    const message = `The server ${quote(name)} in ${quote(shownPath)} ${verb}, and nobody has confirmed that yet.`;
    throw new AppError("untrusted_destination", message, {
      hint: `Run mcp-client --server ${quote(name)} on a terminal to confirm it once, or name the file: --mcp-config ${shownPath}`,
    });
  }
  await trusted.remember(record, { signal }).catch(() => signal?.throwIfAborted());
}
