import { describe, expect, test } from "bun:test";
import { type Log, silentLog } from "../../lib/base/log.ts";
import { createPrincipal, startServer } from "./start-server.ts";
import {
  call,
  callers,
  eras,
  expectRefusal,
  headersOf,
  openSession,
  openWaiting,
  quick,
  send,
} from "./waiting-server.ts";

const none = { perSecond: 0, burst: 1 };

describe("requests of one address", () => {
  const limits = { addressRate: { perSecond: 0.01, burst: 3 } };

  test("are refused beyond the limit before their token is looked at, and health never is", async () => {
    let verified = 0;
    const verifier = {
      async verify() {
        verified++;
        return createPrincipal("alice");
      },
      isReady: () => true,
      async warmUp() {},
      issuers: () => [],
    };
    const openRoutes = (_: Request, path: string) => (path === "/open" ? new Response("open") : undefined);
    await using server = startServer(quick, callers, { limits, verifier, openRoutes });
    for (let count = 0; count < 3; count++) await (await fetch(`${server.origin}/open`)).text();
    const refused = await send(server.url, { era: "2025-11-25", method: "ping" });
    expect(refused.headers.get("retry-after")).toBe("100");
    await expectRefusal(refused, 429, "rate_limited");
    await expectRefusal(await fetch(`${server.origin}/open`), 429, "rate_limited");
    expect(verified).toBe(0);
    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
  });

  test("under a foreign host name do not count", async () => {
    await using server = startServer(quick, callers, { limits });
    for (let count = 0; count < 5; count++) {
      await expectRefusal(
        await fetch(server.url, { headers: { host: "evil.example" } }),
        403,
        "forbidden_host",
      );
    }
    await expectRefusal(await fetch(`${server.origin}/none`), 404, "not_found");
  });

  test("are told apart behind a trusted proxy, and only there", async () => {
    const of = (server: { origin: string }, address: string) =>
      fetch(`${server.origin}/none`, { headers: { "x-forwarded-for": address } });
    await using trusting = startServer(quick, callers, { limits, trustedProxies: ["127.0.0.0/8"] });
    await using other = startServer(quick, callers, { limits });
    const statuses = { trusting: [] as number[], other: [] as number[] };
    for (let count = 0; count < 5; count++) {
      statuses.trusting.push((await of(trusting, `198.51.100.${count}`)).status);
      statuses.other.push((await of(other, `198.51.100.${count}`)).status);
    }
    expect(statuses).toEqual({ trusting: [404, 404, 404, 404, 404], other: [404, 404, 404, 429, 429] });
  });

  test("are named to the operator once, with the proxy that forwards them", async () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (line) => warnings.push(line) };
    await using server = startServer(quick, callers, { limits, log });
    for (let count = 0; count < 9; count++) {
      await fetch(`${server.origin}/none`, { headers: { "x-forwarded-for": "198.51.100.1" } });
    }
    expect(warnings).toEqual([
      "Too many requests from 127.0.0.1 (--address-rate). It forwards for others: a proxy of yours belongs in --trusted-proxies.",
    ]);
  });
});

describe.each([...eras])("in revision %s", (era) => {
  test("requests of one caller are refused beyond the limit, and another's are not", async () => {
    const limits = { callerRate: { perSecond: 0.01, burst: 3 } };
    await using server = startServer(quick, callers, { limits });
    const ask = (token: string) => send(server.url, { era, method: "tools/list", token });
    for (let count = 0; count < 3; count++) await (await ask("alice")).text();
    const refused = await ask("alice");
    expect(refused.headers.get("retry-after")).toBe("100");
    await expectRefusal(refused, 429, "rate_limited");
    expect((await ask("bob")).status).not.toBe(429);
  });

  test("requests without tokens count by address", async () => {
    const limits = { callerRate: { perSecond: 0.01, burst: 1 }, addressRate: none };
    await using server = startServer(quick, undefined, { limits, trustedProxies: ["127.0.0.1"] });
    const ask = (address: string) =>
      send(server.url, {
        era,
        method: "tools/list",
        token: undefined,
        headers: { "x-forwarded-for": address },
      });
    await (await ask("198.51.100.1")).text();
    await expectRefusal(await ask("198.51.100.1"), 429, "rate_limited");
    expect((await ask("198.51.100.2")).status).not.toBe(429);
  });

  test("a caller has so many calls running at a time, and another's do not count", async () => {
    const caller = { maxCalls: 2, maxStreams: 9, maxUnreadBytes: 1024 };
    await using open = await openWaiting(era, { limits: { caller } });
    const running = [open.start(), open.start()];
    await open.untilWaiting(2);
    const refused = await open.start("alice", { id: "third" });
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({
      id: "third",
      error: { data: { reason: "too_many_calls" } },
    });
    expect(refused.status).toBe(429);
    const others = open.start("bob");
    await open.untilWaiting(3);
    open.endAll();
    for (const response of [...running, others]) expect(await (await response).text()).toContain("result");
    const again = open.start();
    await open.untilWaiting(1);
    open.endAll();
    expect((await again).status).toBe(200);
  });

  test.each([
    ["a request id", { id: "x".repeat(257) }],
    ["a progress token", { params: { ...call.params, _meta: { progressToken: "x".repeat(257) } }, id: 1 }],
  ])("%s of 257 characters is refused", async (_, rpc) => {
    if (era === "2026-07-28" && rpc.id === 1) return;
    await using open = await openWaiting(era);
    await expectRefusal(await open.start("alice", rpc), 400, "invalid_request");
  });

  test("a body of a million elements or levels is refused", async () => {
    await using server = startServer(quick, callers);
    for (const value of ["1,".repeat(1_000_000), "[".repeat(1_000_000), "{},".repeat(1_000_000)]) {
      const body = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":[${value}`;
      const response = await fetch(server.url, { method: "POST", headers: headersOf(era, "alice"), body });
      await expectRefusal(response, 413, "body_too_complex");
    }
  });
});

describe("listening streams", () => {
  test("are so many for each caller, in both eras together", async () => {
    const caller = { maxCalls: 9, maxStreams: 1, maxUnreadBytes: 1024 };
    await using server = startServer(quick, callers, { limits: { caller } });
    const session = await openSession(server.url);
    const get = () =>
      fetch(server.url, { headers: headersOf("2025-11-25", "alice", { "mcp-session-id": session }) });
    const first = await get();
    expect(first.status).toBe(200);
    const params = { notifications: {} };
    const listen = await send(server.url, { era: "2026-07-28", method: "subscriptions/listen", params });
    expect(listen.headers.get("retry-after")).toBe("1");
    await expectRefusal(listen, 429, "too_many_streams");
    await first.body?.cancel();
    let next = await get();
    while (next.status !== 200) {
      await next.text();
      next = await get();
    }
    await next.body?.cancel();
  });
});
