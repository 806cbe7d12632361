import { join } from "node:path";
import type { ModelMessage } from "../../lib/agent/conversation.ts";
import type { SessionFile, StoredSession } from "../../lib/agent/sessions/session-file.ts";
import { openSessionStore, type SessionStore } from "../../lib/agent/sessions/session-store.ts";
import { AppError, toAppError } from "../../lib/base/errors.ts";
import type { Log } from "../../lib/base/log.ts";
import { findDataFolder } from "../../lib/config/config-folder.ts";
import type { Environment } from "../../lib/config/environment.ts";

/** Where a session is held. */
export interface SessionPlace {
  readonly server: string;
  readonly model: string;
}

/** Which session goes on, or none. */
export interface SessionChoice {
  readonly continue: boolean;
  readonly resume: string | undefined;
  readonly ephemeral: boolean;
}

/** Keeps the record of what is said, as it is said. */
export interface SessionRecorder {
  /** Absent when no record is kept. */
  readonly id: string | undefined;
  /** The session that goes on, as it was at the start; absent for a new one. */
  readonly resumed: StoredSession | undefined;
  /** Never throws: a record that cannot be written is given up with a warning. */
  add(messages: readonly ModelMessage[]): void;
  /** What was said so far is forgotten. */
  clear(): void;
  /**
   * Goes on with the record of another session.
   *
   * @throws `unknown_session`, `session_unusable`, `usage` with `--ephemeral`
   */
  resume(id: string): StoredSession;
}

/**
 * The store of the person's sessions.
 *
 * @throws `session_unusable` where there is no home folder
 */
export function openPersonalStore(environment: Environment): SessionStore {
  const folder = findDataFolder(environment);
  if (folder !== undefined) return openSessionStore(join(folder, "sessions"));
  throw new AppError("session_unusable", "There is no home folder to keep sessions in.", {
    hint: "Set HOME or XDG_DATA_HOME, or give --ephemeral.",
  });
}

function checkChoice({ continue: goesOn, resume, ephemeral }: SessionChoice): void {
  if (goesOn && resume !== undefined) {
    throw new AppError("usage", "--continue and --resume name two sessions.", { hint: "Give one of them." });
  }
  if (ephemeral && (goesOn || resume !== undefined)) {
    throw ephemeralFault();
  }
}

const ephemeralFault = () => new AppError("usage", "--ephemeral keeps no record, so no session can go on.");

const noRecord: SessionRecorder = {
  id: undefined,
  resumed: undefined,
  add() {},
  clear() {},
  resume() {
    throw ephemeralFault();
  },
};

/** What is recorded in. */
interface RecordPlace {
  /** Absent where no record can be kept. */
  readonly file: SessionFile | undefined;
  /** The session that goes on. */
  readonly resumed?: StoredSession | undefined;
}

function record(place: RecordPlace, { environment, log }: RecorderOptions): SessionRecorder {
  let { file } = place;
  function append(line: Parameters<SessionFile["append"]>[0]): void {
    try {
      file?.append(line);
    } catch (thrown) {
      file = undefined;
      log.warn(`This session is not recorded any more. ${toAppError(thrown).message}`);
    }
  }
  return {
    get id() {
      return file?.id;
    },
    resumed: place.resumed,
    add: (messages) => append({ type: "messages", messages }),
    clear: () => append({ type: "clear" }),
    resume(id) {
      const resumed = openPersonalStore(environment).resume(id);
      file = resumed.file;
      return resumed;
    },
  };
}

/** A place without a home folder, as a container, is no reason to say nothing at all. */
function planFile(place: SessionPlace, { environment, log }: RecorderOptions): SessionFile | undefined {
  try {
    return openPersonalStore(environment).create(place);
  } catch (thrown) {
    log.warn(`This session is not recorded. ${toAppError(thrown).message}`);
    return undefined;
  }
}

/** What a recorder needs besides. */
export interface RecorderOptions {
  readonly environment: Environment;
  readonly log: Log;
}

/**
 * Opens the record of a session: a new one, or one that goes on.
 *
 * @throws `usage`, `unknown_session`, `session_unusable`
 */
export function openRecorder(
  choice: SessionChoice,
  place: SessionPlace,
  options: RecorderOptions,
): SessionRecorder {
  checkChoice(choice);
  if (choice.ephemeral) return noRecord;
  const { resume } = choice;
  if (!choice.continue && resume === undefined) return record({ file: planFile(place, options) }, options);
  const store = openPersonalStore(options.environment);
  const resumed = resume === undefined ? store.resumeNewest(place.server) : store.resume(resume);
  return record({ file: resumed.file, resumed }, options);
}
