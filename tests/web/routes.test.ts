import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { AppError } from "../../lib/base/errors.ts";
import { type Log, silentLog } from "../../lib/base/log.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { createToolset, type Toolset } from "../../lib/tools/toolset.ts";
import { defaultTransportLimits } from "../../lib/transport/server/limits.ts";
import { createPrincipal } from "../transport-server/start-server.ts";
import { callers, expectProblem, expectSafe, json, pageConfig, quick, startRest } from "./rest-server.ts";

const tools = "/api/tools";
const random = "/api/tools/random_number_tool";
const reverse = "/api/tools/reverse_tool";
const asAlice = { authorization: "Bearer alice" };

const post = (body: unknown, headers: Record<string, string> = json) => ({
  method: "POST",
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});

describe("the REST API answers", () => {
  test.each([
    ["GET", "/api/config", {}, pageConfig],
    ["GET", "/api/config/", {}, pageConfig],
    ["GET", tools, asAlice, { tools: createToolset(quick, { log: silentLog }).list() }],
    [
      "GET",
      "/api/me",
      asAlice,
      {
        authentication: "entra",
        caller: {
          clientId: "client",
          scopes: ["execute"],
          roles: [],
          kind: "person",
          expiresAt: callers[0]?.expiresAtSeconds,
        },
      },
    ],
  ] as const)("%s %s", async (method, path, headers, expected) => {
    await using server = startRest();
    const response = await fetch(server.origin + path, { method, headers });
    expect(await response.json()).toEqual(expected as object);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expectSafe(response);
  });

  test.each([
    [random, { min: 7, max: 7 }, { random_number: 7 }],
    ["/api/tools/random%5Fnumber%5Ftool", { min: 7, max: 7 }, { random_number: 7 }],
    [reverse, { query: "e\u0301a" }, { reversed_query: "ae\u0301" }],
    ["/reverse", { input_string: "e\u0301a" }, { reversed: "ae\u0301" }],
    ["/reverse", { input_string: "ab", other: 1 }, { reversed: "ba" }],
    [reverse, { query: "\u{1f600}".repeat(10_000) }, { reversed_query: "\u{1f600}".repeat(10_000) }],
    ["/reverse", { input_string: "\u{1f600}".repeat(10_000) }, { reversed: "\u{1f600}".repeat(10_000) }],
  ])("POST %s", async (path, body, expected) => {
    await using server = startRest();
    const response = await fetch(server.origin + path, post(body));
    expect(await response.json()).toEqual(expected);
    expect(response.status).toBe(200);
    expectSafe(response);
  });

  test.each(["/api/config", tools, "/api/me", "/api/openapi.json"])(
    "HEAD %s as GET, but for the body",
    async (path) => {
      await using server = startRest();
      const [head, get] = await Promise.all(
        ["HEAD", "GET"].map((method) => fetch(server.origin + path, { method, headers: asAlice })),
      );
      expect(head?.status).toBe(200);
      expect(await head?.text()).toBe("");
      expect(Number(head?.headers.get("content-length"))).toBe((await get?.text())?.length ?? -1);
      expect(head?.headers.get("content-type")).toBe("application/json");
    },
  );

  test("who calls, with all that the token says", async () => {
    const person = createPrincipal("ada", {
      displayName: "Ada",
      username: "ada@contoso.com",
      tenantId: "t",
      objectId: "o",
      roles: ["r"],
      expiresAtSeconds: 4_000_000_000,
    });
    const app = createPrincipal("app", { isApplication: true, scopes: [], clientApp: "" });
    await using server = startRest({ principals: [person, app] });
    const ask = async (name: string) =>
      (await fetch(`${server.origin}/api/me`, { headers: { authorization: `Bearer ${name}` } })).json();
    expect(await ask("ada")).toEqual({
      authentication: "entra",
      caller: {
        name: "Ada",
        username: "ada@contoso.com",
        tenantId: "t",
        objectId: "o",
        clientId: "client",
        scopes: ["execute"],
        roles: ["r"],
        kind: "person",
        expiresAt: 4_000_000_000,
      },
    });
    expect(await ask("app")).toMatchObject({ caller: { kind: "app", scopes: [] } });
  });

  test("everybody where the server runs without authentication", async () => {
    await using server = startRest({ principals: null, config: { authentication: "none" } });
    const me = await fetch(`${server.origin}/api/me`);
    expect(await me.json()).toEqual({ authentication: "none", caller: null });
    const headers = { "content-type": "application/json" };
    expect(await (await fetch(server.origin + random, post({ min: 1, max: 1 }, headers))).json()).toEqual({
      random_number: 1,
    });
  });
});

const huge = { query: "x".repeat(5000) };
const small = { body: { ...defaultTransportLimits.body, maxBytes: 2000, maxElements: 20, maxDepth: 9 } };

describe("the REST API refuses", () => {
  test.each([
    ["a missing token", tools, {}, 401, "missing_token"],
    ["a bad token", tools, { headers: { authorization: "Bearer mallory" } }, 401, "bad_signature"],
    [
      "a header that is no token",
      tools,
      { headers: { authorization: "Bearer a b" } },
      400,
      "malformed_authorization",
    ],
    ["a token in the query", `${tools}?access_token=alice`, {}, 401, "missing_token"],
    ["to describe itself without a token", "/api/openapi.json", {}, 401, "missing_token"],
    ["to say to strangers what it has not", "/api/secret", {}, 401, "missing_token"],
    ["a tool to strangers", random, post({ min: 1, max: 1 }, {}), 401, "missing_token"],
    ["to reverse for strangers", "/reverse", post({ input_string: "a" }, {}), 401, "missing_token"],
    ["an unknown path", "/api/secret", { headers: asAlice }, 404, "not_found"],
    ["its root", "/api", { headers: asAlice }, 404, "not_found"],
    ["an unknown tool", "/api/tools/random_numbr_tool", post({}), 404, "unknown_tool"],
    ["an inherited name", "/api/tools/__proto__", post({}), 404, "unknown_tool"],
    ["a name that is not escaped well", "/api/tools/%ff", post({}), 404, "unknown_tool"],
    ["a path behind a tool", `${random}/x`, post({}), 404, "unknown_tool"],
    ["GET of a tool", random, { headers: asAlice }, 405, "method_not_allowed"],
    ["GET of /reverse", "/reverse", { headers: asAlice }, 405, "method_not_allowed"],
    ["POST to the list", tools, post({}), 405, "method_not_allowed"],
    ["DELETE of the configuration", "/api/config", { method: "DELETE" }, 405, "method_not_allowed"],
    ["OPTIONS without CORS", tools, { method: "OPTIONS", headers: asAlice }, 405, "method_not_allowed"],
    ["pages as answers", tools, { headers: { ...asAlice, accept: "text/html" } }, 406, "not_acceptable"],
    ["pages as configuration", "/api/config", { headers: { accept: "text/html" } }, 406, "not_acceptable"],
    [
      "pages as results",
      random,
      post({ min: 1, max: 1 }, { ...json, accept: "text/html" }),
      406,
      "not_acceptable",
    ],
    [
      "a stream of /reverse",
      "/reverse",
      post({}, { ...json, accept: "text/event-stream" }),
      406,
      "not_acceptable",
    ],
    [
      "a form",
      random,
      post("min=1", { ...json, "content-type": "text/plain" }),
      415,
      "unsupported_media_type",
    ],
    ["broken JSON", random, post("{"), 400, "invalid_json"],
    ["no body", random, post(""), 400, "invalid_json"],
    ["a list of arguments", random, post([]), 400, "invalid_arguments"],
    ["null as arguments", random, post(null), 400, "invalid_arguments"],
    ["a text as arguments", random, post('"a"'), 400, "invalid_arguments"],
    ["arguments of other types", random, post({ min: "1", max: 2 }), 400, "invalid_arguments"],
    ["further arguments", random, post({ min: 1, max: 2, more: 3 }), 400, "invalid_arguments"],
    ["what the tool refuses", random, post({ min: 2, max: 1 }), 422, "tool_failed"],
    ["an empty text", "/reverse", post({ input_string: "" }), 400, "invalid_arguments"],
    [
      "a text that is too long",
      "/reverse",
      post({ input_string: "x".repeat(10_001) }),
      400,
      "invalid_arguments",
    ],
    [
      "a text that is too long, by its code points",
      "/reverse",
      post({ input_string: "\u{1f600}".repeat(10_001) }),
      400,
      "invalid_arguments",
    ],
    [
      "an argument that has as many",
      reverse,
      post({ query: "\u{1f600}".repeat(10_001) }),
      400,
      "invalid_arguments",
    ],
    ["no text", "/reverse", post({ input_string: 7 }), 400, "invalid_arguments"],
    ["nothing to reverse", "/reverse", post([]), 400, "invalid_arguments"],
    ["a foreign host", tools, { headers: { ...asAlice, host: "evil.example.com" } }, 403, "forbidden_host"],
    [
      "a foreign page",
      "/api/config",
      { headers: { origin: "https://evil.example" } },
      403,
      "forbidden_origin",
    ],
    ["the origin null", "/reverse", { headers: { origin: "null" } }, 403, "forbidden_origin"],
  ])("%s", async (_, path, init, status, code) => {
    await using server = startRest();
    await expectProblem(await fetch(server.origin + path, init), status, code);
  });

  test.each([
    [tools, "GET, HEAD"],
    ["/api/config", "GET, HEAD"],
    [random, "POST"],
    ["/reverse", "POST"],
  ])("other methods than %s takes, and names these", async (path, allow) => {
    await using server = startRest();
    const response = await fetch(server.origin + path, { method: "PUT", headers: asAlice });
    expect(response.headers.get("allow")).toBe(allow);
    await expectProblem(response, 405, "method_not_allowed");
  });

  test.each([
    ["declared", 413, "body_too_large", JSON.stringify(huge)],
    ["deep", 413, "body_too_complex", "[".repeat(10) + "]".repeat(10)],
    ["full", 413, "body_too_complex", `[${"1,".repeat(30)}1]`],
  ])("bodies that are too large: %s", async (_, status, code, body) => {
    // Bun itself answers what is larger than the server's own limit, without a body.
    await using server = startRest({ limits: small, maxBodyBytes: 1_000_000 });
    await expectProblem(await fetch(server.origin + reverse, post(body)), status, code);
  });

  test("with the challenge of /mcp", async () => {
    await using server = startRest();
    for (const headers of [{}, { authorization: "Bearer mallory" }, { authorization: "Bearer a b" }]) {
      const rest = await fetch(server.origin + tools, { headers });
      const mcp = await fetch(server.url, { method: "POST", headers });
      expect(rest.status).toBe(mcp.status);
      expect(rest.headers.get("www-authenticate")).toStartWith("Bearer ");
      expect(rest.headers.get("www-authenticate")).toBe(mcp.headers.get("www-authenticate"));
    }
  });

  const verifierThat = (error: AppError) => ({
    verify: async () => {
      throw error;
    },
    isReady: () => true,
    warmUp: async () => {},
    issuers: () => [],
  });

  test.each([
    ["insufficient_scope", 403, "insufficient_scope", /^Bearer error="insufficient_scope"/],
    ["app_only_token", 403, "access_denied", /^Bearer error="access_denied"/],
    ["token_expired", 401, "invalid_token", /^Bearer error="invalid_token"/],
  ] as const)("%s, and does not say so with --terse-errors", async (code, status, terse, challenge) => {
    const verifier = verifierThat(new AppError(code, "Because of that."));
    await using server = startRest({ verifier });
    await using terseServer = startRest({ verifier, isTerse: true });
    const told = await fetch(server.origin + tools, { headers: asAlice });
    expect(told.headers.get("www-authenticate")).toMatch(challenge);
    expect((await expectProblem(told, status, code)).detail).toBe("Because of that.");
    const untold = await fetch(terseServer.origin + tools, { headers: asAlice });
    expect(untold.headers.get("www-authenticate")).not.toContain("Because");
    expect((await expectProblem(untold, status, terse)).detail).not.toContain("Because");
  });

  test("with 503 and when to come again while tokens cannot be checked", async () => {
    const verifier = verifierThat(new AppError("keys_unavailable", "No keys.", { retryAfterSeconds: 3 }));
    await using server = startRest({ verifier });
    const response = await fetch(server.origin + tools, { headers: asAlice });
    expect(response.headers.get("retry-after")).toBe("3");
    expect(response.headers.get("www-authenticate")).toBeNull();
    await expectProblem(response, 503, "keys_unavailable");
  });

  test.each([
    ["address", { addressRate: { perSecond: 0.1, burst: 1 } }],
    ["caller", { callerRate: { perSecond: 0.1, burst: 1 } }],
  ])("too many requests of one %s", async (_, limits) => {
    await using server = startRest({ limits });
    await (await fetch(server.origin + tools, { headers: asAlice })).text();
    const response = await fetch(server.origin + tools, { headers: asAlice });
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    await expectProblem(response, 429, "rate_limited");
  });

  test("nothing of it is there without routes", async () => {
    await using server = startRest({
      routes: () => ({ open: () => undefined, protected: () => undefined, refusals: () => undefined }),
    });
    for (const path of ["/api/config", tools, "/reverse", "/api"]) {
      const response = await fetch(server.origin + path, { headers: asAlice });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { data: { reason: "not_found" } } });
    }
  });
});

/** A tool that does what it is given. */
const toolThat = (run: () => Promise<{ ok: boolean }>, timeLimitMs = 60_000) =>
  defineTool({
    name: "probe",
    title: "Probe",
    description: "Probes.",
    input: z.strictObject({}),
    output: z.strictObject({ ok: z.boolean() }),
    timeLimitMs,
    run,
  });

describe("a tool that fails", () => {
  test.each([
    ["by its time limit", toolThat(() => new Promise(() => {}), 5), 504, "timeout"],
    ["by an error", toolThat(() => Promise.reject(new Error("secret"))), 422, "tool_failed"],
    ["by its result", toolThat(async () => ({ ok: "secret" }) as never), 422, "tool_failed"],
  ])("%s is a problem that tells nothing of the server's inside", async (_, tool, status, code) => {
    await using server = startRest({ tools: [tool] });
    const problem = await expectProblem(
      await fetch(`${server.origin}/api/tools/probe`, post({})),
      status,
      code,
    );
    expect(JSON.stringify(problem)).not.toContain("secret");
  });

  test.each(["null", "[]", '"a"', "7"])("is not even started with %s for arguments", async (body) => {
    await using server = startRest({ tools: [toolThat(async () => ({ ok: true }))] });
    const response = await fetch(`${server.origin}/api/tools/probe`, post(body));
    await expectProblem(response, 400, "invalid_arguments");
  });

  test.each([
    ["an answer", json],
    ["a stream", { ...json, accept: "text/event-stream" }],
  ])("because the server failed is logged, and %s does not tell the cause", async (_, headers) => {
    const lines: string[] = [];
    const log: Log = { ...silentLog, error: (line) => lines.push(line) };
    const broken: Toolset = {
      ...createToolset(quick, { log }),
      callNow(_name, _args, { onStart }) {
        onStart?.();
        throw new Error("secret");
      },
    };
    await using server = startRest({ toolset: broken, log });
    const text = await (await fetch(server.origin + random, post({}, headers))).text();
    expect(text).toContain('"status":500,"detail":"The server failed.","code":"unexpected"');
    expect(text).not.toContain("secret");
    expect(lines).toEqual([expect.stringContaining("secret")]);
  });
});
