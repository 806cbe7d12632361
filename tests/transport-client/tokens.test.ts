import { describe, expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
import { echo, startSdkServer } from "./sdk-server.ts";
import { failureOf } from "./settled.ts";
import { bearerCheck, listedTokens } from "./tokens.ts";

const secret = "eyJhbGciOiJSUzI1NiJ9AAAA.eyJzdWIiOiJzZWNyZXQifQAA.c2lnbmF0dXJlLXNlY3JldA";

describe.each(["auto", "legacy"] as const)("with tokens, asked for %s", (protocol) => {
  test("every request carries the token", async () => {
    await using server = startSdkServer({ tools: [echo], intercept: bearerCheck(new Set(["A"])) });
    const { tokens, renewals } = listedTokens("A");
    const connection = await connect({ url: server.url, protocol, tokens });
    await connection.callTool("echo", {});
    await connection.close();
    expect(new Set(server.seen.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer A"]));
    expect(renewals()).toEqual([]);
  });

  test("a 401 while connecting renews once and goes on", async () => {
    await using server = startSdkServer({ tools: [echo], intercept: bearerCheck(new Set(["B"])) });
    const { tokens, renewals } = listedTokens("A", "B");
    const connection = await connect({ url: server.url, protocol, tokens });
    expect(renewals()).toEqual(["A"]);
    await connection.close();
  });

  test("a 401 in mid-session renews once and runs the call once", async () => {
    const good = new Set(["A"]);
    let runs = 0;
    const counted = { ...echo, run: async () => ({ content: [], structuredContent: { runs: ++runs } }) };
    await using server = startSdkServer({ tools: [counted], intercept: bearerCheck(good) });
    const { tokens, renewals } = listedTokens("A", "B", "C");
    const connection = await connect({ url: server.url, protocol, tokens });
    good.clear();
    good.add("B");
    expect((await connection.callTool("echo", {})).structuredContent).toEqual({ runs: 1 });
    expect(new Set(renewals())).toEqual(new Set(["A"]));
    await connection.close();
  });

  test("a second 401 ends it, without a third attempt", async () => {
    const good = new Set(["A"]);
    await using server = startSdkServer({ tools: [echo], intercept: bearerCheck(good) });
    const { tokens, renewals } = listedTokens("A", "B", "C");
    const connection = await connect({ url: server.url, protocol, tokens });
    good.clear();
    const error = await failureOf(connection.callTool("echo", {}));
    expect([error.code, error.exitCode]).toEqual(["token_refused", 3]);
    expect(server.count("tools/call")).toBe(2);
    expect(new Set(renewals())).toEqual(new Set(["A"]));
    await connection.close();
  });

  test("two calls that fail together each name the token that was refused", async () => {
    const good = new Set(["A"]);
    await using server = startSdkServer({ tools: [echo], intercept: bearerCheck(good) });
    const { tokens, renewals } = listedTokens("A", "B", "C");
    const connection = await connect({ url: server.url, protocol, tokens });
    good.clear();
    good.add("B");
    await Promise.all([connection.callTool("echo", {}), connection.callTool("echo", {})]);
    expect(new Set(renewals())).toEqual(new Set(["A"]));
    await connection.close();
  });
});

test("a refused token is explained in the server's words, without the token", async () => {
  const challenge = `Bearer error="invalid_token", error_description="wrong_audience ${secret} of x"`;
  await using server = startSdkServer({ tools: [echo], intercept: bearerCheck(new Set(), challenge) });
  const { tokens } = listedTokens(secret, `${secret}2`);
  const error = await failureOf(connect({ url: server.url, tokens }));
  expect(error.code).toBe("token_refused");
  expect(error.message).toContain('"invalid_token"');
  expect(error.message).toContain("wrong_audience");
  expect(JSON.stringify([error.message, error.hint, error.detail])).not.toMatch(/eyJ|c2lnbm/);
});

test("a renewal that gives the same token again is not tried", async () => {
  await using server = startSdkServer({ tools: [echo], intercept: bearerCheck(new Set()) });
  const { tokens } = listedTokens("A");
  expect((await failureOf(connect({ url: server.url, tokens }))).code).toBe("token_refused");
  expect(server.seen).toHaveLength(1);
});

test("a server that wants a token says so to a caller without one", async () => {
  await using server = startSdkServer({ tools: [echo], intercept: bearerCheck(new Set()) });
  const error = await failureOf(connect({ url: server.url }));
  expect([error.code, error.exitCode]).toEqual(["sign_in_required", 3]);
});

test("what the token source throws comes out as it is", async () => {
  await using server = startSdkServer({ tools: [echo] });
  const getToken = () => Promise.reject(new TypeError("no cache"));
  const error = await failureOf(connect({ url: server.url, tokens: { getToken } }));
  expect([error.code, error.cause]).toEqual(["unexpected", expect.any(TypeError)]);
  expect(server.seen).toEqual([]);
});

test.each([
  "http://mcp.example.test/mcp",
  "http://localhost.example.test/mcp",
  "http://127.0.0.1.example.test/",
])("no token goes to %s", async (url) => {
  const { tokens, renewals } = listedTokens("A");
  expect((await failureOf(connect({ url, tokens }))).code).toBe("untrusted_destination");
  expect(renewals()).toEqual([]);
});

describe("redirects", () => {
  const answering = (location: string, status: number) => () =>
    new Response(null, { status, headers: { location } });

  test.each([301, 302, 307, 308])(
    "to another origin are refused (%d), and nothing is sent there",
    async (status) => {
      await using thief = startSdkServer({ tools: [echo] });
      await using server = startSdkServer({ tools: [echo], intercept: answering(thief.url, status) });
      const { tokens } = listedTokens("A");
      const error = await failureOf(connect({ url: server.url, tokens }));
      expect(error.code).toBe("not_mcp");
      expect(error.message).toContain(thief.url);
      expect(thief.seen).toEqual([]);
    },
  );

  test("within the origin are followed where they keep the method", async () => {
    const intercept = (request: Request) =>
      new URL(request.url).pathname === "/mcp" ? answering("/mcp/", 307)() : undefined;
    await using server = startSdkServer({ tools: [echo], intercept });
    const { tokens } = listedTokens("A");
    const connection = await connect({ url: server.url, tokens });
    expect((await connection.callTool("echo", {})).isError).toBe(false);
    await connection.close();
  });

  test("that never end are given up", async () => {
    await using server = startSdkServer({ tools: [echo], intercept: answering("/mcp", 307) });
    expect((await failureOf(connect({ url: server.url }))).code).toBe("not_mcp");
    expect(server.seen.length).toBeLessThan(100);
  });
});
