// Measures the compiled server under load, on loopback and without tokens: a thousand calls of reverse_tool at once,
// its memory meanwhile and afterwards, and what two hundred slow clients do to the calls of the others.
import { connect, type Socket } from "node:net";
import type { LoadReport } from "../load/call-many.ts";
import { runLoad, startLoadedServer, unlimited } from "../load/loaded-server.ts";
import type { Era } from "../load/mcp-requests.ts";

const toolMs = 5000;
const eras: readonly Era[] = ["2025-11-25", "2026-07-28"];
const rounds = 5;
const slowClients = 200;

let isMissed = false;

/** Prints one measure beside its goal. */
function show(name: string, value: number, goal: number, unit: string): void {
  const verdict = value <= goal ? "" : "   missed";
  if (value > goal) isMissed = true;
  process.stdout.write(
    `${name.padEnd(52)}${value.toFixed(2).padStart(8)}${unit}   goal ${goal}${unit}${verdict}\n`,
  );
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Waits until memory has not fallen for a while: it is given back some seconds after the work. */
async function settle(server: { readMemory(): number }): Promise<number> {
  let lowest = server.readMemory();
  for (let quietSeconds = 0; quietSeconds < 20; quietSeconds++) {
    await Bun.sleep(1000);
    if (server.readMemory() < lowest * 0.98) quietSeconds = 0;
    lowest = Math.min(lowest, server.readMemory());
  }
  return lowest;
}

async function measureCalls(): Promise<void> {
  await using server = await startLoadedServer(["--reverse-seconds", String(toolMs / 1000), ...unlimited]);
  for (const era of eras) await runLoad("call-many.ts", [server.url, era, "1000"]);
  const before = await settle(server);
  let highest = before;
  const watch = setInterval(() => (highest = Math.max(highest, server.readMemory())), 100);
  for (const era of eras) {
    const report = (await runLoad("call-many.ts", [server.url, era, "1000"])) as LoadReport;
    show(`1000 calls at once, ${era}: p99 / the tool's time`, report.p99Ms / toolMs, 1.2, "x ");
    show(`  of them unfinished or out of order`, 2000 - report.done - report.inOrder, 0, "  ");
  }
  clearInterval(watch);
  const after = await settle(server);
  const memory = [before, highest, after].map((mebibytes) => mebibytes.toFixed(0)).join(" / ");
  process.stdout.write(`memory before / at most / after, MiB${memory.padStart(26)}\n`);
  show("memory after / before", after / before, 1.2, "x ");
}

/** One client that takes up a connection and comes again when it is cut off. */
function startSlowClient(url: URL, text: string, bytes: string): () => void {
  let isOn = true;
  let socket: Socket;
  const open = () => {
    if (!isOn) return;
    socket = connect(Number(url.port), url.hostname);
    socket.on("error", () => {});
    socket.on("close", open);
    socket.pause();
    socket.write(text);
  };
  open();
  const timer = setInterval(() => socket.write(bytes), 1000);
  return () => {
    isOn = false;
    clearInterval(timer);
    socket.destroy();
  };
}

/** Bodies of a byte a second, headers that never end, and answers that nobody reads. */
function startSlowClients(address: string): () => void {
  const url = new URL(address);
  const head = `POST /mcp HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\n`;
  const answer = `GET /healthz HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`;
  const kinds = [
    [`${head}Content-Length: 10000\r\n\r\n{`, " "],
    [`${head}`, "A: b\r\n"],
    [answer.repeat(50), answer],
  ] as const;
  const stops = Array.from({ length: slowClients }, (_, index) => {
    const [text, bytes] = kinds[index % kinds.length] ?? kinds[0];
    return startSlowClient(url, text, bytes);
  });
  return () => {
    for (const stop of stops) stop();
  };
}

async function measureSlowClients(): Promise<void> {
  await using server = await startLoadedServer(["--reverse-seconds", "0", ...unlimited]);
  const measure = async () =>
    ((await runLoad("call-many.ts", [server.url, "2026-07-28", "3000", "4"])) as LoadReport).p99Ms;
  await measure();
  const alone: number[] = [];
  const among: number[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push(await measure());
    const stop = startSlowClients(server.url);
    await Bun.sleep(1500);
    among.push(await measure());
    stop();
  }
  const times = `${medianOf(alone).toFixed(2)} / ${medianOf(among).toFixed(2)}`;
  process.stdout.write(`p99 of a call alone / among 200 slow clients, ms${times.padStart(16)}\n`);
  show("p99 among 200 slow clients / alone", medianOf(among) / medianOf(alone), 2, "x ");
}

await measureCalls();
await measureSlowClients();
if (isMissed) process.exitCode = 1;
