import { parseJson } from "../json-rpc.ts";
import { EventReader } from "../event-reader.ts";
import { type Message, readMessage } from "./message.ts";

/** What is left of a stream that has ended or broken. */
export interface StreamRest {
  /** After which event it can be taken up again; undefined where it cannot. */
  readonly lastEventId: string | undefined;
  /** How long the server asks to wait before, in milliseconds. */
  readonly retryMs: number | undefined;
}

/** Takes one message; true ends the reading. */
export type TakeMessage = (message: Message) => boolean | void | Promise<boolean | void>;

/** A stream whose last message has come is read to its end, so that its connection can be used again: so long. */
const endLimitMs = 2000;

interface Reader {
  read(): Promise<{ readonly done: boolean }>;
  cancel(): Promise<void>;
}

async function readToEnd(reader: Reader): Promise<void> {
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), endLimitMs);
  try {
    while (!(await reader.read()).done);
  } catch {
    // It broke off after everything that counts.
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Gives each message of a stream of server-sent events to `take`, one after the other, and reads on when that is
 * done with it: so a slow host slows the server down. What is no message of MCP is passed over. A stream that breaks
 * just ends.
 *
 * @throws `protocol_error` for an event larger than `maxEventBytes`
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  maxEventBytes: number,
  take: TakeMessage,
): Promise<StreamRest> {
  const events = new EventReader(maxEventBytes);
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true as const }));
    if (done) return { lastEventId: events.lastId, retryMs: events.retryMs };
    for (const { data } of events.push(decoder.decode(value, { stream: true }))) {
      const message = data === "" ? undefined : readMessage(parseJson(data));
      if (message && (await take(message))) {
        void readToEnd(reader);
        return { lastEventId: undefined, retryMs: undefined };
      }
    }
  }
}
