import { afterEach, describe, expect, jest, spyOn, test } from "bun:test";
import { createInFlight } from "../../lib/transport/server/in-flight.ts";
import { watchEndOfToken } from "../../lib/transport/server/end-of-token.ts";
import { createProgressSender } from "../../lib/transport/server/progress-sender.ts";
import { superviseStream } from "../../lib/transport/server/supervise-stream.ts";
import { createPrincipal } from "./start-server.ts";

const never = new AbortController().signal;
/** Whether a promise has settled by the time everything that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => (settled = true);
  promise.then(note, note);
  await new Promise<void>((resolve) => setImmediate(resolve));
  return settled;
}

describe("running requests", () => {
  test("are drained when the last has ended", async () => {
    const inFlight = createInFlight();
    const ends = [inFlight.begin(), inFlight.begin()];
    const drained = inFlight.drained(never);
    ends[0]?.();
    ends[0]?.();
    expect(inFlight.count()).toBe(1);
    expect(await isSettled(drained)).toBe(false);
    ends[1]?.();
    await drained;
    expect(inFlight.count()).toBe(0);
    await inFlight.drained(never);
  });

  test("are not waited for once the signal fires, or has fired", async () => {
    const inFlight = createInFlight();
    inFlight.begin();
    const force = new AbortController();
    const drained = inFlight.drained(force.signal);
    expect(await isSettled(drained)).toBe(false);
    force.abort();
    await drained;
    await inFlight.drained(force.signal);
  });
});

describe("the end of a token", () => {
  afterEach(() => void jest.useRealTimers());

  const expiring = (expiresAtSeconds: number) => createPrincipal("a", { expiresAtSeconds });

  test("fires when the token expires, by the given clock", () => {
    jest.useFakeTimers();
    const { signal } = watchEndOfToken(expiring(100), { clock: { nowMs: () => 40_000 }, stopping: never });
    jest.advanceTimersByTime(59_999);
    expect(signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(signal.aborted).toBe(true);
  });

  test("never fires at once for a token that lives longer than a timer can wait", () => {
    jest.useFakeTimers();
    const { signal, clear } = watchEndOfToken(expiring(10_000_000), {
      clock: { nowMs: () => 0 },
      stopping: never,
    });
    jest.advanceTimersByTime(1_000_000);
    expect(signal.aborted).toBe(false);
    clear();
  });

  test("is forgotten when it is cleared", () => {
    jest.useFakeTimers();
    const { signal, clear } = watchEndOfToken(expiring(100), { clock: { nowMs: () => 0 }, stopping: never });
    clear();
    jest.advanceTimersByTime(200_000);
    expect(signal.aborted).toBe(false);
  });

  test("fires with the other signal too, and without a caller with that alone", () => {
    const other = new AbortController();
    const watched = watchEndOfToken(expiring(1e9), { clock: { nowMs: () => 0 }, stopping: other.signal });
    const anonymous = watchEndOfToken(undefined, { clock: { nowMs: () => 0 }, stopping: other.signal });
    other.abort();
    expect(watched.signal.aborted).toBe(true);
    expect(anonymous.signal.aborted).toBe(true);
    watched.clear();
    anonymous.clear();
  });
});

describe("progress", () => {
  test("leaves in order, and flushing waits until it has left", async () => {
    const first = Promise.withResolvers<void>();
    const left: number[] = [];
    const sender = createProgressSender(0, async ({ progress, progressToken }) => {
      expect(progressToken).toBe(0);
      if (progress === 1) await first.promise;
      left.push(progress);
    });
    sender.onProgress?.({ progress: 1 });
    sender.onProgress?.({ progress: 2 });
    const flushed = sender.flush();
    expect(await isSettled(flushed)).toBe(false);
    first.resolve();
    await flushed;
    expect(left).toEqual([1, 2]);
  });

  test("that cannot be delivered does not make the call fail", async () => {
    const sender = createProgressSender("t", () => Promise.reject(new Error("gone")));
    sender.onProgress?.({ progress: 1 });
    await sender.flush();
  });

  test.each([[0], [""], ["t"]])("is sent for the token %j", (token) => {
    expect(createProgressSender(token, async () => {}).onProgress).toBeDefined();
  });

  test("is not sent without a token", async () => {
    const sender = createProgressSender(undefined, () => Promise.reject(new Error("sent")));
    expect(sender.onProgress).toBeUndefined();
    await sender.flush();
  });
});

describe("a supervised stream", () => {
  /** An event stream that the test feeds, and what became of it. */
  function open(endSignal?: AbortSignal) {
    const seen = { ends: 0, cancelled: false };
    const source = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
    const inner = new ReadableStream<Uint8Array>({
      start: (controller) => source.resolve(controller),
      cancel() {
        seen.cancelled = true;
      },
    });
    const headers = { "content-type": "text/event-stream", "mcp-session-id": "s" };
    const response = superviseStream(new Response(inner, { headers }), {
      endSignal,
      onEnd: () => seen.ends++,
    });
    return { seen, response, source: source.promise };
  }

  const bytes = (text: string) => new TextEncoder().encode(text);

  test("begins with a comment and passes on the rest, headers too", async () => {
    const { seen, response, source } = open();
    const controller = await source;
    controller.enqueue(bytes("data: 1\n\n"));
    controller.close();
    expect(response.headers.get("mcp-session-id")).toBe("s");
    expect(await response.text()).toBe(":\n\ndata: 1\n\n");
    expect(seen).toEqual({ ends: 1, cancelled: false });
  });

  test("ends with its signal, and so does what feeds it", async () => {
    const end = new AbortController();
    const { seen, response } = open(end.signal);
    const text = response.text();
    end.abort();
    expect(await text).toBe(":\n\n");
    expect(seen).toEqual({ ends: 1, cancelled: true });
  });

  test("ends at once where the signal has fired", async () => {
    const { seen, response } = open(AbortSignal.abort());
    expect(await response.text()).toBe(":\n\n");
    expect(seen).toEqual({ ends: 1, cancelled: true });
  });

  test("is over when its reader goes, and a later signal changes nothing", async () => {
    const end = new AbortController();
    const { seen, response } = open(end.signal);
    await response.body?.cancel();
    end.abort();
    expect(seen).toEqual({ ends: 1, cancelled: true });
  });

  test("forgets its signal when it is over", async () => {
    const { signal } = new AbortController();
    const forget = spyOn(signal, "removeEventListener");
    const { response, source } = open(signal);
    (await source).close();
    await response.text();
    expect(forget).toHaveBeenCalledTimes(1);
  });

  test("ends when what feeds it breaks", async () => {
    const { seen, response, source } = open();
    (await source).error(new Error("broken"));
    expect(await response.text()).toBe(":\n\n");
    expect(seen.ends).toBe(1);
  });

  test("without a body is over already", () => {
    let ends = 0;
    superviseStream(new Response(null), { onEnd: () => ends++ });
    expect(ends).toBe(1);
  });
});
