import { describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { startDevServer } from "../harness/dev-server.ts";
import { runProgram, startProgram } from "../harness/program.ts";
import { expectProblem, expectSafe, parseEvents } from "../web/rest-server.ts";

const json = { "content-type": "application/json" };
const reverse = "/api/tools/reverse_tool";
const post = (body: object, headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: { ...json, ...headers },
  body: JSON.stringify(body),
});

/** The compiled server without tokens, and its origin. */
async function startOpen(...args: readonly string[]) {
  const program = startProgram("mcp-server", { args: ["--no-auth", "--port", "0", ...args] });
  const [, url = ""] = await program.waitForStderr(/Endpoint\s+(http\S+)/);
  return { program, origin: new URL(url).origin, [Symbol.asyncDispose]: program[Symbol.asyncDispose] };
}

describe("mcp-server --dev", () => {
  test("serves the tools over REST to those who sign in, and tells pages how", async () => {
    await using server = await startDevServer();
    const config = await (await server.request("/api/config")).json();
    expect(config).toEqual({
      authentication: "entra",
      authority: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}$/),
      clientId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      scopes: [expect.stringMatching(/^api:\/\/[0-9a-f-]{36}\/execute$/)],
      isDevTenant: true,
      product: { name: "mcp-server", version: expect.stringMatching(/^\d/) },
    });
    for (const version of ["1.0", "2.0"]) {
      const authorization = `Bearer ${await server.mintToken({ version })}`;
      const me = await server.request("/api/me", { headers: { authorization } });
      expectSafe(me);
      expect(await me.json()).toEqual({
        authentication: "entra",
        caller: {
          name: "Ada Lindqvist",
          username: "ada@devtenant.example",
          tenantId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          objectId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          clientId: (config as { clientId: string }).clientId,
          scopes: ["execute"],
          roles: [],
          kind: "person",
          expiresAt: expect.any(Number),
        },
      });
      const result = await server.request(reverse, post({ query: "abc" }, { authorization }));
      expect(await result.json()).toEqual({ reversed_query: "cba" });
      const accept = "text/event-stream";
      const stream = await server.request(reverse, post({ query: "abc" }, { authorization, accept }));
      const events = parseEvents(await stream.text());
      expect(events.map(({ event }) => event)).toEqual([
        ...Array.from({ length: 6 }, () => "progress"),
        "result",
      ]);
      const reversed = await server.request("/reverse", post({ input_string: "abc" }, { authorization }));
      expect(await reversed.json()).toEqual({ reversed: "cba" });
      const empty = await server.request("/reverse", post({ input_string: "" }, { authorization }));
      await expectProblem(empty, 400, "invalid_arguments");
      const document = await (
        await server.request("/api/openapi.json", { headers: { authorization } })
      ).json();
      expect((await new Validator().validate(document as Record<string, unknown>)).valid).toBe(true);
    }
  });

  test("refuses strangers and those without the scope, and says why", async () => {
    await using server = await startDevServer();
    for (const [path, init] of [
      ["/api/tools", {}],
      ["/api/me", {}],
      ["/api/openapi.json", {}],
      [reverse, post({ query: "abc" })],
      ["/reverse", post({ input_string: "abc" })],
    ] as const) {
      const response = await server.request(path, init);
      expect(response.headers.get("www-authenticate")).toMatch(
        /^Bearer scope="api:.*resource_metadata="http/,
      );
      await expectProblem(response, 401, "missing_token");
    }
    const unscoped = `Bearer ${await server.mintToken({ person: "ben", scopes: ["read"] })}`;
    const refused = await server.request("/api/tools", { headers: { authorization: unscoped } });
    expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer error="insufficient_scope"/);
    await expectProblem(refused, 403, "insufficient_scope");
    await server.setFaults({ jwks: "error", rolloverKeys: "withdraw" });
    const unknown = `Bearer ${await server.mintToken()}`;
    const unchecked = await server.request("/api/tools", { headers: { authorization: unknown } });
    expect(Number(unchecked.headers.get("retry-after"))).toBeGreaterThan(0);
    await expectProblem(unchecked, 503, "keys_unavailable");
    await server.setFaults({ jwks: "ok" });
  });

  test("knows an application by its token", async () => {
    await using server = await startDevServer({ args: ["--app-roles", "run"] });
    const authorization = `Bearer ${await server.mintToken({ kind: "app", claims: { roles: ["run"] } })}`;
    const me = await server.request("/api/me", { headers: { authorization } });
    expect(await me.json()).toMatchObject({ caller: { kind: "app", roles: ["run"], scopes: [] } });
  });
});

describe("mcp-server --no-auth", () => {
  test("serves the REST API to everybody on this machine", async () => {
    await using server = await startOpen("--reverse-seconds", "0");
    expect(await (await fetch(`${server.origin}/api/me`)).json()).toEqual({
      authentication: "none",
      caller: null,
    });
    expect(await (await fetch(`${server.origin}/api/config`)).json()).toMatchObject({
      authentication: "none",
      scopes: [],
      isDevTenant: false,
    });
    const result = await fetch(`${server.origin}${reverse}`, post({ query: "abc" }));
    expect(await result.json()).toEqual({ reversed_query: "cba" });
    const evil = await fetch(`${server.origin}/api/tools`, { headers: { origin: "https://evil.example" } });
    await expectProblem(evil, 403, "forbidden_origin");
  });

  test("lets its own page in under a name that --allowed-hosts adds, and no page of another port", async () => {
    await using server = await startOpen("--allowed-hosts", "mcp.corp");
    const { port } = new URL(server.origin);
    const ask = (origin: string, host = `mcp.corp:${port}`) =>
      fetch(`${server.origin}/reverse`, post({ input_string: "abc" }, { host, origin }));
    expect((await ask(`http://mcp.corp:${port}`)).status).toBe(200);
    await expectProblem(await ask("http://mcp.corp:1"), 403, "forbidden_origin");
    await expectProblem(await ask(`http://mcp.corp:${port}`, "localhost"), 403, "forbidden_origin");
    await expectProblem(
      await ask(`http://evil.example:${port}`, `evil.example:${port}`),
      403,
      "forbidden_host",
    );
  });

  test.each([
    ["with its length", (text: string) => text],
    ["in chunks", (text: string) => new Blob([text]).stream()],
  ])("says that a body is too large: %s", async (_, toBody) => {
    await using server = await startOpen("--body-bytes", "1024");
    const init = { ...post({}), body: toBody(JSON.stringify({ query: "x".repeat(5000) })) };
    await expectProblem(await fetch(server.origin + reverse, init), 413, "body_too_large");
    const far = post({ query: "x".repeat(100_000) });
    expect((await fetch(server.origin + reverse, far)).status).toBe(413);
  });

  test("answers /reverse at once, however long reverse_tool takes", async () => {
    await using server = await startOpen("--reverse-seconds", "60");
    const slow = new AbortController();
    const tool = fetch(`${server.origin}${reverse}`, { ...post({ query: "abc" }), signal: slow.signal });
    tool.catch(() => {});
    const response = await fetch(`${server.origin}/reverse`, post({ input_string: "abc" }));
    expect(await response.json()).toEqual({ reversed: "cba" });
    slow.abort();
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "lets a stream finish after %s and exits with 0",
    async (signal) => {
      await using server = await startOpen("--reverse-seconds", "1");
      const init = post({ query: "abc" }, { accept: "text/event-stream" });
      const response = await fetch(`${server.origin}${reverse}`, init);
      server.program.kill(signal);
      expect(parseEvents(await response.text()).at(-1)).toMatchObject({
        event: "result",
        data: { structuredContent: { reversed_query: "cba" } },
      });
      expect(await server.program.finished).toMatchObject({ exitCode: 0, stdout: "" });
    },
  );
});

describe("mcp-server --no-web", () => {
  test("serves /mcp alone", async () => {
    await using server = await startOpen("--no-web");
    for (const path of [
      "/",
      "/api/config",
      "/api/tools",
      "/api/me",
      "/api/openapi.json",
      reverse,
      "/reverse",
    ]) {
      const response = await fetch(server.origin + path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { data: { reason: "not_found" } } });
    }
    expect((await fetch(`${server.origin}/mcp`, { method: "PUT" })).status).toBe(405);
  });

  test.each([
    [["--no-web=yes"], /--no-web takes no value/],
    [["--shielded-no-web"], /Unknown flag "--shielded-no-web"/],
    [["--stdio", "--no-web"], /--no-web says nothing with --stdio/],
    [["--stdio", "--cors-origins", "https://a.b"], /--cors-origins says nothing with --stdio/],
  ])("is refused as %p", async (args, message) => {
    const { exitCode, stderr } = await runProgram("mcp-server", { args });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("mcp-server --cors-origins", () => {
  const page = "https://app.contoso.com";

  test("lets pages of these origins read answers, of /mcp and of the metadata too", async () => {
    await using server = await startDevServer({ args: ["--cors-origins", page] });
    const ask = { origin: page, "access-control-request-method": "POST" };
    for (const path of ["/api/tools", "/mcp", "/.well-known/oauth-protected-resource"]) {
      const preflight = await server.request(path, { method: "OPTIONS", headers: ask });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("access-control-allow-origin")).toBe(page);
      const answer = await server.request(path, { headers: { origin: page } });
      expect([200, 401]).toContain(answer.status);
      expect(answer.headers.get("access-control-allow-origin")).toBe(page);
      expect(answer.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
    }
  });

  test.each(["*", "null", "app.contoso.com", "https://app.contoso.com/x", "https://*.contoso.com"])(
    "refuses %s",
    async (origin) => {
      const { exitCode, stderr } = await runProgram("mcp-server", { args: ["--cors-origins", origin] });
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/--cors-origins takes origins like https:/);
    },
  );
});
