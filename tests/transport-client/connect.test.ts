import { describe, expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
import { echo, startSdkServer, type TestTool } from "./sdk-server.ts";
import { failureOf } from "./settled.ts";

const steps: TestTool = {
  name: "steps",
  async run(_args, { report }) {
    for (const step of [1, 2, 2, 1, 3]) await report(step, 3, `step ${step}`);
    return { content: [{ type: "text", text: "done" }], structuredContent: { ok: true } };
  },
};

const broken: TestTool = {
  name: "broken",
  run: async () => ({ content: [{ type: "text", text: "it broke" }], isError: true }),
};

const liar: TestTool = {
  name: "liar",
  outputSchema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
  run: async () => ({ content: [], structuredContent: { n: "not a number" } }),
};

const tools = [echo, steps, broken, liar];

const eras = [
  { serves: "both", protocol: "auto", version: "2026-07-28" },
  { serves: "both", protocol: "legacy", version: "2025-11-25" },
  { serves: "both", protocol: "2026-07-28", version: "2026-07-28" },
  { serves: "modern", protocol: "auto", version: "2026-07-28" },
  { serves: "legacy", protocol: "auto", version: "2025-11-25" },
] as const;

describe.each(eras)("a server that serves $serves, asked for $protocol", ({ serves, protocol, version }) => {
  test("is listed and called, and introduces itself", async () => {
    await using server = startSdkServer({ tools, eras: serves });
    const connection = await connect({ url: server.url, protocol });
    expect(connection.protocolVersion).toBe(version);
    expect([connection.serverName, connection.serverVersion]).toEqual(["test", "1.2.3"]);
    const listed = await connection.listTools();
    expect(listed.map(({ name }) => name)).toEqual(["echo", "steps", "broken", "liar"]);
    expect(listed[0]?.description).toBe("Does echo.");
    const result = await connection.callTool("echo", { a: 1 });
    expect(result).toEqual({ content: [{ type: "text", text: '{"a":1}' }], isError: false });
    await connection.close();
    expect([connection.protocolVersion, connection.serverName]).toEqual([version, "test"]);
  });

  test("reports progress that only grows, and none when nobody asked", async () => {
    await using server = startSdkServer({ tools, eras: serves });
    const connection = await connect({ url: server.url, protocol });
    const updates: unknown[] = [];
    const result = await connection.callTool("steps", {}, { onProgress: (update) => updates.push(update) });
    expect(updates).toEqual([1, 2, 3].map((n) => ({ progress: n, total: 3, message: `step ${n}` })));
    expect(result.structuredContent).toEqual({ ok: true });
    await connection.callTool("steps", {});
    expect(updates).toHaveLength(3);
    await connection.close();
  });

  test("gives a tool's failure as a result", async () => {
    await using server = startSdkServer({ tools, eras: serves });
    const connection = await connect({ url: server.url, protocol });
    const result = await connection.callTool("broken", {});
    expect(result).toEqual({ content: [{ type: "text", text: "it broke" }], isError: true });
    await connection.close();
  });

  test("has no such tool, and says which one was meant", async () => {
    await using server = startSdkServer({ tools, eras: serves });
    const connection = await connect({ url: server.url, protocol });
    const error = await failureOf(connection.callTool("ecko", {}));
    expect([error.code, error.message]).toEqual([
      "unknown_tool",
      'The server has no tool "ecko". Did you mean "echo"?',
    ]);
    await connection.close();
  });

  test("is told that a result breaks the tool's own schema, not that the tool is unknown", async () => {
    await using server = startSdkServer({ tools, eras: serves });
    const connection = await connect({ url: server.url, protocol });
    await connection.listTools();
    const error = await failureOf(connection.callTool("liar", {}));
    expect(error.code).toBe("protocol_error");
    expect(error.message).toStartWith('The call of "liar" has a result that is not what the tool promises');
    await connection.close();
  });

  test("sees no Authorization header without tokens", async () => {
    await using server = startSdkServer({ tools, eras: serves });
    const connection = await connect({ url: server.url, protocol });
    await connection.callTool("echo", {});
    await connection.close();
    expect(server.seen.map(({ authorization }) => authorization).filter(Boolean)).toEqual([]);
  });
});

test("refuses a server of the older revisions when 2026-07-28 is insisted on", async () => {
  await using server = startSdkServer({ tools, eras: "legacy" });
  const error = await failureOf(connect({ url: server.url, protocol: "2026-07-28" }));
  expect(error.code).toBe("protocol_error");
});

test("refuses a server of the new revision when the older ones are insisted on", async () => {
  await using server = startSdkServer({ tools, eras: "modern" });
  const error = await failureOf(connect({ url: server.url, protocol: "legacy" }));
  expect(error.code).toBe("protocol_error");
});

test.each(["ftp://x/mcp", "nonsense", "http://user:pw@127.0.0.1/mcp"])(
  "refuses the address %s",
  async (url) => {
    const error = await failureOf(connect({ url }));
    expect([error.code, error.message.includes("pw")]).toEqual(["usage", false]);
  },
);

test("ends the session on close, which may be called twice", async () => {
  await using server = startSdkServer({ tools, eras: "legacy" });
  const connection = await connect({ url: server.url });
  expect(server.sessions.size).toBe(1);
  await Promise.all([connection.close(), connection.close()]);
  await connection.close();
  expect(server.sessions.size).toBe(0);
  expect(server.seen.filter(({ method }) => method === "DELETE")).toHaveLength(1);
  expect((await failureOf(connection.listTools())).code).toBe("interrupted");
});

test("does not wait long for a server that does not answer the end of a session", async () => {
  const intercept = (request: Request) =>
    request.method === "DELETE" ? new Promise<Response>(() => {}) : undefined;
  await using server = startSdkServer({ tools, eras: "legacy", intercept });
  const connection = await connect({ url: server.url });
  await connection.close();
  expect(server.seen.some(({ method }) => method === "DELETE")).toBe(true);
});
