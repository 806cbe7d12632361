import { describe, expect, test } from "bun:test";
import type { TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import { AppError } from "../../lib/base/errors.ts";
import { type Log, silentLog } from "../../lib/base/log.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { listen } from "../../lib/transport/server/listen.ts";
import { startServer } from "./start-server.ts";

const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const tools = builtInTools({ reverseSeconds: 0 });

describe("the listener", () => {
  test("is not ready before it can serve", async () => {
    let isReady = false;
    await using server = startServer(tools, undefined, { isReady: () => isReady });
    const before = await fetch(`${server.origin}/readyz`);
    expect([before.status, await before.json()]).toEqual([503, { status: "not_ready" }]);
    isReady = true;
    const after = await fetch(`${server.origin}/readyz`);
    expect([after.status, await after.json()]).toEqual([200, { status: "ready" }]);
  });

  test("answers health under any name, open routes only under its own", async () => {
    const openRoutes = (_: Request, path: string) => (path === "/open" ? new Response("open") : undefined);
    await using server = startServer(tools, [], { openRoutes });
    const headers = { host: "evil.example.com" };
    expect((await fetch(`${server.origin}/healthz`, { headers })).status).toBe(200);
    expect((await fetch(`${server.origin}/open`, { headers })).status).toBe(403);
    expect((await fetch(`${server.origin}/open/`)).status).toBe(200);
  });

  test("tells nothing of a failure, and logs it", async () => {
    const lines: string[] = [];
    const log: Log = { ...silentLog, error: (line) => lines.push(line) };
    const openRoutes = () => {
      throw new Error("password is hunter2");
    };
    await using server = startServer(tools, undefined, { openRoutes, log });
    const response = await fetch(server.url);
    expect(response.status).toBe(500);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.text()).not.toContain("hunter2");
    expect(lines.join()).toContain("hunter2");
  });

  test("refuses a port that is in use and an address of another machine", async () => {
    await using server = startServer(tools, undefined);
    const open = (host: string, port: number) => () =>
      listen({ host, port, log: silentLog } as unknown as Parameters<typeof listen>[0]);
    const port = Number(new URL(server.url).port);
    expect(open("127.0.0.1", port)).toThrow(expect.objectContaining({ code: "port_in_use" }));
    expect(open("192.0.2.1", 0)).toThrow(expect.objectContaining({ code: "invalid_config" }));
  });
});

describe("a verifier that fails", () => {
  const failing = (thrown: Error): TokenVerifier => ({
    verify: () => Promise.reject(thrown),
    isReady: () => true,
    async warmUp() {},
    issuers: () => [],
  });
  const asAlice = { method: "POST", headers: { ...json, authorization: "Bearer alice" }, body: "{}" };

  test("unexpectedly lets nobody in and tells nothing", async () => {
    const lines: string[] = [];
    const log: Log = { ...silentLog, error: (line) => lines.push(line) };
    await using server = startServer(tools, [], { log, verifier: failing(new Error("hunter2")) });
    const response = await fetch(server.url, asAlice);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("hunter2");
    expect(lines.join()).toContain("hunter2");
  });

  test("logs why a token was refused, and no request without one", async () => {
    const lines: string[] = [];
    const log: Log = { ...silentLog, info: (line) => lines.push(line) };
    const verifier = failing(new AppError("token_expired", "The token has expired; get a new one."));
    await using server = startServer(tools, [], { log, verifier });
    expect((await fetch(server.url, asAlice)).status).toBe(401);
    expect((await fetch(server.url, { ...asAlice, headers: json })).status).toBe(401);
    expect(lines).toEqual(["Refused: token_expired: The token has expired; get a new one."]);
  });

  test("because keys are missing answers 503 and when to come again", async () => {
    const verifier = failing(new AppError("keys_unavailable", "Later.", { retryAfterSeconds: 7 }));
    await using server = startServer(tools, [], { verifier });
    const response = await fetch(server.url, asAlice);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("7");
  });
});
