// Measures how long the programs take from their start to what people wait for, against an empty program compiled the
// same way. Rounds are interleaved, so that other load on the machine meets all of them alike; medians are compared.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildEmptyProgram } from "./empty-program.ts";
import { measureFirstAnswer, measureFirstByte } from "./first-answer.ts";
import { type Environment, startSignedIn } from "./signed-in.ts";
import { medianOf } from "./statistics.ts";

const rounds = 31;
const root = join(import.meta.dir, "../..");
const dist = join(root, "dist");
const [client, server, agent] = ["mcp-client", "mcp-server", "mcp-agent"].map((name) => join(dist, name)) as [
  string,
  string,
  string,
];

interface Row {
  readonly name: string;
  /** How many times as long as the empty program it may take; absent where it is only for comparison. */
  readonly goal?: number;
  /** Milliseconds. */
  readonly measure: () => Promise<number>;
}

/** Milliseconds from start to exit. */
async function runToEnd(command: readonly string[], environment: Environment): Promise<number> {
  const [program = "", ...args] = command;
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(program, args, {
    cwd: environment.HOME,
    env: { ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const tookMs = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${String(stderr)}`);
  return tookMs;
}

/** The Inspector's CLI, of this project or on the PATH; it is no dependency of ours. */
function findInspector(): string | undefined {
  const local = join(root, "node_modules/.bin/mcp-inspector-cli");
  return existsSync(local) ? local : (Bun.which("mcp-inspector-cli") ?? undefined);
}

/** The Inspector has no sign-in of this kind: it gets the token on its command line. */
function inspectorRow(url: string, environment: Environment): Row | undefined {
  const inspector = findInspector();
  if (inspector === undefined) return undefined;
  const { stdout } = spawnSync(client, ["token", "--url", url], { cwd: environment.HOME, env: environment });
  const header = `Authorization: Bearer ${String(stdout).trim()}`;
  const command = [inspector, url, "--transport", "http", "--method", "tools/list", "--header", header];
  return { name: "Inspector's CLI: tools/list", measure: () => runToEnd(command, environment) };
}

function rowsFor(empty: string, url: string, environment: Environment): readonly Row[] {
  const run = (...command: string[]) => ({ measure: () => runToEnd(command, environment) });
  const folder = environment.HOME;
  const prompt = [agent, "--url", url, "--model", "scripted", "-p", "hello"];
  const inspector = inspectorRow(url, environment);
  return [
    { name: "empty program", ...run(empty) },
    { name: "mcp-client --version", goal: 1.6, ...run(client, "--version") },
    { name: "mcp-server --version", goal: 1.6, ...run(server, "--version") },
    { name: "mcp-agent --version", goal: 1.6, ...run(agent, "--version") },
    { name: "mcp-client --help", ...run(client, "--help") },
    { name: "mcp-client tools", goal: 14, ...run(client, "tools", "--url", url) },
    { name: "mcp-client call", ...run(client, "call", "random_number_tool", "min=1", "max=6", "--url", url) },
    ...(inspector ? [inspector] : []),
    {
      name: "mcp-server to its first tools/list",
      goal: 12,
      measure: () => measureFirstAnswer({ command: [server], folder, environment }),
    },
    {
      name: "mcp-server to its first session",
      measure: () => measureFirstAnswer({ command: [server], folder, environment, isSession: true }),
    },
    {
      name: "mcp-agent -p to its first byte",
      goal: 30,
      measure: () => measureFirstByte({ command: prompt, folder, environment }),
    },
  ];
}

async function measureAll(rows: readonly Row[]): Promise<readonly number[]> {
  const times = rows.map((): number[] => []);
  for (const { measure } of rows) await measure();
  for (let round = 0; round < rounds; round++) {
    for (const [index, { measure }] of rows.entries()) times[index]?.push(await measure());
  }
  return times.map(medianOf);
}

/** @returns whether every goal is reached */
function printRows(rows: readonly Row[], medians: readonly number[]): boolean {
  const [empty = Number.NaN] = medians;
  let isReached = true;
  process.stdout.write(`${"from start to end".padEnd(38)}${"median ms".padStart(10)}  ratio   goal\n`);
  for (const [index, { name, goal }] of rows.entries()) {
    const median = medians[index] ?? Number.NaN;
    const ratio = median / empty;
    const isMissed = goal !== undefined && !(ratio <= goal);
    if (isMissed) isReached = false;
    const verdict = goal === undefined ? "" : `${goal.toFixed(1).padStart(7)}${isMissed ? "  missed" : ""}`;
    const cells = `${median.toFixed(1).padStart(10)}${ratio.toFixed(2).padStart(7)}${verdict}`;
    process.stdout.write(`${name.padEnd(38)}${cells}\n`);
  }
  return isReached;
}

const folder = mkdtempSync(join(dist, "bench-"));
try {
  await using signedIn = await startSignedIn(client, folder);
  const rows = rowsFor(buildEmptyProgram(folder), signedIn.server.url, signedIn.environment);
  if (!printRows(rows, await measureAll(rows))) process.exitCode = 1;
  if (findInspector() === undefined) process.stdout.write("Inspector's CLI: not installed\n");
  for (const binary of [client, server, agent]) {
    const mebibytes = statSync(binary).size / 1024 ** 2;
    process.stdout.write(
      `${binary.slice(dist.length + 1).padEnd(38)}${mebibytes.toFixed(1).padStart(10)} MiB\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
