import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Abortable } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { findConfigFolder } from "../../config/config-folder.ts";
import type { Environment } from "../../config/environment.ts";
import { isRecord } from "./fetch-json.ts";
import { takeFileLock } from "./file-lock.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

const maxBytes = 1024 * 1024;
const maxRecords = 200;

/** What one kind of confirmation is. */
export interface ConfirmationKind<Entry> {
  /** Name of its file. */
  readonly file: string;
  /** Member of the file that holds the list. */
  readonly member: string;
  /** The entry that a member of the list stands for, or none. */
  readonly parse: (value: unknown) => Entry[];
  readonly isSame: (a: Entry, b: Entry) => boolean;
}

/** What a person confirmed once, remembered in the user's config folder: mode 0600, its folder 0700. */
export interface Confirmations<Entry> {
  /** Never throws: what cannot be read counts as empty, so that a person is asked again. */
  list(): Promise<readonly Entry[]>;
  /**
   * Remembers a confirmation. False when there is nowhere to keep it (no home folder).
   *
   * @throws `cache_unusable` when the file cannot be written
   */
  remember(entry: Entry, options?: Abortable): Promise<boolean>;
}

/** Where a file of confirmations is: in the user's config folder. */
export function findConfirmationsFile(
  environment: Environment,
  file: string,
  platform = process.platform,
): string | undefined {
  const folder = findConfigFolder(environment, platform);
  return folder === undefined ? undefined : join(folder, file);
}

async function readEntries<Entry>(path: string, kind: ConfirmationKind<Entry>): Promise<readonly Entry[]> {
  try {
    const file = await readPrivateFile(path, maxBytes);
    const parsed: unknown = file.kind === "read" ? JSON.parse(file.text) : undefined;
    const listed = isRecord(parsed) ? parsed[kind.member] : undefined;
    return Array.isArray(listed) ? listed.flatMap(kind.parse) : [];
  } catch {
    return [];
  }
}

interface Addition<Entry> extends Abortable {
  readonly entry: Entry;
  readonly kind: ConfirmationKind<Entry>;
}

async function addEntry<Entry>(path: string, { entry, kind, signal }: Addition<Entry>): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const lock = await takeFileLock(`${path}.lock`, { signal });
  try {
    const others = (await readEntries(path, kind)).filter((other) => !kind.isSame(entry, other));
    const entries = [...others, entry].slice(-maxRecords);
    await writePrivateFile(path, `${JSON.stringify({ [kind.member]: entries }, null, 2)}\n`);
  } finally {
    await lock.release();
  }
}

function createUnwritableError(path: string, cause: unknown): AppError {
  return new AppError("cache_unusable", `The confirmation cannot be kept in ${quote(path, 200)}.`, {
    hint: "Check that you may write there; until then you are asked every time.",
    cause,
  });
}

/** Opens the remembered confirmations of one kind. */
export function createConfirmations<Entry>(
  environment: Environment,
  kind: ConfirmationKind<Entry>,
): Confirmations<Entry> {
  const path = findConfirmationsFile(environment, kind.file);
  return {
    list: async () => (path === undefined ? [] : readEntries(path, kind)),
    remember: async (entry, options = {}) => {
      if (path === undefined) return false;
      try {
        await addEntry(path, { entry, kind, signal: options.signal });
      } catch (error) {
        if (options.signal?.aborted) throw options.signal.reason;
        throw createUnwritableError(path, error);
      }
      return true;
    },
  };
}
