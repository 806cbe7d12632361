import { describe, expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
import type { Link } from "../../lib/transport/client/link.ts";
import { listenForTools } from "../../lib/transport/client/listen-for-tools.ts";
import {
  startChangingLegacy,
  startChangingModern,
  startChangingServer,
  tellUntil,
} from "../harness/changing-server.ts";
import { echo, startSdkServer } from "./sdk-server.ts";

/** Counts how often it was told, and lets a test wait for the next time. */
function createWatcher() {
  let next = Promise.withResolvers<void>();
  return {
    count: 0,
    tell() {
      this.count += 1;
      next.resolve();
      next = Promise.withResolvers();
    },
    next: () => next.promise,
  };
}

describe.each(["modern", "legacy"] as const)("a %s server that says that its tools changed", (era) => {
  test("is heard, and lists the new ones", async () => {
    await using server = startChangingServer(era, "old");
    const connection = await connect({ url: server.url });
    expect((await connection.listTools()).map(({ name }) => name)).toEqual(["old"]);
    const watcher = createWatcher();
    const told = watcher.next();
    connection.watchTools(() => watcher.tell());
    server.change("new");
    await tellUntil(server, told);
    expect((await connection.listTools()).map(({ name }) => name)).toEqual(["new"]);
    await connection.close();
  });
});

test("a session whose own stream was cut is heard again", async () => {
  await using server = startChangingLegacy("old");
  const connection = await connect({ url: server.url });
  const watcher = createWatcher();
  const told = watcher.next();
  connection.watchTools(() => watcher.tell());
  await tellUntil(server, told);
  const streams = () => server.seen.filter(({ method }) => method === "GET").length;
  const before = streams();
  for (const session of server.sessions.values()) session.closeStandaloneSSEStream();
  while (streams() === before) await new Promise((resolve) => setTimeout(resolve, 5));
  await tellUntil(server, watcher.next());
  await connection.close();
});

test("a stream that ended is opened again, and what was missed counts as a change", async () => {
  const opened: PromiseWithResolvers<"graceful">[] = [];
  const client = {
    listen: async () => {
      const closed = Promise.withResolvers<"graceful">();
      opened.push(closed);
      return { closed: closed.promise };
    },
  };
  const link = { run: async (_: unknown, work: (given: unknown) => unknown) => work(client) };
  const stop = new AbortController();
  const missed = Promise.withResolvers<void>();
  let count = 0;
  const listening = listenForTools(link as unknown as Link, stop.signal, () => {
    count += 1;
    missed.resolve();
  });
  while (opened.length === 0) await Promise.resolve();
  expect(count).toBe(0);
  opened[0]?.resolve("graceful");
  await missed.promise;
  expect([opened.length, count]).toEqual([2, 1]);
  stop.abort();
  opened[1]?.resolve("graceful");
  await listening;
});

test("a session that was lost counts as a change", async () => {
  await using server = startSdkServer({ tools: [echo], eras: "legacy" });
  const connection = await connect({ url: server.url });
  const watcher = createWatcher();
  connection.watchTools(() => watcher.tell());
  await connection.callTool("echo", {});
  expect(watcher.count).toBe(0);
  server.sessions.clear();
  await connection.callTool("echo", {});
  expect(watcher.count).toBe(1);
  await connection.close();
});

test("a server that does not tell of changes is not listened to", async () => {
  await using server = startSdkServer({ tools: [echo], eras: "modern" });
  const connection = await connect({ url: server.url });
  connection.watchTools(() => {});
  await connection.callTool("echo", {});
  expect(server.count("subscriptions/listen")).toBe(0);
  await connection.close();
});

test("the end of a connection ends the stream on which it listens", async () => {
  await using server = startChangingModern("old");
  const connection = await connect({ url: server.url });
  const watcher = createWatcher();
  const told = watcher.next();
  connection.watchTools(() => watcher.tell());
  await tellUntil(server, told);
  expect(server.bus.listenerCount).toBe(1);
  await connection.close();
  while (server.bus.listenerCount > 0) await new Promise((resolve) => setTimeout(resolve, 1));
});
