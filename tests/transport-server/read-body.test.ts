import { describe, expect, jest, test } from "bun:test";
import type { AppError } from "../../lib/base/errors.ts";
import { createDeadlines } from "../../lib/transport/server/deadlines.ts";
import { defaultBodyLimits, readJsonBody, readSmallBody } from "../../lib/transport/server/read-body.ts";

const json = { "content-type": "application/json" };

function post(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  headers: Record<string, string> = json,
): Request {
  return new Request("http://localhost/mcp", { method: "POST", headers, body });
}

/** A body that comes in pieces, without a length; `isOpen` never ends. */
function inPieces(pieces: readonly string[], isOpen = false) {
  let wasCancelled = false;
  const left = [...pieces];
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift();
      if (piece !== undefined) return controller.enqueue(new TextEncoder().encode(piece));
      if (isOpen) return new Promise(() => {});
      controller.close();
    },
    cancel() {
      wasCancelled = true;
    },
  });
  return { stream, wasCancelled: () => wasCancelled };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(() => "read").catch((error: AppError) => error.code);

const small = { ...defaultBodyLimits, maxBytes: 10, deadlineMs: 60_000 };

describe("a body", () => {
  test.each([["application/json"], ["application/json; charset=utf-8"], ["Application/JSON ;x=y"]])(
    "of type %s is read",
    async (type) => {
      expect(await readJsonBody(post('{"a":"\u00e9"}', { "content-type": type }))).toEqual({ a: "\u00e9" });
    },
  );

  test.each([
    ["text/plain"],
    ["application/jsonx"],
    ["application/x-www-form-urlencoded; application/json"],
    ["text/plain, application/json"],
  ])("of type %s is refused unread", async (type) => {
    const { stream, wasCancelled } = inPieces(["{}"]);
    expect(await codeOf(readJsonBody(post(stream, { "content-type": type })))).toBe("unsupported_media_type");
    expect(wasCancelled()).toBe(false);
  });

  test.each(["gzip", "br", "identity, gzip"])(
    "that is encoded with %s is refused unread",
    async (encoding) => {
      const { stream, wasCancelled } = inPieces(["{}"]);
      const headers = { ...json, "content-encoding": encoding };
      expect(await codeOf(readJsonBody(post(stream, headers)))).toBe("unsupported_media_type");
      expect(wasCancelled()).toBe(false);
    },
  );

  test.each(["identity", "Identity", ""])(
    "that says that it is not encoded (%p) is read",
    async (encoding) => {
      expect(await readJsonBody(post("{}", { ...json, "content-encoding": encoding }))).toEqual({});
    },
  );

  test("without a type is refused", async () => {
    expect(await codeOf(readJsonBody(post(new Uint8Array([0x7b, 0x7d]), {})))).toBe("unsupported_media_type");
  });

  test("that says that it is too large is refused unread", async () => {
    const { stream } = inPieces(["{}"], true);
    const request = post(stream, { ...json, "content-length": "11" });
    expect(await codeOf(readJsonBody(request, small))).toBe("body_too_large");
  });

  test("that turns out too large is refused, and the rest is not read", async () => {
    const { stream, wasCancelled } = inPieces(['{"a":', '"xxx"}', "   "], true);
    expect(await codeOf(readJsonBody(post(stream), small))).toBe("body_too_large");
    expect(wasCancelled()).toBe(true);
  });

  test("of exactly the largest size is read", async () => {
    const { stream } = inPieces(['{"a":', '"xx"}']);
    expect(await readJsonBody(post(stream), small)).toEqual({ a: "xx" });
  });

  test("that does not end in time is refused, even where pieces keep coming", async () => {
    const { stream, wasCancelled } = inPieces(["{", '"a"'], true);
    const error = await readJsonBody(post(stream), { ...small, deadlineMs: 5 }).catch((e: AppError) => e);
    expect(error).toMatchObject({
      code: "body_timeout",
      message: "The request's body did not come within 0.005 seconds.",
    });
    expect(wasCancelled()).toBe(true);
  });

  test("that breaks off is refused as such", async () => {
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new DOMException("The connection was closed.", "AbortError")),
    });
    expect(await codeOf(readJsonBody(post(stream)))).toBe("invalid_request");
  });

  test.each([[""], ["{"], ["{}x"], ["\ufeff\ufeff{}"]])("%j is no JSON", async (text) => {
    expect(await codeOf(readJsonBody(post(text)))).toBe("invalid_json");
  });

  test.each([
    ["too many items", "[1,2,3,4,5]"],
    ["too many members", '{"a":1,"b":2,"c":3,"d":4,"e":5}'],
    ["too many empty containers", "[[],{},[],{}]"],
    ["too many levels", "[[[[1]]]]"],
    ["too many levels that never close", "[[[["],
  ])("of %s is refused before it is parsed", async (_, text) => {
    const limits = { ...defaultBodyLimits, maxElements: 4, maxDepth: 3 };
    expect(await codeOf(readJsonBody(post(text), limits))).toBe("body_too_complex");
  });

  test.each([
    ["as many elements as it may", "[1,2,3,4]"],
    ["as many levels as it may", "[[[1]]]"],
    ["punctuation in its strings", String.raw`["[[[[,,,,","\\\",[[[["]`],
    ["an escape at the end of a string", String.raw`["\\","[[[["]`],
  ])("of %s is read", async (_, text) => {
    const limits = { ...defaultBodyLimits, maxElements: 4, maxDepth: 3 };
    expect(await readJsonBody(post(text), limits)).toEqual(JSON.parse(text));
  });

  test("of levels beside one another is as deep as the deepest", async () => {
    const limits = { ...defaultBodyLimits, maxDepth: 2 };
    expect(await readJsonBody(post("[[],{},[],{}]"), limits)).toEqual([[], {}, [], {}]);
  });

  test("that was read leaves no timer behind", async () => {
    jest.useFakeTimers();
    await readJsonBody(post("{}"));
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  test("may have 4 MiB, 30 s, 100 000 elements and 64 levels", () => {
    expect(defaultBodyLimits).toEqual({
      maxBytes: 4_194_304,
      deadlineMs: 30_000,
      maxElements: 100_000,
      maxDepth: 64,
    });
  });
});

describe("a body that is read all at once", () => {
  const deadlines = createDeadlines(5);
  const limits = { ...defaultBodyLimits, maxBytes: 10, deadlineMs: 5 };

  test("is handed on, and what is made of it comes back", async () => {
    const answer = await readSmallBody(post('{"a":1}'), { limits, deadlines }, (body) => [body]);
    expect(answer).toEqual([{ a: 1 }]);
    const later = readSmallBody(post("[1]"), { limits, deadlines }, (body) => Promise.resolve(body));
    expect(await later).toEqual([1]);
  });

  test("is not handed on when it came too late", async () => {
    const come = Promise.withResolvers<void>();
    const stream = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await come.promise;
        controller.enqueue(new TextEncoder().encode("{}"));
        controller.close();
      },
    });
    const request = post(stream);
    const used: unknown[] = [];
    const reading = readSmallBody(request, { limits, deadlines }, (body) => used.push(body));
    expect(await codeOf(reading)).toBe("body_timeout");
    come.resolve();
    await Bun.sleep(20);
    expect(request.bodyUsed).toBe(true);
    expect(used).toEqual([]);
  });

  test.each([
    ["larger than it said", "[1,2,3,4,5]", "body_too_large"],
    ["no JSON", "{", "invalid_json"],
  ])("is refused where it is %s", async (_, text, code) => {
    const used: unknown[] = [];
    const reading = readSmallBody(post(text), { limits, deadlines }, (body) => used.push(body));
    expect(await codeOf(reading)).toBe(code);
    expect(used).toEqual([]);
  });

  test("may be as large as the limit", async () => {
    const reading = readSmallBody(post("[1,2,3,45]"), { limits, deadlines }, (body) => body);
    expect(await reading).toEqual([1, 2, 3, 45]);
  });

  test("is waited for no longer when it was read, or broke off", async () => {
    let waits = 0;
    const counted = {
      begin() {
        waits++;
        return () => void waits--;
      },
    };
    const options = { limits, deadlines: counted };
    expect(await readSmallBody(post("{}"), options, () => waits)).toBe(0);
    const breaking = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new DOMException("The connection was closed.", "AbortError")),
    });
    const broken = readSmallBody(post(breaking), options, () => 1);
    expect(await codeOf(broken)).toBe("invalid_request");
    expect(waits).toBe(0);
  });

  test("of another type is refused unread, and what its use throws is thrown", async () => {
    const other = post("{}", { "content-type": "text/plain" });
    const options = { limits, deadlines };
    expect(await codeOf(readSmallBody(other, options, () => 1))).toBe("unsupported_media_type");
    expect(other.bodyUsed).toBe(false);
    const failing = readSmallBody(post("{}"), options, () => {
      throw new RangeError("of its own");
    });
    await expect(failing).rejects.toThrow("of its own");
  });
});
