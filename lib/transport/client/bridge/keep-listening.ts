import { sleep } from "../../../base/abort.ts";
import { AppError } from "../../../base/errors.ts";
import { type JsonObject, toJsonObject } from "../../../base/json.ts";
import { noLimitMs } from "../operation.ts";
import type { Call, Message, Outcome } from "./message.ts";
import type { ModernServer } from "./modern-server.ts";
import { listChanges, resourceUpdated } from "./revisions.ts";

const firstPauseMs = 1000;
const maxPauseMs = 60_000;
const acknowledged = "notifications/subscriptions/acknowledged";
const unlimited = { idleTimeoutMs: noLimitMs, maxTimeMs: noLimitMs };

export interface Listening {
  readonly server: ModernServer;
  /** `subscriptions/listen` with its envelope. */
  readonly call: Call;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** The first acknowledgement, with what the server will tell of. */
  onAcknowledged(call: Call): void;
  onChange(call: Call): void | Promise<void>;
}

/** What may have changed unseen while nobody listened. */
function changesIn(honoured: JsonObject): readonly Call[] {
  const lists = Object.values(listChanges).filter(({ filter }) => honoured[filter] === true);
  const uris = honoured["resourceSubscriptions"];
  return [
    ...lists.map(({ notification }) => ({ method: notification })),
    ...(Array.isArray(uris) ? uris : []).map((uri: unknown) => ({
      method: resourceUpdated,
      params: { uri },
    })),
  ];
}

/**
 * Listens to a server's changes for as long as somebody wants to know: when the stream breaks, the server restarts or
 * the token ends, it is opened again, and everything is then told as changed.
 *
 * @returns the answer of a server that does not listen, or has nothing to tell
 * @throws what the first attempt throws; the signal's reason
 */
export async function keepListening(listening: Listening): Promise<Outcome> {
  const { server, call, signal } = listening;
  let honoured: JsonObject | undefined;
  let pauseMs = firstPauseMs;
  const take = async (message: Message): Promise<void> => {
    if (message.kind !== "notification") return;
    const { call: change } = message;
    if (change.method !== acknowledged) return listening.onChange(change);
    pauseMs = firstPauseMs;
    const isFirst = honoured === undefined;
    honoured = toJsonObject(change.params?.["notifications"]);
    if (isFirst) return listening.onAcknowledged(change);
    for (const missed of changesIn(honoured)) await listening.onChange(missed);
  };
  for (;;) {
    try {
      const outcome = await server.request(call, { signal, limits: unlimited, onMessage: take });
      const isOver = honoured === undefined || Object.keys(honoured).length === 0;
      if (isOver || "error" in outcome) return outcome;
    } catch (thrown) {
      if (signal.aborted || honoured === undefined || !(thrown instanceof AppError)) throw thrown;
    }
    await sleep(pauseMs, { signal });
    pauseMs = Math.min(pauseMs * 2, maxPauseMs);
  }
}
