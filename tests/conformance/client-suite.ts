import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { createFolder } from "../harness/program.ts";

interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "INFO" | "SKIPPED";
  readonly errorMessage?: string;
}

/** What the suite found, by scenario. */
export interface SuiteRun {
  readonly exitCode: number;
  readonly summary: string;
  readonly checks: ReadonlyMap<string, readonly Check[]>;
}

const root = resolve(import.meta.dir, "../..");
const suite = join(root, "node_modules/@modelcontextprotocol/conformance/dist/index.js");

/** The command that puts the compiled mcp-client to the test. */
export const ourClient = `"${process.execPath}" "${join(import.meta.dir, "client-command.ts")}"`;

/** Reads the folders `<scenario>-<time>/checks.json`; a scenario's name may have a slash. */
function readChecks(folder: string): Map<string, readonly Check[]> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const found = files.filter(({ name }) => name === "checks.json");
  return new Map(
    found.map(({ parentPath }) => {
      const scenario = relative(folder, parentPath).replace(/-\d{4}-\d\d-\d\dT[\dZ-]+$/, "");
      return [scenario, JSON.parse(readFileSync(join(parentPath, "checks.json"), "utf8")) as Check[]];
    }),
  );
}

function limits(revision: string): string[] {
  return ["--requirements", revision, "--timeout", "60000"];
}

/** Runs the official conformance suite for clients against a command, to which it appends a URL. */
export async function runClientSuite(revision: string, command: string): Promise<SuiteRun> {
  const folder = createFolder();
  const child = Bun.spawn(
    [process.execPath, suite, "client", "--command", command, "-o", folder, ...limits(revision)],
    { cwd: folder, stdio: ["ignore", "pipe", "ignore"] },
  );
  const output = await child.stdout.text();
  const summary = output.slice(output.indexOf("=== SUITE SUMMARY ==="));
  return { exitCode: await child.exited, summary, checks: readChecks(folder) };
}

/** Why a scenario does not count as passed: nothing when it does. */
export function findFaults(checks: readonly Check[] = [], wanted: readonly string[] = []): string[] {
  const passed = new Set(checks.filter(({ status }) => status === "SUCCESS").map(({ id }) => id));
  const failed = checks.filter(({ status }) => status === "FAILURE" || status === "WARNING");
  const missing = wanted.filter((id) => !passed.has(id));
  return [
    ...(wanted.length === 0 ? ["demands no check"] : []),
    ...failed.map(({ id, errorMessage = "" }) => `${id}: ${errorMessage}`),
    ...missing.map((id) => `${id}: did not succeed`),
  ];
}

/** How many checks of these scenarios succeeded. */
export function countSuccesses({ checks }: SuiteRun, scenarios: readonly string[]): number {
  const all = scenarios.flatMap((scenario) => checks.get(scenario) ?? []);
  return all.filter(({ status }) => status === "SUCCESS").length;
}
