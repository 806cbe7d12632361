import { AppError } from "../../../base/errors.ts";
import { quote } from "../../../base/text.ts";
import { toErrorAnswer } from "../error-answer.ts";
import { readCancelledId, readRequestIds, type RequestId } from "../message.ts";
import { type Slots, takeCall } from "../slots.ts";
import { isEventStream } from "../supervise-stream.ts";
import type { Session } from "./session.ts";
import type { SessionMap } from "./session-map.ts";
import { passOn, type SessionRequest } from "./session-request.ts";
import type { SessionTransport } from "./session-transport.ts";

type OpenSession = Session<SessionTransport>;

export interface PostMessageOptions {
  readonly map: SessionMap<SessionTransport>;
  /** Calls of each caller that may run at a time. */
  readonly calls: Slots;
}

/** The first id that is used a second time before its first request has its answer. */
function findReused({ running }: OpenSession, ids: readonly RequestId[]): RequestId | undefined {
  const inMessage = new Set<RequestId>();
  for (const id of ids) {
    if (running.get(id) || inMessage.has(id)) return id;
    inMessage.add(id);
  }
  return undefined;
}

/** Takes slots for all the requests, or for none. */
function takeSlots(calls: Slots, caller: string, count: number): readonly (() => void)[] {
  const taken: (() => void)[] = [];
  try {
    while (taken.length < count) taken.push(takeCall(calls, caller));
    return taken;
  } catch (error) {
    for (const release of taken) release();
    throw error;
  }
}

/**
 * Hands a message, or a batch, to its session. A request counts as running until its answer has left, also when
 * its stream broke: it can still be resumed. An id that is in use is refused: the SDK would send the first
 * request's answer to the second one's stream.
 *
 * @throws `too_many_calls`
 */
export async function postMessage(
  session: OpenSession,
  incoming: SessionRequest,
  { map, calls }: PostMessageOptions,
): Promise<Response> {
  const { id: sessionId, transport, running } = session;
  const ids = readRequestIds(incoming.body);
  const reused = findReused(session, ids);
  if (reused !== undefined) {
    return toErrorAnswer(
      new AppError("invalid_request", `The request id ${quote(reused)} is in use.`),
      reused,
    );
  }
  const slots = takeSlots(calls, incoming.caller, ids.length);
  for (const [index, id] of ids.entries()) {
    const letGo = map.hold(sessionId);
    const release = () => {
      slots[index]?.();
      letGo();
    };
    running.begin(id, { isAlone: ids.length === 1, release });
  }
  let isRunning = false;
  try {
    const response = await passOn(transport, incoming);
    isRunning = isEventStream(response);
    const cancelled = readCancelledId(incoming.body);
    if (cancelled !== undefined) await transport.free(cancelled);
    return response;
  } finally {
    if (!isRunning) for (const id of ids) running.end(id);
  }
}
