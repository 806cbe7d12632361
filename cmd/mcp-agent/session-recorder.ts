import { join } from "node:path";
import type { ModelMessage } from "../../lib/agent/conversation.ts";
import type { SessionFile } from "../../lib/agent/sessions/session-file.ts";
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
  /** What was said before in the session that goes on. */
  readonly history: readonly ModelMessage[];
  /** Never throws: a record that cannot be written is given up with a warning. */
  add(messages: readonly ModelMessage[]): void;
  /** What was said so far is forgotten. */
  clear(): void;
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
    throw new AppError("usage", "--ephemeral keeps no record, so no session can go on.");
  }
}

const noRecord: SessionRecorder = { id: undefined, history: [], add() {}, clear() {} };

function record(file: SessionFile, history: readonly ModelMessage[], log: Log): SessionRecorder {
  let isBroken = false;
  function append(line: Parameters<SessionFile["append"]>[0]): void {
    if (isBroken) return;
    try {
      file.append(line);
    } catch (thrown) {
      isBroken = true;
      log.warn(`This session is not recorded any more. ${toAppError(thrown).message}`);
    }
  }
  return {
    id: file.id,
    history,
    add: (messages) => append({ type: "messages", messages }),
    clear: () => append({ type: "clear" }),
  };
}

/** A place without a home folder, as a container, is no reason to say nothing at all. */
function recordNew(place: SessionPlace, { environment, log }: RecorderOptions): SessionRecorder {
  try {
    return record(openPersonalStore(environment).create(place), [], log);
  } catch (thrown) {
    log.warn(`This session is not recorded. ${toAppError(thrown).message}`);
    return noRecord;
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
  if (!choice.continue && choice.resume === undefined) return recordNew(place, options);
  const store = openPersonalStore(options.environment);
  const { resume } = choice;
  const { file, messages } = resume === undefined ? store.resumeNewest(place.server) : store.resume(resume);
  return record(file, messages, options.log);
}
