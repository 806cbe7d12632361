// Measures how many calls of random_number_tool the compiled server answers in a second over REST, beside the same
// calls at /mcp: from one client on loopback, in turns, without tokens.
import { startLoadedServer, unlimited } from "../load/loaded-server.ts";
import { medianOf } from "./statistics.ts";

const rounds = 7;
const calls = 4000;
const atATime = 16;
const goal = 1;

const meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const args = { min: 1, max: 1_000_000 };
const json = { "content-type": "application/json" };

const restCall = { method: "POST", headers: json, body: JSON.stringify(args) };
const mcpCall = {
  method: "POST",
  headers: {
    ...json,
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "random_number_tool",
  },
  body: JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "random_number_tool", arguments: args, _meta: meta },
  }),
};

/** Calls in a second. */
async function measure(url: string, init: RequestInit): Promise<number> {
  let left = calls;
  const work = async () => {
    while (left-- > 0) {
      const text = await (await fetch(url, init)).text();
      if (!text.includes("random_number")) throw new Error(`no result: ${text.slice(0, 200)}`);
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: atATime }, work));
  return calls / ((performance.now() - startedAtMs) / 1000);
}

await using server = await startLoadedServer([...unlimited]);
const restUrl = new URL("/api/tools/random_number_tool", server.url).href;
await measure(restUrl, restCall);
await measure(server.url, mcpCall);
const rest: number[] = [];
const mcp: number[] = [];
for (let round = 0; round < rounds; round++) {
  rest.push(await measure(restUrl, restCall));
  mcp.push(await measure(server.url, mcpCall));
}
const ratio = medianOf(rest.map((rate, round) => rate / (mcp[round] ?? Number.NaN)));
const rates = `${medianOf(rest).toFixed(0)} / ${medianOf(mcp).toFixed(0)}`;
process.stdout.write(`calls a second of random_number_tool, REST / MCP${rates.padStart(16)}\n`);
const verdict = ratio >= goal ? "" : "   missed";
process.stdout.write(`REST / MCP${ratio.toFixed(2).padStart(50)}x    goal at least ${goal}x${verdict}\n`);
if (ratio < goal) process.exitCode = 1;
