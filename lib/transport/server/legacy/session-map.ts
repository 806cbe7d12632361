import type { Clock } from "../../../base/clock.ts";
import { AppError } from "../../../base/errors.ts";
import type { Session, SessionEnd, SessionLimits } from "./session.ts";
import { createSessionTable, type SessionEntry, type SessionTable } from "./session-table.ts";

/** Room for one session that is being opened. */
export interface Reservation<Transport extends SessionEnd = SessionEnd> {
  /** Puts the session in. */
  put(session: Session<Transport>): void;
  /** Gives the room back, unless a session was put in. */
  release(): void;
}

/** The open sessions. Each belongs to the identity that opened it; to anyone else it does not exist. */
export interface SessionMap<Transport extends SessionEnd = SessionEnd> {
  /**
   * Makes room for one more session of this caller. The room is taken at once, so that initializing many times at
   * once opens no more sessions than one after the other.
   *
   * @throws `too_many_sessions`
   */
  reserve(caller: string): Reservation<Transport>;
  /** The session of that id and owner, which counts as used now. */
  use(id: string, owner: string): Session<Transport> | undefined;
  /** Keeps a session from being idle, until the returned function is called for the first time. */
  hold(id: string): () => void;
  remove(id: string): void;
  close(): Promise<void>;
}

const maxSweepIntervalMs = 60_000;

function refuseSession(whose: string, retryAfterSeconds: number): AppError {
  const hint = "End one with DELETE, or wait until one was idle for long enough.";
  return new AppError("too_many_sessions", `${whose} no room for a further session.`, {
    hint,
    retryAfterSeconds,
  });
}

/** The caller's session that was unused for longest, of those in which nothing happens. */
function findSpare(
  entries: ReadonlyMap<string, SessionEntry<SessionEnd>>,
  caller: string,
): string | undefined {
  for (const [id, { session, holds }] of entries) {
    if (session.caller === caller && holds === 0) return id;
  }
  return undefined;
}

function reserve<Transport extends SessionEnd>(
  table: SessionTable<Transport>,
  caller: string,
): Reservation<Transport> {
  table.count(caller, 1);
  let isOpen = true;
  return {
    put(session) {
      isOpen = false;
      table.add(session);
    },
    release() {
      if (isOpen) table.count(caller, -1);
      isOpen = false;
    },
  };
}

function hold<Transport extends SessionEnd>(table: SessionTable<Transport>, id: string): () => void {
  const entry = table.entries.get(id);
  if (!entry) return () => {};
  entry.holds++;
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    entry.holds--;
    if (table.entries.has(id)) table.touch(entry);
  };
}

/** Opens the session map; idle and old sessions end by themselves. */
export function createSessionMap<Transport extends SessionEnd>(
  clock: Clock,
  limits: SessionLimits,
): SessionMap<Transport> {
  const table = createSessionTable<Transport>(clock, limits);
  const { entries } = table;

  async function end(id: string): Promise<void> {
    const session = table.remove(id);
    session?.running.endAll();
    await session?.transport.close();
  }

  const endInBackground = (id: string) => void end(id).catch(() => {});

  function sweep(): void {
    for (const [id, entry] of entries) {
      if (table.isOver(entry)) endInBackground(id);
      else entry.session.events.expire();
    }
  }

  const sweepMs = Math.max(100, Math.min(maxSweepIntervalMs, limits.idleMs / 4));
  const sweeping = setInterval(sweep, sweepMs);
  sweeping.unref();

  return {
    reserve(caller) {
      if (table.total() >= limits.max) sweep();
      if (table.countOf(caller) >= limits.maxPerCaller) {
        const spare = findSpare(entries, caller);
        if (spare === undefined) throw refuseSession("You have", 5);
        endInBackground(spare);
      }
      if (table.total() >= limits.max) throw refuseSession("The server has", 60);
      return reserve(table, caller);
    },
    use(id, owner) {
      const entry = entries.get(id);
      if (entry?.session.owner !== owner || table.isOver(entry)) return undefined;
      table.touch(entry);
      return entry.session;
    },
    hold: (id) => hold(table, id),
    remove: (id) => void table.remove(id)?.running.endAll(),
    async close() {
      clearInterval(sweeping);
      await Promise.allSettled([...entries.keys()].map(end));
    },
  };
}
