import { describe, expect, test } from "bun:test";
import { join, resolve } from "node:path";
import { createFolder, startInTerminal } from "../harness/program.ts";

/** An MCP server (2025-11-25) with one tool. The list of tools is answered once; who asks again waits. */
function startListOnceServer() {
  const askedAgain = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  let lists = 0;
  const results: Record<string, unknown> = {
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: { tools: {} },
      serverInfo: { name: "n".repeat(5000), version: "1" },
    },
    "tools/list": { tools: [{ name: "t", inputSchema: { type: "object" } }] },
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      if (request.method !== "POST") return new Response(null, { status: 405 });
      const { id, method } = (await request.json()) as { id?: number; method: string };
      if (id === undefined) return new Response(null, { status: 202 });
      if (method === "server/discover") return new Response(null, { status: 404 });
      if (method === "tools/list" && ++lists > 1) {
        request.signal.addEventListener("abort", () => gone.resolve(), { once: true });
        askedAgain.resolve();
        return new Promise<Response>(() => {});
      }
      return Response.json({ jsonrpc: "2.0", id, result: results[method] });
    },
  });
  return {
    args: ["-n", "--url", `http://127.0.0.1:${server.port}/mcp`, "--model", "scripted"],
    askedAgain: askedAgain.promise,
    gone: gone.promise,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

describe("mcp-agent ends", () => {
  test("with 130 when a signal ends it at the prompt", async () => {
    await using server = startListOnceServer();
    await using agent = startInTerminal("mcp-agent", { args: server.args });
    await agent.waitFor(/> /);
    agent.kill("SIGTERM");
    expect((await agent.finished).exitCode).toBe(130);
  });

  test("at the first signal while it waits for a line from a pipe", async () => {
    await using server = startListOnceServer();
    const home = createFolder();
    const child = Bun.spawn([resolve(import.meta.dir, "../../dist/mcp-agent"), ...server.args], {
      cwd: home,
      env: { PATH: process.env["PATH"] ?? "", HOME: home, XDG_CONFIG_HOME: join(home, "config") },
      stdin: "pipe",
      stdout: "ignore",
      stderr: "pipe",
    });
    // Once it has answered a line, it waits for the next.
    void child.stdin.write("/help\n");
    void child.stdin.flush();
    const decoder = new TextDecoder();
    let said = "";
    for await (const chunk of child.stderr) {
      said += decoder.decode(chunk, { stream: true });
      if (said.includes("Ctrl-D does the same\n")) break;
    }
    child.kill("SIGTERM");
    expect(await child.exited).toBe(130);
  });
});

describe("a server that is slow or boasts", () => {
  test("Ctrl-C ends /tools on the wire, too, and the prompt is back", async () => {
    await using server = startListOnceServer();
    await using agent = startInTerminal("mcp-agent", { args: server.args });
    await agent.waitFor(/> /);
    agent.type("/tools\r");
    await server.askedAgain;
    agent.type("\u0003");
    await server.gone;
    await agent.waitFor(/interrupted\.[^]*> /i);
    agent.type("/exit\r");
    expect((await agent.finished).exitCode).toBe(0);
  });

  test("a server's name takes no more than a row", async () => {
    await using server = startListOnceServer();
    await using agent = startInTerminal("mcp-agent", { args: server.args, columns: 200 });
    const [line] = await agent.waitFor(/Connected to n+.*/);
    expect(line).toContain("n… at http://127.0.0.1:");
    expect(line.length).toBeLessThan(150);
  });
});
