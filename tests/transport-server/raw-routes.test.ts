import { describe, expect, test } from "bun:test";
import { openRaw, revisions, toolsCall, toolsList } from "./raw-request.ts";

describe.each([...revisions])("an address, %s", (revision) => {
  const allow = revision === "2026-07-28" ? "POST" : "POST, GET, DELETE";

  test.each(["PUT", "PATCH", "OPTIONS", "HEAD"])("%s: 405, and what is taken", async (method) => {
    await using raw = await openRaw(revision);
    const answer = await raw.send(toolsList, { method });
    expect([answer.status, answer.headers["allow"]]).toEqual([405, allow]);
  });

  test.each(["/", "/mcpx", "/mcp/x", "//mcp", "/MCP", "/mcp%2f", "/sse", "/messages"])(
    "unknown path %s: 404",
    async (path) => {
      await using raw = await openRaw(revision);
      const answer = await raw.send(toolsList, { path });
      expect([answer.status, answer.reason]).toEqual([404, "not_found"]);
    },
  );
});

describe("a session, 2025-11-25", () => {
  const methods = ["POST", "GET", "DELETE"] as const;

  test.each([...methods])("unknown session, by %s: 404", async (method) => {
    await using raw = await openRaw("2025-11-25");
    for (const id of [crypto.randomUUID(), "x", `${raw.session["Mcp-Session-Id"]}x`]) {
      const answer = await raw.send(toolsList, { method, headers: { "Mcp-Session-Id": id } });
      expect([answer.status, answer.code, answer.reason]).toEqual([404, -32001, "session_not_found"]);
    }
  });

  test.each([...methods])("session of another caller, by %s: 404, in the same words", async (method) => {
    await using raw = await openRaw("2025-11-25");
    const asBob = { ...raw.session, Authorization: "Bearer bob" };
    const foreign = await raw.send(toolsList, { method, headers: asBob });
    const unknown = await raw.send(toolsList, { method, headers: { ...asBob, "Mcp-Session-Id": "x" } });
    expect([foreign.status, foreign.body]).toEqual([404, unknown.body]);
    expect((await raw.send(toolsList)).status).toBe(200);
  });

  test.each([...methods])("missing session, by %s: 400", async (method) => {
    await using raw = await openRaw("2025-11-25");
    const answer = await raw.send(toolsList, { method, headers: { "Mcp-Session-Id": undefined } });
    expect([answer.status, answer.reason]).toEqual([400, "invalid_request"]);
  });

  test("two session ids are none", async () => {
    await using raw = await openRaw("2025-11-25");
    const headers = { "Mcp-Session-Id": [raw.session["Mcp-Session-Id"] ?? "", "x"] };
    expect((await raw.send(toolsList, { headers })).status).toBe(404);
  });

  test("an unsupported revision in the header: 400; none at all is taken for the session's", async () => {
    await using raw = await openRaw("2025-11-25");
    const of = (version: string | undefined) =>
      raw.send(toolsList, { headers: { "MCP-Protocol-Version": version } });
    expect((await of("1999-01-01")).status).toBe(400);
    expect((await of(undefined)).status).toBe(200);
  });
});

describe("headers, 2026-07-28", () => {
  const names = ["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"] as const;

  test.each([...names])("missing header %s: 400 with -32020", async (name) => {
    await using raw = await openRaw("2026-07-28");
    const answer = await raw.send(toolsCall, { headers: { [name]: undefined } });
    expect([answer.status, answer.code]).toEqual([400, -32020]);
  });

  test.each([...names])("header %s that disagrees with the body: 400 with -32020", async (name) => {
    await using raw = await openRaw("2026-07-28");
    for (const value of ["x", ["x", "y"]]) {
      const answer = await raw.send(toolsCall, { headers: { [name]: value } });
      expect([answer.status, answer.code]).toEqual([400, -32020]);
    }
  });

  test("missing envelope: 400 with -32602", async () => {
    await using raw = await openRaw("2026-07-28");
    const answer = await raw.send(toolsList, { body: JSON.stringify({ jsonrpc: "2.0", ...toolsList }) });
    expect([answer.status, answer.code]).toEqual([400, -32602]);
  });

  test("unsupported revision in header and envelope: 400 with -32022", async () => {
    await using raw = await openRaw("2026-07-28");
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2099-01-01",
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const body = JSON.stringify({ jsonrpc: "2.0", ...toolsList, params: { _meta } });
    const answer = await raw.send(toolsList, { body, headers: { "MCP-Protocol-Version": "2099-01-01" } });
    expect([answer.status, answer.code]).toEqual([400, -32022]);
  });

  test("names are compared without regard to case, unknown ones and those of sessions are ignored", async () => {
    await using raw = await openRaw("2026-07-28");
    const headers = {
      "Mcp-Method": undefined,
      "mCP-mETHOD": "tools/list",
      "Mcp-Session-Id": "x",
      "Last-Event-ID": "x",
      "Mcp-Param-Unknown": "x",
    };
    const answer = await raw.send(toolsList, { headers });
    expect([answer.status, answer.headers["mcp-session-id"]]).toEqual([200, undefined]);
  });

  test("unknown method: 404 with -32601", async () => {
    await using raw = await openRaw("2026-07-28");
    for (const method of ["nope", "prompts/list", "ping", "logging/setLevel"]) {
      const answer = await raw.send({ id: 1, method });
      expect([answer.status, answer.code]).toEqual([404, -32601]);
    }
  });
});
