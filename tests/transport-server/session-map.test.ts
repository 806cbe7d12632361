import { afterEach, describe, expect, jest, test } from "bun:test";
import { createCallStreams } from "../../lib/transport/server/legacy/call-streams.ts";
import { createEventStore } from "../../lib/transport/server/legacy/event-store.ts";
import { createRunningRequests } from "../../lib/transport/server/legacy/running-requests.ts";
import {
  createAnswerHeaders,
  defaultSessionLimits,
  type SessionLimits,
} from "../../lib/transport/server/legacy/session.ts";
import { createSessionMap } from "../../lib/transport/server/legacy/session-map.ts";

/** A map with a clock of its own, and what was closed. */
function openMap(changes: Partial<SessionLimits> = {}) {
  const clock = { now: 0, nowMs: () => clock.now };
  const map = createSessionMap(clock, {
    idleMs: 1000,
    maxAgeMs: 10_000,
    maxPerCaller: 2,
    max: 3,
    ...changes,
  });
  const closed: string[] = [];
  const events = createEventStore({ clock });
  const createSession = (id: string, caller: string, owner = caller) => ({
    id,
    owner,
    caller,
    transport: { close: async () => void closed.push(id) },
    protocolVersion: "2025-11-25",
    running: createRunningRequests(),
    events,
    streams: createCallStreams({ events, revision: "2025-11-25", knownRevisions: [] }),
    answerHeaders: createAnswerHeaders(id),
  });

  const add = (id: string, caller: string, owner = caller) => {
    const session = createSession(id, caller, owner);
    map.reserve(caller).put(session);
    return session;
  };
  return { clock, map, closed, createSession, add };
}

const full = expect.objectContaining({ code: "too_many_sessions" });

describe("the session map", () => {
  afterEach(() => void jest.useRealTimers());

  test("gives a session to its owner alone", async () => {
    const { map, add } = openMap();
    add("1", "alice");
    expect(map.use("1", "alice")?.id).toBe("1");
    expect(map.use("1", "bob")).toBeUndefined();
    expect(map.use("2", "alice")).toBeUndefined();
    await map.close();
  });

  test("ends the caller's own session that was unused for longest", async () => {
    const { map, closed, add } = openMap({ max: 4 });
    add("1", "alice");
    add("2", "alice");
    add("b", "bob");
    map.use("1", "alice");
    add("3", "alice");
    expect(closed).toEqual(["2"]);
    expect(map.use("1", "alice")?.id).toBe("1");
    expect(map.use("2", "alice")).toBeUndefined();
    expect(map.use("b", "bob")?.id).toBe("b");
    await map.close();
  });

  test("ends another than the one in which a call runs or a stream is open", async () => {
    const { map, closed, add } = openMap();
    add("1", "alice");
    add("2", "alice");
    map.hold("1");
    add("3", "alice");
    expect(closed).toEqual(["2"]);
    await map.close();
  });

  test("refuses a caller all of whose sessions are busy, until one no longer is", async () => {
    const { map, closed, add } = openMap({ max: 9 });
    add("1", "alice");
    add("2", "alice");
    const release = [map.hold("1"), map.hold("1"), map.hold("2")];
    expect(() => map.reserve("alice")).toThrow(full);
    release[0]?.();
    release[0]?.();
    expect(() => map.reserve("alice")).toThrow(full);
    add("b", "bob");
    release[1]?.();
    add("3", "alice");
    expect(closed).toEqual(["1"]);
    await map.close();
  });

  test("refuses a session beyond those of all callers, until one ends", async () => {
    const { map, add } = openMap();
    for (const caller of ["alice", "bob", "carol"]) add(caller, caller);
    expect(() => map.reserve("dave")).toThrow(full);
    map.remove("bob");
    map.remove("bob");
    map.reserve("dave");
    expect(() => map.reserve("erin")).toThrow(full);
    await map.close();
  });

  test("makes room for all callers by ending what was idle for too long", async () => {
    const { clock, map, closed, add } = openMap();
    for (const caller of ["alice", "bob", "carol"]) add(caller, caller);
    clock.now = 1000;
    add("dave", "dave");
    expect(closed).toEqual(["alice", "bob", "carol"]);
    await map.close();
  });

  test("counts sessions that are being opened", async () => {
    const { map } = openMap({ max: 9 });
    const rooms = [map.reserve("alice"), map.reserve("alice")];
    expect(() => map.reserve("alice")).toThrow(full);
    rooms[0]?.release();
    rooms[0]?.release();
    map.reserve("alice");
    expect(() => map.reserve("alice")).toThrow(full);
    await map.close();
  });

  test("keeps the room of a session that was opened when its opening is over", async () => {
    const { map, createSession } = openMap({ maxPerCaller: 1 });
    const room = map.reserve("alice");
    room.put(createSession("1", "alice"));
    room.release();
    map.hold("1");
    expect(() => map.reserve("alice")).toThrow(full);
    await map.close();
  });

  test("counts callers without tokens by address, and gives their sessions to whoever knows the id", async () => {
    const { map, closed, add } = openMap({ maxPerCaller: 1 });
    add("1", "address 10.0.0.1", "anonymous");
    add("2", "address 10.0.0.2", "anonymous");
    expect(closed).toEqual([]);
    expect(map.use("1", "anonymous")?.id).toBe("1");
    add("3", "address 10.0.0.1", "anonymous");
    expect(closed).toEqual(["1"]);
    await map.close();
  });

  test("does not know a session that was idle for too long", async () => {
    const { clock, map, add } = openMap();
    add("1", "alice");
    clock.now = 999;
    expect(map.use("1", "alice")?.id).toBe("1");
    clock.now = 1998;
    expect(map.use("1", "alice")?.id).toBe("1");
    clock.now = 2998;
    expect(map.use("1", "alice")).toBeUndefined();
    await map.close();
  });

  test("counts idle time from the end of what happened last", async () => {
    const { clock, map, add } = openMap();
    add("1", "alice");
    const release = map.hold("1");
    clock.now = 5000;
    expect(map.use("1", "alice")?.id).toBe("1");
    clock.now = 8000;
    release();
    clock.now = 8999;
    expect(map.use("1", "alice")?.id).toBe("1");
    await map.close();
  });

  test("does not know a session that is too old, whatever happens in it", async () => {
    const { clock, map, add } = openMap({ idleMs: 60_000 });
    add("1", "alice");
    map.hold("1");
    clock.now = 9999;
    expect(map.use("1", "alice")?.id).toBe("1");
    clock.now = 10_000;
    expect(map.use("1", "alice")).toBeUndefined();
    await map.close();
  });

  test("ends idle sessions by itself, and the events of the others that are too old", async () => {
    jest.useFakeTimers();
    const { clock, map, closed, add } = openMap({ idleMs: 1_000_000, maxAgeMs: 10_000_000 });
    add("1", "alice");
    const { events } = add("2", "bob");
    map.hold("2");
    const id = await events.storeEvent("stream", { jsonrpc: "2.0", id: 1, result: {} });
    expect(await events.getStreamIdForEventId?.(id)).toBe("stream");
    clock.now = 1_000_000;
    jest.advanceTimersByTime(60_000);
    expect(closed).toEqual(["1"]);
    clock.now = 0;
    expect(await events.getStreamIdForEventId?.(id)).toBeUndefined();
    await map.close();
  });

  test.each(["end", "remove"] as const)("lets go of what runs in a session that ends: %s", async (how) => {
    const { clock, map, add } = openMap({ max: 1 });
    const { running } = add("1", "alice");
    let released = 0;
    running.begin(1, { isAlone: true, release: () => released++ });
    if (how === "remove") map.remove("1");
    else {
      clock.now = 1000;
      add("2", "bob");
    }
    expect(released).toBe(1);
    await map.close();
    expect(released).toBe(1);
  });

  test("ends all sessions when it closes, and its sweep", async () => {
    jest.useFakeTimers();
    const { map, closed, add } = openMap();
    add("1", "alice");
    add("2", "bob");
    await map.close();
    expect(closed).toEqual(["1", "2"]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("has room for 64 sessions of a caller and 4096 in all, each for 30 idle minutes and a day", () => {
    expect(defaultSessionLimits).toEqual({
      idleMs: 1_800_000,
      maxAgeMs: 86_400_000,
      maxPerCaller: 64,
      max: 4096,
    });
  });
});
