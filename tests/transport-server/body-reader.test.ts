import { describe, expect, test } from "bun:test";
import type { AppError } from "../../lib/base/errors.ts";
import { createBodyReader } from "../../lib/transport/server/body-reader.ts";
import { type BodyLimits, defaultBodyLimits } from "../../lib/transport/server/read-body.ts";

function createReader(body: Partial<BodyLimits> = {}) {
  const caller = { maxCalls: 1, maxStreams: 1, maxUnreadBytes: 1024 };
  return createBodyReader({ body: { ...defaultBodyLimits, ...body }, caller });
}

/** A request whose body ends when it is told to. */
function createSlowRequest(caller: string, length: number | undefined) {
  const told = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await told.promise;
      controller.enqueue(new TextEncoder().encode("{}"));
      controller.close();
    },
  });
  const headers = {
    "content-type": "application/json",
    ...(length === undefined ? {} : { "content-length": String(length) }),
  };
  const request = new Request("http://localhost/mcp", { method: "POST", headers, body });
  return { admitted: { request, principal: undefined, caller, limitIdle() {} }, end: told.resolve };
}

describe("a body of which nobody knows yet that it is small", () => {
  test.each([
    ["says that it is larger than 64 KiB", 64 * 1024 + 1],
    ["says nothing of its length", undefined],
  ])("takes one of its caller's places while it is read, where it %s", async (_, length) => {
    const read = createReader();
    const slow = createSlowRequest("alice", length);
    const reading = read(slow.admitted, () => "first");
    const refused = read(createSlowRequest("alice", length).admitted, () => "second");
    expect(await refused.catch(({ code }: AppError) => code)).toBe("too_many_calls");
    const bobs = createSlowRequest("bob", length);
    bobs.end();
    expect(await read(bobs.admitted, () => "bob's")).toBe("bob's");
    slow.end();
    expect(await reading).toBe("first");
    const next = createSlowRequest("alice", length);
    next.end();
    expect(await read(next.admitted, (body) => body)).toEqual({});
  });
});

test("bodies that say that they are no larger than 64 KiB take no place", async () => {
  const read = createReader();
  const all = Array.from({ length: 3 }, () => createSlowRequest("alice", 64 * 1024));
  const reading = all.map(({ admitted }) => read(admitted, (body) => body));
  for (const { end } of all) end();
  expect(await Promise.all(reading)).toEqual([{}, {}, {}]);
});

test("a body that says that it is larger than the limit is refused unread, however small that limit is", async () => {
  const read = createReader({ maxBytes: 10, deadlineMs: 5 });
  const reading = read(createSlowRequest("alice", 11).admitted, () => "read");
  expect(await reading.catch(({ code }: AppError) => code)).toBe("body_too_large");
});
