import { once } from "node:events";
import { describe, expect, test } from "bun:test";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { sendRaw } from "./raw-socket.ts";
import { startServer } from "./start-server.ts";

const tools = builtInTools({ reverseSeconds: 0 });

/** Waits until no new connection is taken: then the calls have drained and open connections are waited for. */
async function waitUntilClosed(origin: string): Promise<void> {
  while (await fetch(`${origin}/healthz`).catch(() => undefined));
}

const post = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

describe("a server that stops", () => {
  test("cuts off a request that never ends as soon as the signal fires", async () => {
    await using server = startServer(tools, undefined);
    const socket = await sendRaw(server.origin, `${post}Content-Length: 100\r\n\r\n{`);
    // This answer comes after the half request was taken in.
    await (await fetch(`${server.origin}/healthz`)).text();
    const force = new AbortController();
    const stopped = server.stop(force.signal);
    const closed = once(socket.resume(), "close");
    await waitUntilClosed(server.origin);
    force.abort();
    await Promise.all([stopped, closed]);
    expect(socket.destroyed).toBe(true);
  });
});
