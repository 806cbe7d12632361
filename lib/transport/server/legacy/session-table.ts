import type { Clock } from "../../../base/clock.ts";
import type { Session, SessionEnd, SessionLimits } from "./session.ts";

/** A session and what happens in it. */
export interface SessionEntry<Transport extends SessionEnd> {
  readonly session: Session<Transport>;
  readonly openedMs: number;
  lastUsedMs: number;
  /** Calls that run and streams that are open. */
  holds: number;
}

/** The sessions in the order of their use, and how many each caller has, those included that are being opened. */
export interface SessionTable<Transport extends SessionEnd> {
  /** Unused for longest first. */
  readonly entries: ReadonlyMap<string, SessionEntry<Transport>>;
  total(): number;
  countOf(caller: string): number;
  /** Counts a session that is being opened, or one that was not opened after all. */
  count(caller: string, change: 1 | -1): void;
  /** Puts in a session that was counted. */
  add(session: Session<Transport>): void;
  touch(entry: SessionEntry<Transport>): void;
  remove(id: string): Session<Transport> | undefined;
  /** Whether a session has ended by time. */
  isOver(entry: SessionEntry<Transport>): boolean;
}

/** Opens the table. */
export function createSessionTable<Transport extends SessionEnd>(
  clock: Clock,
  { idleMs, maxAgeMs }: SessionLimits,
): SessionTable<Transport> {
  const entries = new Map<string, SessionEntry<Transport>>();
  const counts = new Map<string, number>();
  let total = 0;
  /** The last of `entries`, unless it was removed. */
  let newest: SessionEntry<Transport> | undefined;

  function count(caller: string, change: 1 | -1): void {
    const next = (counts.get(caller) ?? 0) + change;
    if (next > 0) counts.set(caller, next);
    else counts.delete(caller);
    total += change;
  }

  return {
    entries,
    total: () => total,
    countOf: (caller) => counts.get(caller) ?? 0,
    count,
    add(session) {
      const nowMs = clock.nowMs();
      newest = { session, openedMs: nowMs, lastUsedMs: nowMs, holds: 0 };
      entries.set(session.id, newest);
    },
    touch(entry) {
      entry.lastUsedMs = clock.nowMs();
      if (entry === newest) return;
      newest = entry;
      entries.delete(entry.session.id);
      entries.set(entry.session.id, entry);
    },
    remove(id) {
      const entry = entries.get(id);
      if (!entry) return undefined;
      entries.delete(id);
      if (entry === newest) newest = undefined;
      count(entry.session.caller, -1);
      return entry.session;
    },
    isOver({ openedMs, lastUsedMs, holds }) {
      const nowMs = clock.nowMs();
      return (holds === 0 && nowMs - lastUsedMs >= idleMs) || nowMs - openedMs >= maxAgeMs;
    },
  };
}
