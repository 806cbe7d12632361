// Measures how long the programs take to print their version, against an empty program compiled the same way.
// Rounds are interleaved, so that other load on the machine meets all of them alike; medians are compared.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { medianOf } from "./statistics.ts";

const rounds = 41;
const limit = 3;
const dist = join(import.meta.dir, "../../dist");

function buildEmpty(folder: string): string {
  const source = join(folder, "empty.ts");
  const outfile = join(folder, "empty");
  writeFileSync(source, "");
  const flags = ["--compile", "--production", "--bytecode", "--format=esm", "--splitting"];
  const isolation = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  const built = spawnSync(process.execPath, ["build", ...flags, ...isolation, source, "--outfile", outfile]);
  if (built.status !== 0) throw new Error(String(built.stderr));
  return outfile;
}

/** Milliseconds from start to exit. */
function measure(binary: string): number {
  const startedAt = performance.now();
  const { status } = spawnSync(binary, ["--version"]);
  if (status !== 0) throw new Error(`${binary} --version ended with ${status}`);
  return performance.now() - startedAt;
}

const folder = mkdtempSync(join(dist, "bench-"));
try {
  const names = ["mcp-server", "mcp-client", "mcp-agent"];
  const binaries = [buildEmpty(folder), ...names.map((name) => join(dist, name))];
  const times = binaries.map((): number[] => []);
  for (const binary of binaries) measure(binary);
  for (let round = 0; round < rounds; round++) {
    for (const [index, binary] of binaries.entries()) times[index]?.push(measure(binary));
  }
  const [empty = Number.NaN, ...medians] = times.map(medianOf);
  const rows = [
    ["empty", empty],
    ...names.map((name, index) => [name, medians[index] ?? Number.NaN]),
  ] as const;
  process.stdout.write(
    `${"--version".padEnd(12)}${"median ms".padStart(10)}${"ratio".padStart(8)}${"MiB".padStart(8)}\n`,
  );
  for (const [index, [name, median]] of rows.entries()) {
    const mebibytes = statSync(binaries[index] ?? "").size / 1024 ** 2;
    const cells = [Number(median).toFixed(1).padStart(10), (Number(median) / empty).toFixed(2).padStart(8)];
    process.stdout.write(`${String(name).padEnd(12)}${cells.join("")}${mebibytes.toFixed(1).padStart(8)}\n`);
  }
  const slowest = Math.max(...medians) / empty;
  process.stdout.write(`slowest ratio ${slowest.toFixed(2)}, limit ${limit}\n`);
  if (!(slowest <= limit)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
