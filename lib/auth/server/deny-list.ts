import { stat } from "node:fs/promises";

const maxBytes = 16 * 1024 * 1024;
const tokenId = /^[\x21-\x7E]{1,128}$/;

/** What a file of denied tokens says. */
export interface DenyList {
  readonly ids: ReadonlySet<string>;
  /** Numbers of the lines that are no token ids. */
  readonly badLines: readonly number[];
}

function parseList(text: string): DenyList {
  const ids = new Set<string>();
  const badLines: number[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const id = line.trim();
    if (id === "" || id.startsWith("#")) continue;
    if (tokenId.test(id)) ids.add(id);
    else badLines.push(index + 1);
  }
  return { ids, badLines };
}

/** Tells one version of a file from the next, also when it was replaced within the clock's resolution. */
async function readVersion(path: string): Promise<string> {
  const facts = await stat(path, { bigint: true });
  const { size, mtimeNs, ino } = facts;
  // Reading a pipe or a device might never end.
  if (!facts.isFile()) throw new Error("it is not a file");
  if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
  return `${ino} ${size} ${mtimeNs}`;
}

/**
 * Reads the file, if it is another version than the one given.
 *
 * @returns undefined where it has not changed
 */
export async function readDenyList(
  path: string,
  knownVersion: string,
): Promise<{ readonly list: DenyList; readonly version: string } | undefined> {
  const version = await readVersion(path);
  if (version === knownVersion) return undefined;
  return { list: parseList(await Bun.file(path).text()), version };
}
