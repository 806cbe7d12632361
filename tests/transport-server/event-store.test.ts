import { expect, test } from "bun:test";
import { createEventStore } from "../../lib/transport/server/legacy/event-store.ts";

const answer = (id: string | number) => ({ jsonrpc: "2.0" as const, id, result: {} });

/** Which answers a client gets that takes the stream up again after this event. */
async function replayAfter(store: ReturnType<typeof createEventStore>, id: string): Promise<unknown[]> {
  const replayed: unknown[] = [];
  const send = async (_: string, message: object) => void replayed.push("id" in message && message.id);
  await store.replayEventsAfter(id, { send });
  return replayed;
}

test("a session's events are replayed after the last that was seen", async () => {
  const store = createEventStore();
  const first = await store.storeEvent("stream", answer(1));
  await store.storeEvent("another", answer(2));
  await store.storeEvent("stream", answer(3));
  expect(await replayAfter(store, first)).toEqual([3]);
});

test("a session remembers 512 events", async () => {
  const store = createEventStore();
  const first = await store.storeEvent("stream", answer(0));
  const second = await store.storeEvent("stream", answer(1));
  for (let id = 2; id <= 512; id++) await store.storeEvent("stream", answer(id));
  expect(await store.getStreamIdForEventId?.(first)).toBeUndefined();
  expect(await replayAfter(store, second)).toHaveLength(511);
});

test("a session remembers 1 MiB, however large the ids are that a caller chooses", async () => {
  const store = createEventStore();
  const ids: string[] = [];
  for (let n = 0; n < 4; n++)
    ids.push(await store.storeEvent("stream", answer(`${n}${"x".repeat(400_000)}`)));
  const known = await Promise.all(ids.map((id) => store.getStreamIdForEventId?.(id)));
  expect(known).toEqual([undefined, undefined, "stream", "stream"]);
  await store.storeEvent("stream", answer("x".repeat(2_000_000)));
  expect(await store.getStreamIdForEventId?.(ids[3] ?? "")).toBeUndefined();
});

test("a session forgets events when they are too old", async () => {
  const clock = { now: 0, nowMs: () => clock.now };
  const store = createEventStore({ clock });
  const first = await store.storeEvent("stream", answer(1));
  clock.now = 1;
  const second = await store.storeEvent("stream", answer(2));
  clock.now = 600_000;
  expect(await store.getStreamIdForEventId?.(first)).toBeUndefined();
  expect(await store.getStreamIdForEventId?.(second)).toBe("stream");
});

test("nobody takes up a stream again that was ended for good", async () => {
  const end = answer(9);
  const store = createEventStore({ endsStream: (message) => message === end });
  const ended = await store.storeEvent("stream", answer(1));
  const other = await store.storeEvent("another", answer(2));
  const last = await store.storeEvent("stream", end);
  const known = await Promise.all([ended, other, last].map((id) => store.getStreamIdForEventId?.(id)));
  expect(known).toEqual([undefined, "another", undefined]);
});
