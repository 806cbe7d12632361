import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { createInFlight } from "../in-flight.ts";

export type RequestId = string | number;

/** The answers to one batch, which leave together. */
export interface Batch {
  /** How many of its requests are not settled yet. */
  open: number;
  readonly answers: JSONRPCMessage[];
}

interface Pending {
  readonly method: string;
  readonly batch: Batch | undefined;
  readonly end: () => void;
}

/** What leaves when a request is settled: a message, a whole batch, or nothing yet. */
export type Outgoing = JSONRPCMessage | readonly JSONRPCMessage[] | undefined;

/** A request that lasts as long as the connection; nobody waits for its answer. */
const listening = "subscriptions/listen";

/** The requests of one connection that have no answer yet. */
export class PendingRequests {
  readonly #pending = new Map<RequestId, Pending>();
  readonly #inFlight = createInFlight();

  has(id: RequestId): boolean {
    return this.#pending.has(id);
  }

  methodOf(id: RequestId): string | undefined {
    return this.#pending.get(id)?.method;
  }

  add(id: RequestId, method: string, batch?: Batch): void {
    const end = method === listening ? () => {} : this.#inFlight.begin();
    this.#pending.set(id, { method, batch, end });
  }

  /** Settles a request by its answer, or without one where it was cancelled. */
  settle(id: RequestId, answer?: JSONRPCMessage): Outgoing {
    const pending = this.#pending.get(id);
    if (!pending) return answer;
    this.#pending.delete(id);
    pending.end();
    return pending.batch ? closeBatchEntry(pending.batch, answer) : answer;
  }

  /** Resolves when every request but listening ones is settled, or when the signal fires. */
  settled(signal: AbortSignal): Promise<void> {
    return this.#inFlight.drained(signal);
  }

  /** Forgets them all. */
  clear(): void {
    for (const { end } of this.#pending.values()) end();
    this.#pending.clear();
  }
}

/** Notes one answer of a batch; the last one lets all of them go (JSON-RPC 2.0 section 6). */
export function closeBatchEntry(batch: Batch, answer: JSONRPCMessage | undefined): Outgoing {
  if (answer) batch.answers.push(answer);
  batch.open--;
  return batch.open === 0 && batch.answers.length > 0 ? batch.answers : undefined;
}
