import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Revision } from "./server-requirements.ts";

const suite = resolve(import.meta.dir, "../../node_modules/@modelcontextprotocol/conformance/dist/index.js");

/** Milliseconds that one scenario may take: far more than it needs, and little where a server hangs. */
const scenarioTimeoutMs = 20_000;

/** One check as the suite writes it into `checks.json`. */
export interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly errorMessage?: string;
}

/** What one run of the suite found. */
export interface SuiteRun {
  readonly exitCode: number;
  /** Checks by scenario. */
  readonly scenarios: ReadonlyMap<string, readonly Check[]>;
}

async function readScenarios(folder: string): Promise<Map<string, readonly Check[]>> {
  const scenarios = new Map<string, readonly Check[]>();
  for (const entry of (await readdir(folder)).toSorted()) {
    const [, name] = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(entry) ?? [];
    if (name === undefined) throw new Error(`the suite wrote a folder of an unknown name: ${entry}`);
    const file = Bun.file(join(folder, entry, "checks.json"));
    // A scenario that broke down leaves its folder empty.
    scenarios.set(name, (await file.exists()) ? ((await file.json()) as Check[]) : []);
  }
  return scenarios;
}

/** Runs the official suite's server scenarios of one revision against an address. */
export async function runServerSuite(url: string, revision: Revision): Promise<SuiteRun> {
  const folder = await mkdtemp(join(tmpdir(), "mcp-entra-conformance-"));
  const timeout = String(scenarioTimeoutMs);
  const options = ["--url", url, "--requirements", revision, "--timeout", timeout, "-o", folder];
  try {
    // Bun in Node's place: the suite needs Node 22, which not every machine has.
    const child = Bun.spawn([process.execPath, suite, "server", ...options], {
      cwd: folder,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    const exitCode = await child.exited;
    return { exitCode, scenarios: await readScenarios(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
