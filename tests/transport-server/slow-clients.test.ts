import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { defaultTransportLimits } from "../../lib/transport/server/limits.ts";
import { superviseStream } from "../../lib/transport/server/supervise-stream.ts";
import { createReverseCall, type Era, openTarget } from "../load/mcp-requests.ts";
import { sendRaw } from "./raw-socket.ts";
import { startServer } from "./start-server.ts";

const quick = builtInTools({ reverseSeconds: 0 });
const megabyte = 1024 * 1024;

/** Sends these bytes again and again until the connection is closed, and tells how often. */
function drip(socket: Socket, bytes: string, everyMs: number): () => number {
  let count = 0;
  const timer = setInterval(() => {
    socket.write(bytes);
    count++;
  }, everyMs);
  socket.once("close", () => clearInterval(timer));
  return () => count;
}

/** A request as text, for a bare connection. */
function toRaw({ headers, body }: RequestInit): string {
  const lines = Object.entries(headers as Record<string, string>).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `POST /mcp HTTP/1.1\r\nhost: localhost\r\n${lines.join("")}content-length: ${String(body).length}\r\n\r\n${String(body)}`;
}

async function readUntil(socket: Socket, pattern: RegExp): Promise<RegExpExecArray> {
  let text = "";
  for (;;) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    text += String(chunk);
    const match = pattern.exec(text);
    if (match) return match;
  }
}

/** A tool that floods its caller with progress, and how its call ended. */
function createFloodingTool() {
  const flooded = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<"done" | "cancelled">();
  const tool = defineTool({
    name: "reverse_tool",
    title: "Flood",
    description: "Floods.",
    input: z.strictObject({ query: z.string() }),
    output: z.strictObject({}),
    async run(_, { signal, reportProgress }) {
      signal.addEventListener("abort", () => ended.resolve("cancelled"), { once: true });
      for (let progress = 1; progress <= 5; progress++) {
        reportProgress({ progress, message: "x".repeat(4 * megabyte) });
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      flooded.resolve();
      await goOn.promise;
      ended.resolve("done");
      return {};
    },
  });
  return { tool, flooded: flooded.promise, goOn: goOn.resolve, ended: ended.promise };
}

describe("a body that comes byte by byte", () => {
  test("is refused when its time is over, however steadily it comes", async () => {
    const limits = { body: { ...defaultTransportLimits.body, deadlineMs: 300 } };
    await using server = startServer(quick, undefined, { limits });
    const post = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const socket = await sendRaw(server.origin, `${post}Content-Length: 100000\r\n\r\n{`);
    const sent = drip(socket, " ", 10);
    const [, status] = await readUntil(socket, /^HTTP\/1.1 (\d+)[^]*body_timeout/);
    expect(status).toBe("408");
    expect(sent()).toBeLessThan(100_000);
    socket.destroy();
  });
});

describe("large bodies", () => {
  const post = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

  test("of one caller are read a few at a time, and small ones meanwhile", async () => {
    const caller = { maxCalls: 3, maxStreams: 9, maxUnreadBytes: 1024 };
    await using server = startServer(quick, undefined, { limits: { caller } });
    const begun = await Promise.all(
      [100_000, 100_000, 100_000, 1000, 1000].map((length) =>
        sendRaw(server.origin, `${post}Content-Length: ${length}\r\n\r\n{`),
      ),
    );
    // This answer comes after the others were taken in.
    await (await fetch(`${server.origin}/healthz`)).text();
    const refused = await sendRaw(server.origin, `${post}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`);
    const [, status] = await readUntil(refused, /^HTTP\/1.1 (\d+)[^]*too_many_calls/);
    expect(status).toBe("429");
    const target = await openTarget(server.url, "2026-07-28");
    expect((await fetch(server.url, createReverseCall(target, 1, "abc"))).status).toBe(200);
    for (const socket of [...begun, refused]) socket.destroy();
  });
});

describe("headers that never end", () => {
  test("are cut off by Bun, however steadily they come, also behind an answered request", async () => {
    await using server = startServer(quick, undefined);
    const target = await openTarget(server.url, "2026-07-28");
    const begun = "GET /mcp HTTP/1.1\r\nHost: localhost\r\n";
    const sockets = await Promise.all(
      ["GET ", begun, toRaw(createReverseCall(target, 1, "abc")) + begun].flatMap((text) =>
        Array.from({ length: 10 }, () => sendRaw(server.origin, text)),
      ),
    );
    const closed = sockets.map((socket) => once(socket.resume(), "close"));
    const counts = sockets.map((socket) => drip(socket, "A: b\r\n", 500));
    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
    await Promise.all(closed);
    expect(Math.max(...counts.map((count) => count()))).toBeLessThan(190);
  }, 60_000);

  test.each([
    ["longer than 16 KiB", `X-Long: ${"a".repeat(17_000)}\r\n`],
    ["more than 200", Array.from({ length: 250 }, (_, index) => `H${index}: 1\r\n`).join("")],
  ])("or are %s are refused by Bun", async (_, headers) => {
    await using server = startServer(quick, undefined);
    const socket = await sendRaw(server.origin, `GET /mcp HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
    const [, status] = await readUntil(socket, /^HTTP\/1.1 (\d+)/);
    expect(status).toBe("431");
    socket.destroy();
  });
});

describe("a stream that nobody reads", () => {
  const headers = { "content-type": "text/event-stream" };

  /** A stream that is fed this many kilobytes, and what became of what feeds it. */
  async function feed(kilobytes: number, maxUnreadBytes: number) {
    const seen = { ends: 0, cancelled: false };
    const source = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
    const inner = new ReadableStream<Uint8Array>({
      start: (controller) => source.resolve(controller),
      cancel: () => void (seen.cancelled = true),
    });
    const onEnd = () => seen.ends++;
    const response = superviseStream(new Response(inner, { headers }), { onEnd, maxUnreadBytes });
    const controller = await source.promise;
    for (let count = 0; count < kilobytes && !seen.cancelled; count++) {
      controller.enqueue(new Uint8Array(1024));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return { seen, response };
  }

  test("is cut when too much of it is unread", async () => {
    const { seen, response } = await feed(100, 10 * 1024);
    expect(seen).toEqual({ ends: 1, cancelled: true });
    expect(await response.text()).toBe(":\n\n");
  });

  test("is kept while little of it is unread", async () => {
    const { seen, response } = await feed(9, 10 * 1024);
    expect(seen).toEqual({ ends: 0, cancelled: false });
    await response.body?.cancel();
  });

  test("may hold one message of any size", async () => {
    const message = new Uint8Array(100_000);
    const inner = new Response(message, { headers });
    const { length } = await (await superviseStream(inner, { maxUnreadBytes: 1024 })).text();
    expect(length).toBe(message.length + ":\n\n".length);
  });

  const caller = { maxCalls: 9, maxStreams: 9, maxUnreadBytes: 1024 };

  async function callWithoutReading(era: Era) {
    const flooding = createFloodingTool();
    const events = { maxEvents: 99, maxSize: 100 * megabyte, maxAgeMs: 60_000 };
    const server = startServer([flooding.tool], undefined, { limits: { caller, events } });
    const target = await openTarget(server.url, era);
    const socket = await sendRaw(server.origin, toRaw(createReverseCall(target, 1, "abc")));
    const [text] = await readUntil(socket, era === "2025-11-25" ? /^id: (\S+)$/m : /^HTTP/);
    socket.pause();
    return { ...flooding, server, target, socket, eventId: /^id: (\S+)$/m.exec(text)?.[1] ?? "" };
  }

  test("is cut, and its call cancelled, in revision 2026-07-28", async () => {
    const { server, socket, ended, goOn } = await callWithoutReading("2026-07-28");
    await using _ = server;
    expect(await ended).toBe("cancelled");
    goOn();
    socket.destroy();
  });

  test("is cut, and its call goes on and can be resumed, in revision 2025-11-25", async () => {
    const { server, target, socket, eventId, flooded, goOn, ended } = await callWithoutReading("2025-11-25");
    await using _ = server;
    await flooded;
    const resume = () => {
      const more = { "mcp-session-id": target.session ?? "", "last-event-id": eventId };
      return fetch(server.url, { headers: { accept: "text/event-stream", ...more } });
    };
    let resumed = await resume();
    while (resumed.status === 409) {
      await resumed.text();
      resumed = await resume();
    }
    expect(resumed.status).toBe(200);
    await resumed.body?.cancel();
    goOn();
    expect(await ended).toBe("done");
    socket.destroy();
  });
});

describe("a stream on which nothing happens", () => {
  const { tool } = createFloodingTool();
  const quietTool: typeof tool = {
    ...tool,
    run(_, { reportProgress }) {
      reportProgress({ progress: 1 });
      return new Promise(() => {});
    },
  };

  test("is kept alive with comments, in both eras", async () => {
    await using server = startServer([quietTool], undefined);
    const legacy = await openTarget(server.url, "2025-11-25");
    const modern = await openTarget(server.url, "2026-07-28");
    const get = "GET /mcp HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n";
    const requests = [
      `${get}mcp-session-id: ${legacy.session}\r\n\r\n`,
      toRaw(createReverseCall(legacy, 1, "abc")),
      toRaw(createReverseCall(modern, 1, "abc")),
    ];
    const sockets = await Promise.all(requests.map((text) => sendRaw(server.origin, text)));
    await Promise.all(sockets.map((socket) => readUntil(socket, /^: keepalive$/m)));
    for (const socket of sockets) socket.destroy();
  }, 40_000);
});
