import type { CallStreams } from "./call-streams.ts";
import type { SessionEvents } from "./event-store.ts";
import type { RunningRequests } from "./running-requests.ts";

/** Bounds on sessions. */
export interface SessionLimits {
  /** Milliseconds without a request, a running call and an open stream after which a session ends. */
  readonly idleMs: number;
  /** Milliseconds after which a session ends, whatever happens in it. */
  readonly maxAgeMs: number;
  /** Sessions of one caller; of those in which nothing happens the one unused for longest gives way. */
  readonly maxPerCaller: number;
  /** Sessions of all callers; beyond it none is opened. */
  readonly max: number;
}

/** 30 minutes, 24 hours, 64 for each caller, 4096 in all. */
export const defaultSessionLimits: SessionLimits = {
  idleMs: 1_800_000,
  maxAgeMs: 86_400_000,
  maxPerCaller: 64,
  max: 4096,
};

/** The part of a transport that the map uses. */
export interface SessionEnd {
  close(): Promise<void>;
}

/** One client's session. */
export interface Session<Transport extends SessionEnd = SessionEnd> {
  readonly id: string;
  /** Key of the identity that opened it. */
  readonly owner: string;
  /** Who it is counted for: the owner, or without tokens an address. */
  readonly caller: string;
  readonly transport: Transport;
  /** The revision that was negotiated. */
  readonly protocolVersion: string;
  readonly running: RunningRequests;
  readonly events: SessionEvents;
  readonly streams: CallStreams;
  /** Of its answers that are JSON. */
  readonly answerHeaders: () => Headers;
}

/** Makes them with the first answer, for all that follow: an idle session needs none. */
export function createAnswerHeaders(sessionId: string): () => Headers {
  let headers: Headers | undefined;
  return () => {
    headers ??= new Headers({ "content-type": "application/json", "mcp-session-id": sessionId });
    return headers;
  };
}
