import { sleep } from "../../base/abort.ts";
import { toAppError } from "../../base/errors.ts";
import type { Link } from "./link.ts";
import { noLimitMs, Operation } from "./operation.ts";

const firstPauseMs = 1000;
const maxPauseMs = 60_000;
const unlimited = { idleTimeoutMs: noLimitMs };

/** Opens one stream and waits for its end. */
async function listenOnce(link: Link, signal: AbortSignal, onOpen: () => void): Promise<void> {
  const what = { subject: "Listening for changes", hasEffects: false };
  const operation = new Operation(what, unlimited, signal);
  try {
    const options = { signal: operation.signal, timeout: noLimitMs };
    const subscription = await link.run(operation, (client) =>
      client.listen({ toolsListChanged: true }, options),
    );
    onOpen();
    await subscription.closed;
  } finally {
    operation.finish();
  }
}

/**
 * Listens to a server of 2026-07-28 for changes of its tools, which the link then tells of. When the stream ends
 * (the server restarts, the token has ended), it is opened again, with pauses of 1 to 60 s. Ends with the signal, and
 * where the server does not know the request.
 *
 * @param onMissed told after each gap: what changed in it was not heard
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export async function listenForTools(link: Link, signal: AbortSignal, onMissed: () => void): Promise<void> {
  let pauseMs = firstPauseMs;
  let isFirst = true;
  const onOpen = () => {
    if (!isFirst) onMissed();
    isFirst = false;
    pauseMs = firstPauseMs;
  };
  while (!signal.aborted) {
    try {
      await listenOnce(link, signal, onOpen);
    } catch (thrown) {
      if (toAppError(thrown).code === "protocol_error") return;
    }
    await sleep(pauseMs, { signal }).catch(() => {});
    pauseMs = Math.min(pauseMs * 2, maxPauseMs);
  }
}
