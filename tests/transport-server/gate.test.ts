import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { sleep } from "../../lib/base/abort.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { createPrincipal, startServer } from "./start-server.ts";

const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const asAlice = { ...json, authorization: "Bearer alice" };
const tools = builtInTools({ reverseSeconds: 0 });
const callers = [createPrincipal("alice"), createPrincipal("bob")];

const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
});

interface Answer {
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly reason: string };
  };
  readonly reason?: string;
}

async function readAnswer(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

async function openSession(url: string, token: string): Promise<string> {
  const headers = { ...json, authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: "POST", headers, body: initialize });
  await response.text();
  return response.headers.get("mcp-session-id") ?? "";
}

describe("the gate", () => {
  test.each([
    ["a foreign host", { ...asAlice, host: "evil.example.com" }, 403, "forbidden_host"],
    ["a foreign origin", { ...asAlice, origin: "https://evil.example.com" }, 403, "forbidden_origin"],
    [
      "a host that only begins like ours",
      { ...asAlice, host: "localhost.evil.example.com" },
      403,
      "forbidden_host",
    ],
    [
      "an origin that only begins like ours",
      { ...asAlice, origin: "http://localhost.evil.com" },
      403,
      "forbidden_origin",
    ],
    ["the origin null", { ...asAlice, origin: "null" }, 403, "forbidden_origin"],
    ["another media type", { ...asAlice, "content-type": "text/plain" }, 415, "unsupported_media_type"],
    [
      "a media type that only begins like JSON",
      { ...asAlice, "content-type": "application/jsonx" },
      415,
      "unsupported_media_type",
    ],
  ])("refuses %s", async (_, headers, status, reason) => {
    await using server = startServer(tools, callers);
    const response = await fetch(server.url, { method: "POST", headers, body: initialize });
    expect(response.status).toBe(status);
    expect((await readAnswer(response)).error?.data?.reason).toBe(reason);
  });

  test.each([
    ["--allowed-hosts", { ...asAlice, host: "evil.example.com" }],
    ["--allowed-origins", { ...asAlice, origin: "https://evil.example.com" }],
  ])("names %s to the operator", async (flag, headers) => {
    await using server = startServer(tools, callers);
    const response = await fetch(server.url, { method: "POST", headers, body: initialize });
    expect((await readAnswer(response)).error?.message).toContain(flag);
  });

  test.each([
    ["a page of this machine", { ...asAlice, origin: "http://localhost:5173" }],
    ["the IPv6 loopback as host", { ...asAlice, host: "[::1]:8000" }],
    ["another loopback address as host", { ...asAlice, host: "127.0.0.2:8000" }],
    ["a lower-case scheme", { ...json, authorization: "bearer alice" }],
  ])("lets in %s", async (_, headers) => {
    await using server = startServer(tools, callers);
    const response = await fetch(server.url, { method: "POST", headers, body: initialize });
    expect(response.status).toBe(200);
    await response.text();
  });

  test("answers 401 without an error, with scope and metadata, where no token was sent", async () => {
    await using server = startServer(tools, callers);
    const response = await fetch(server.url, { method: "POST", headers: json, body: initialize });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(
      'Bearer scope="api://api/execute", resource_metadata="http://localhost/.well-known/oauth-protected-resource/mcp"',
    );
    expect((await readAnswer(response)).reason).toBe("missing_token");
  });

  test("answers 401 invalid_token with a reason where the token is bad", async () => {
    await using server = startServer(tools, callers);
    const headers = { ...json, authorization: "Bearer mallory" };
    const response = await fetch(server.url, { method: "POST", headers, body: initialize });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toStartWith(
      'Bearer error="invalid_token", error_description="',
    );
    expect(await response.json()).toMatchObject({ error: "invalid_token", reason: "bad_signature" });
  });

  test.each([
    ["Basic YWxpY2U6", 401],
    ["Bearer", 400],
    ["Bearer  alice", 400],
    ["Bearer alice bob", 400],
    ["Bearer alice, Bearer bob", 400],
    ["bearer alice,", 400],
    ["Bearer alic\u00e9", 400],
  ])("does not read a token from %j", async (authorization, status) => {
    await using server = startServer(tools, callers);
    const response = await fetch(server.url, {
      method: "POST",
      headers: { ...json, authorization },
      body: initialize,
    });
    expect(response.status).toBe(status);
  });

  test("does not read a token from the query", async () => {
    await using server = startServer(tools, callers);
    const response = await fetch(`${server.url}?access_token=alice`, {
      method: "POST",
      headers: json,
      body: initialize,
    });
    expect(response.status).toBe(401);
  });

  test.each([
    ["GET", "/healthz", 200],
    ["GET", "/readyz", 200],
    ["GET", "/", 404],
    ["GET", "/mcpx", 404],
    ["GET", "/mcp/x", 404],
    ["PUT", "/mcp", 405],
    ["PATCH", "/mcp/", 405],
    ["GET", "/mcp", 400],
    ["DELETE", "/mcp", 400],
  ])("answers %s %s with %p", async (method, path, status) => {
    await using server = startServer(tools, callers);
    const response = await fetch(`${server.origin}${path}`, { method, headers: asAlice });
    expect(response.status).toBe(status);
  });

  test.each([
    ["no body", "", 400, -32700],
    ["broken JSON", "{", 400, -32700],
    ["a batch", `[${initialize}]`, 400, -32600],
    ["a text", '"hello"', 400, undefined],
    ["null", "null", 400, undefined],
    ["bytes that are no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), 400, -32700],
  ])("answers %s with a JSON-RPC error", async (_, body, status, code) => {
    await using server = startServer(tools, callers);
    const response = await fetch(server.url, { method: "POST", headers: asAlice, body });
    expect(response.status).toBe(status);
    const answer = await readAnswer(response);
    expect(answer.error?.code).toBe(code ?? answer.error?.code ?? Number.NaN);
  });

  test("answers a body above 4 MiB with 413", async () => {
    await using server = startServer(tools, callers);
    const body = `"${"x".repeat(4 * 1024 * 1024)}"`;
    const response = await fetch(server.url, { method: "POST", headers: asAlice, body });
    expect(response.status).toBe(413);
  });
});

describe("a session", () => {
  const list = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" });

  test.each(["POST", "GET", "DELETE"])("does not exist for another caller's %s", async (method) => {
    await using server = startServer(tools, callers);
    const id = await openSession(server.url, "alice");
    const headers = { ...json, authorization: "Bearer bob", "mcp-session-id": id };
    const response = await fetch(server.url, {
      method,
      headers,
      ...(method === "POST" ? { body: list } : {}),
    });
    expect(response.status).toBe(404);
    const own = await fetch(server.url, {
      method: "POST",
      headers: { ...asAlice, "mcp-session-id": id },
      body: list,
    });
    expect(own.status).toBe(200);
    await own.text();
  });

  test("takes no batch beyond revision 2025-03-26", async () => {
    await using server = startServer(tools, callers);
    const id = await openSession(server.url, "alice");
    const headers = { ...asAlice, "mcp-session-id": id };
    const response = await fetch(server.url, { method: "POST", headers, body: `[${list}]` });
    expect(response.status).toBe(400);
    expect((await readAnswer(response)).error?.data?.reason).toBe("batch_not_supported");
  });

  test("ends its listening stream when the token does", async () => {
    const short = createPrincipal("short", { expiresAtSeconds: Date.now() / 1000 + 0.2 });
    await using server = startServer(tools, [short]);
    const id = await openSession(server.url, "short");
    const headers = { accept: "text/event-stream", authorization: "Bearer short", "mcp-session-id": id };
    const response = await fetch(server.url, { headers });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(":\n\n");
  });
});

describe("stopping", () => {
  test("lets a running call finish and refuses new ones", async () => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const tool = defineTool({
      name: "slow",
      title: "Slow",
      description: "Waits for the test.",
      input: z.strictObject({}),
      output: z.strictObject({ done: z.boolean() }),
      async run() {
        started.resolve();
        await finish.promise;
        return { done: true };
      },
    });
    await using server = startServer([tool], callers);
    const id = await openSession(server.url, "alice");
    const headers = { ...asAlice, "mcp-session-id": id };
    const listening = await fetch(server.url, { headers: { ...headers, accept: "text/event-stream" } });
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id: 3,
      method: "tools/call",
      params: { name: "slow", arguments: {} },
    });
    const running = fetch(server.url, { method: "POST", headers, body });
    await started.promise;
    const stopped = server.stop(new AbortController().signal);
    expect(await listening.text()).toBe(":\n\n");
    expect((await fetch(`${server.origin}/readyz`)).status).toBe(503);
    const late = await fetch(server.url, { method: "POST", headers, body });
    expect(late.status).toBe(503);
    expect(late.headers.get("retry-after")).toBe("5");
    const lateListening = await fetch(server.url, { headers: { ...headers, accept: "text/event-stream" } });
    expect(lateListening.status).toBe(503);
    finish.resolve();
    expect(await (await running).text()).toContain('"done":true');
    await stopped;
  });

  test("cuts a running call when it is forced", async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const tool = defineTool({
      name: "endless",
      title: "Endless",
      description: "Never ends.",
      input: z.strictObject({}),
      output: z.strictObject({}),
      async run(_, { signal }) {
        started.resolve(signal);
        await sleep(1_000_000, { signal });
        return {};
      },
    });
    await using server = startServer([tool], callers);
    const id = await openSession(server.url, "alice");
    const headers = { ...asAlice, "mcp-session-id": id };
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id: 3,
      method: "tools/call",
      params: { name: "endless", arguments: {} },
    });
    const running = fetch(server.url, { method: "POST", headers, body }).then((response) => response.text());
    const signal = await started.promise;
    await server.stop(AbortSignal.abort());
    expect(signal.aborted).toBe(true);
    expect(await running.catch(() => "cut")).not.toContain("result");
  });
});
