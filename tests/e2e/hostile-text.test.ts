import { expect, test } from "bun:test";
import { runProgram } from "../harness/program.ts";

/** An OSC and a CSI sequence in seven and in eight bits, and a character that turns text around. */
const hostile = "a\u001B]0;x\u0007\u009B31m\u202E\u007Fb";
/** What a terminal would obey; tab and line feed are ours. */
const obeyed = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;

function answer(method: string): unknown {
  if (method === "initialize") {
    const serverInfo = { name: hostile, version: hostile };
    return { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo };
  }
  if (method === "tools/list") {
    return { tools: [{ name: "t", description: hostile, inputSchema: { type: "object" } }] };
  }
  return { content: [{ type: "text", text: hostile }], structuredContent: { [hostile]: hostile } };
}

function startHostileServer() {
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (request.method !== "POST") return new Response(null, { status: 405 });
      const { id, method } = (await request.json()) as { id?: number; method: string };
      if (id === undefined) return new Response(null, { status: 202 });
      if (method === "server/discover") return new Response(null, { status: 404 });
      return Response.json({ jsonrpc: "2.0", id, result: answer(method) });
    },
  });
}

test.each(["tools --json", "tools t --json", "call t --json --progress json"])(
  "mcp-client %s escapes what a terminal would obey, and means the same",
  async (line) => {
    using server = startHostileServer();
    const args = [...line.split(" "), "--no-auth", "--url", `http://127.0.0.1:${server.port}/mcp`];
    const { exitCode, stdout, stderr } = await runProgram("mcp-client", { args });
    expect(exitCode).toBe(0);
    expect(stdout + stderr).not.toMatch(obeyed);
    expect(JSON.stringify(JSON.parse(stdout))).toContain(JSON.stringify(hostile).slice(1, -1));
  },
);
