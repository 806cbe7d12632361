import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import {
  planSessionFile,
  openSessionFile,
  readSession,
  type SessionFile,
  type StoredSession,
} from "./session-file.ts";

/** The newest stay. */
const maxSessions = 500;
const extension = ".jsonl";

/** A session that goes on. */
export interface ResumedSession extends StoredSession {
  readonly file: SessionFile;
}

/** The sessions of one person, a file each. */
export interface SessionStore {
  /**
   * Starts a new one; its file comes with its first line. Of more than 500 the oldest go.
   *
   * @throws `session_unusable`
   */
  create(held: { readonly server: string; readonly model: string }): SessionFile;
  /**
   * Finds one by its id, or by the beginning of its id.
   *
   * @throws `unknown_session`, `session_unusable`
   */
  resume(id: string): ResumedSession;
  /**
   * Finds the newest that was held with a server.
   *
   * @throws `unknown_session`, `session_unusable`
   */
  resumeNewest(server: string): ResumedSession;
  /** Those that can be read, the newest first; no more than `most`, which is all by default. */
  list(most?: number): readonly StoredSession[];
}

/** Sorts by time: `20261123-142211-4f2a9c`, in UTC. */
function createId(clock: Clock): string {
  const time = new Date(clock.nowMs()).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${time}-${crypto.randomUUID().slice(0, 6)}`;
}

function readIds(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(extension));
    return names.map((name) => name.slice(0, -extension.length)).toSorted((a, b) => b.localeCompare(a));
  } catch {
    return [];
  }
}

function tryRead(path: string): StoredSession | undefined {
  try {
    return readSession(path);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AppError("session_unusable", `The folder ${quote(folder, 200)} cannot be made.`, {
      hint: "Set right what is wrong with it, or give --ephemeral to keep no record.",
      cause: error,
    });
  }
}

const listHint = "mcp-agent sessions lists them.";

/**
 * Opens the store of sessions in a folder, which need not be there yet.
 *
 * @param options.clock default {@link systemClock}
 */
export function openSessionStore(
  folder: string,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): SessionStore {
  const pathOf = (id: string) => join(folder, `${id}${extension}`);

  function open(id: string): ResumedSession {
    const path = pathOf(id);
    return { ...readSession(path), file: openSessionFile(path, id) };
  }

  return {
    list(most = maxSessions) {
      const found: StoredSession[] = [];
      for (const id of readIds(folder)) {
        const session = found.length < most ? tryRead(pathOf(id)) : undefined;
        if (session) found.push(session);
      }
      return found;
    },
    create(held) {
      makeFolder(folder);
      for (const old of readIds(folder).slice(maxSessions - 1)) rmSync(pathOf(old), { force: true });
      const id = createId(clock);
      const startedAt = new Date(clock.nowMs()).toISOString();
      return planSessionFile(pathOf(id), { type: "session", v: 1, id, startedAt, ...held });
    },
    resume(id) {
      const found = readIds(folder).filter((other) => other.startsWith(id));
      if (found.length === 1 && found[0] !== undefined && id !== "") return open(found[0]);
      const fault = found.length > 1 ? "More than one session begins with" : "There is no session";
      throw new AppError("unknown_session", `${fault} ${quote(id)}.`, { hint: listHint });
    },
    resumeNewest(server) {
      for (const id of readIds(folder)) {
        if (tryRead(pathOf(id))?.header.server === server) return open(id);
      }
      throw new AppError("unknown_session", `No session was held with ${quote(server, 200)}.`, {
        hint: `Start without --continue. ${listHint}`,
      });
    },
  };
}
