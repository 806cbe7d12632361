import type { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { Clock } from "../../../base/clock.ts";
import { AppError } from "../../../base/errors.ts";

/** Bounds on sessions. */
export interface SessionLimits {
  /** Milliseconds without a request after which a session ends. Default 30 min. */
  readonly idleMs: number;
  /** Sessions of one caller; the one unused for longest gives way. Default 64. */
  readonly maxPerCaller: number;
  /** Sessions of all callers; beyond it none is opened. Default 4096. */
  readonly max: number;
}

export const defaultSessionLimits: SessionLimits = { idleMs: 1_800_000, maxPerCaller: 64, max: 4096 };

/** One client's session. */
export interface Session {
  readonly id: string;
  /** Key of the caller who opened it. */
  readonly owner: string;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** The revision that was negotiated. */
  readonly protocolVersion: string;
}

/** The open sessions. Each belongs to the caller who opened it; to anyone else it does not exist. */
export interface SessionMap {
  /**
   * Makes room for one more session of this caller. Without a caller only the total counts: callers whom nobody
   * can tell apart must not push one another out.
   *
   * @throws `too_many_sessions`
   */
  makeRoom(owner: string | undefined): void;
  add(session: Session): void;
  /** The session of that id and owner, which counts as used now. */
  use(id: string, owner: string): Session | undefined;
  remove(id: string): void;
  close(): Promise<void>;
}

const sweepIntervalMs = 60_000;

/** Opens the session map; idle sessions end by themselves. */
export function createSessionMap(clock: Clock, limits: SessionLimits): SessionMap {
  const sessions = new Map<string, { readonly session: Session; lastUsedMs: number }>();

  function end({ id, transport }: Session): void {
    sessions.delete(id);
    void transport.close().catch(() => {});
  }

  const isIdle = ({ lastUsedMs }: { lastUsedMs: number }) => clock.nowMs() - lastUsedMs >= limits.idleMs;

  function endIdle(): void {
    for (const entry of sessions.values()) if (isIdle(entry)) end(entry.session);
  }

  const sweep = setInterval(endIdle, sweepIntervalMs);
  sweep.unref();

  return {
    makeRoom(owner) {
      endIdle();
      const own = [...sessions.values()].filter(({ session }) => session.owner === owner);
      const [oldest] = own.toSorted((a, b) => a.lastUsedMs - b.lastUsedMs);
      if (oldest && own.length >= limits.maxPerCaller) end(oldest.session);
      if (sessions.size < limits.max) return;
      throw new AppError("too_many_sessions", "The server has no room for a further session.", {
        retryAfterSeconds: 5,
      });
    },
    add(session) {
      sessions.set(session.id, { session, lastUsedMs: clock.nowMs() });
    },
    use(id, owner) {
      const entry = sessions.get(id);
      if (entry?.session.owner !== owner || isIdle(entry)) return undefined;
      entry.lastUsedMs = clock.nowMs();
      return entry.session;
    },
    remove(id) {
      sessions.delete(id);
    },
    async close() {
      clearInterval(sweep);
      const ended = [...sessions.values()];
      sessions.clear();
      await Promise.allSettled(ended.map(({ session }) => session.transport.close()));
    },
  };
}
