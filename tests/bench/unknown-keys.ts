// Measures whether callers with good tokens notice that a stranger sends 10 000 tokens with unknown key ids: times
// with and without the stranger take turns, so that other load on the machine meets both alike, and the median of
// the rounds' 99th percentiles is compared. The stranger is a process of its own.
import { join } from "node:path";
import { startDevServer } from "../harness/dev-server.ts";
import { unlimited } from "../load/loaded-server.ts";
import { medianOf, percentileOf } from "./statistics.ts";
import type { UnknownKeysLoad } from "./unknown-keys-load.ts";

const rounds = 10;
const roundMs = 1000;
const callersPerSecond = 400;
const unknownKeys = 10_000;
const maxRatio = 2;
const maxFetches = 3;

type Server = Awaited<ReturnType<typeof startDevServer>>;
type Headers = Readonly<Record<string, string>>;

function post(url: string, headers: Headers, message: object): Promise<Response> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, ...message });
  const accept = "application/json, text/event-stream";
  return fetch(url, {
    method: "POST",
    body,
    headers: { ...headers, accept, "content-type": "application/json" },
  });
}

/** Opens a session, and gives the headers of its requests. */
async function openSession({ url }: Server, token: string): Promise<Headers> {
  const headers = { authorization: `Bearer ${token}` };
  const clientInfo = { name: "bench", version: "1" };
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
  const response = await post(url, headers, { method: "initialize", params });
  await response.text();
  const session = response.headers.get("mcp-session-id") ?? "";
  return { ...headers, "mcp-session-id": session, "mcp-protocol-version": "2025-06-18" };
}

/** Calls at a steady rate; milliseconds from the moment at which each call was due to its answer. */
async function callSteadily(url: string, headers: Headers): Promise<readonly number[]> {
  const startedAt = performance.now();
  const count = (roundMs / 1000) * callersPerSecond;
  const calls: Promise<number>[] = [];
  const call = async (dueAt: number) => {
    const response = await post(url, headers, { method: "tools/list" });
    await response.text();
    if (response.status !== 200) throw new Error(`a caller with a good token got ${response.status}`);
    return performance.now() - dueAt;
  };
  while (calls.length < count) {
    const dueAt = startedAt + (calls.length * 1000) / callersPerSecond;
    if (performance.now() >= dueAt) calls.push(call(dueAt));
    else await Bun.sleep(1);
  }
  return Promise.all(calls);
}

/** Sends one round's share of the tokens; ends when all were answered. */
async function sendUnknownKeys(url: string, token: string): Promise<Readonly<Record<string, number>>> {
  const requests = unknownKeys / rounds;
  const load: UnknownKeysLoad = { url, token, requests, perSecond: (requests * 1000) / roundMs };
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "unknown-keys-load.ts")], {
    stdin: new Blob([JSON.stringify(load)]),
    stdout: "pipe",
  });
  return JSON.parse(await new Response(child.stdout).text()) as Record<string, number>;
}

function writeRow(name: string, all: readonly (readonly number[])[]): number {
  const [half = 0, most = 0] = [0.5, 0.99].map((share) =>
    medianOf(all.map((times) => percentileOf(times, share))),
  );
  process.stdout.write(`${name.padEnd(38)}${half.toFixed(2).padStart(10)}${most.toFixed(2).padStart(10)}\n`);
  return most;
}

const readFetches = async (server: Server) => Number((await server.readCounts())["jwks"]);

await using server = await startDevServer({ args: unlimited });
const token = await server.mintToken();
const headers = await openSession(server, token);
await callSteadily(server.url, headers);
const fetchesBefore = await readFetches(server);
const [quiet, disturbed]: [(readonly number[])[], (readonly number[])[]] = [[], []];
const answers = new Map<string, number>();
for (let round = 0; round < rounds; round++) {
  quiet.push(await callSteadily(server.url, headers));
  const sending = sendUnknownKeys(server.url, token);
  disturbed.push(await callSteadily(server.url, headers));
  for (const [status, count] of Object.entries(await sending)) {
    answers.set(status, (answers.get(status) ?? 0) + count);
  }
}
const fetches = (await readFetches(server)) - fetchesBefore;
process.stdout.write(
  `${`${callersPerSecond} calls a second`.padEnd(38)}${"median ms".padStart(10)}${"99 % ms".padStart(10)}\n`,
);
const [before, during] = [
  writeRow("alone", quiet),
  writeRow("beside tokens with unknown key ids", disturbed),
];
const statuses = [...answers].map(([status, count]) => `${count} times ${status}`).join(", ");
process.stdout.write(`${unknownKeys} tokens were answered ${statuses}\n`);
process.stdout.write(`99th percentile ${(during / before).toFixed(2)}x, limit ${maxRatio}x; `);
process.stdout.write(`${fetches} fetches of keys, limit ${maxFetches}\n`);
if (!(during / before <= maxRatio && fetches <= maxFetches)) process.exitCode = 1;
