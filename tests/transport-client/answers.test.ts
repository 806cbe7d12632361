import { describe, expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
import { echo, startSdkServer } from "./sdk-server.ts";
import { failureOf } from "./settled.ts";
import { listedTokens } from "./tokens.ts";

interface Row {
  readonly name: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly code: string;
  readonly says?: string;
}

const html = { "content-type": "text/html" };
const json = { "content-type": "application/json" };
const scopeChallenge =
  'Bearer error="insufficient_scope", scope="api://x/execute", resource_metadata="http://x/"';

const rows: Row[] = [
  {
    name: "403 for want of a scope",
    status: 403,
    headers: { "www-authenticate": scopeChallenge },
    code: "access_denied",
    says: '"api://x/execute"',
  },
  {
    name: "403 with a JSON-RPC reason",
    status: 403,
    headers: json,
    body: '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"host not allowed"}}',
    code: "access_denied",
    says: "host not allowed",
  },
  { name: "403 without a word", status: 403, code: "access_denied" },
  { name: "429", status: 429, headers: { "retry-after": "7" }, code: "rate_limited" },
  { name: "500", status: 500, body: "<h1>stack trace", code: "server_failed" },
  { name: "503", status: 503, headers: { "retry-after": "7" }, code: "server_failed" },
  {
    name: "503 with a JSON-RPC body",
    status: 503,
    headers: json,
    body: '{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"no"}}',
    code: "server_failed",
  },
];

const onlyAtTheStart: Row[] = [
  { name: "404 as HTML", status: 404, headers: html, body: "<h1>Not found", code: "not_mcp", says: "/mcp" },
  { name: "405", status: 405, code: "not_mcp" },
  {
    name: "200 as HTML",
    status: 200,
    headers: html,
    body: "<h1>Welcome",
    code: "not_mcp",
    says: "text/html",
  },
  {
    name: "200 with JSON that is no JSON-RPC",
    status: 200,
    headers: json,
    body: '{"hello":1}',
    code: "not_mcp",
  },
  { name: "200 with broken JSON", status: 200, headers: json, body: '{"jsonrpc"', code: "not_mcp" },
  { name: "202 where an answer is due", status: 202, code: "not_mcp" },
  { name: "204", status: 204, code: "not_mcp" },
];

function answer({ status, headers, body }: Row): Response {
  return new Response(body ?? null, { status, headers: headers ?? {} });
}

describe.each(["auto", "legacy", "2026-07-28"] as const)("connecting, asked for %s", (protocol) => {
  test.each([...rows, ...onlyAtTheStart])("answers of $name become $code", async (row) => {
    await using server = startSdkServer({ tools: [echo], intercept: () => answer(row) });
    const error = await failureOf(connect({ url: server.url, protocol, tokens: listedTokens("A").tokens }));
    expect([error.code, error.message]).toEqual([row.code as never, expect.stringContaining(row.says ?? "")]);
    expect(error.message).not.toMatch(/stack trace|Welcome/);
    if (row.headers?.["retry-after"]) expect(error.retryAfterSeconds).toBe(7);
  });
});

describe.each(["auto", "legacy"] as const)("a call, asked for %s", (protocol) => {
  test.each(rows)("answered with $name becomes $code", async (row) => {
    const intercept = (_: Request, body: string) => (body.includes('"tools/call"') ? answer(row) : undefined);
    await using server = startSdkServer({ tools: [echo], intercept });
    const connection = await connect({ url: server.url, protocol, tokens: listedTokens("A").tokens });
    const error = await failureOf(connection.callTool("echo", {}));
    expect(error.code).toBe(row.code as never);
    await connection.close();
  });

  test.each([
    ["400", 400, -32_099],
    ["200", 200, -32_603],
    ["404", 404, -32_601],
  ] as const)(
    "answered with a JSON-RPC error (%s) becomes protocol_error with its code",
    async (_, status, code) => {
      const intercept = (request: Request, body: string) => {
        if (!body.includes('"tools/call"')) return undefined;
        if (status === 404 && request.headers.has("mcp-session-id")) return undefined;
        const { id } = JSON.parse(body) as { id: number };
        const error = { code, message: `bad \u001b]52;c;x\u0007${"y".repeat(1000)}` };
        return Response.json({ jsonrpc: "2.0", id, error }, { status });
      };
      await using server = startSdkServer({ tools: [echo], intercept });
      const connection = await connect({ url: server.url, protocol });
      if (status === 404 && protocol === "legacy") return connection.close();
      const error = await failureOf(connection.callTool("echo", {}));
      expect(error.code).toBe("protocol_error");
      expect(error.message).toContain(String(code));
      expect(error.message.length).toBeLessThan(400);
      expect(error.message).not.toContain("\u001b");
      await connection.close();
    },
  );

  test("answered for another request does not wait for ever", async () => {
    const intercept = (_: Request, body: string) =>
      body.includes('"tools/call"') ? Response.json({ jsonrpc: "2.0", id: 4711, result: {} }) : undefined;
    await using server = startSdkServer({ tools: [echo], intercept });
    const connection = await connect({ url: server.url, protocol });
    expect((await failureOf(connection.callTool("echo", {}))).code).toBe("protocol_error");
    await connection.close();
  });
});

test("an address without /mcp gets the hint", async () => {
  await using server = startSdkServer({ tools: [], intercept: () => new Response("hi", { headers: html }) });
  const error = await failureOf(connect({ url: new URL("/", server.url).href }));
  expect([error.code, error.hint]).toEqual(["not_mcp", "Did you forget /mcp at the end of the address?"]);
});

test("an answer larger than the cap is not read to its end", async () => {
  const piece = new Uint8Array(1024 * 1024).fill(32);
  let sent = 0;
  const endless = () =>
    new ReadableStream({
      pull(controller) {
        sent++;
        controller.enqueue(piece);
      },
    });
  await using server = startSdkServer({
    tools: [],
    intercept: () => new Response(endless(), { headers: json }),
  });
  expect((await failureOf(connect({ url: server.url }))).code).toBe("protocol_error");
  expect(sent).toBeLessThan(200);
});
