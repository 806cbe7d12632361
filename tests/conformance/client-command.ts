import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/*
 * The suite's client command: translates the scenario's context into flags and variables that anybody may use,
 * and runs the compiled mcp-client with them. The URL is the last argument.
 */

interface ScenarioContext {
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly issuer?: string;
  readonly toolCalls?: readonly unknown[];
}

const folder = mkdtempSync(join(tmpdir(), "mcp-conformance-"));

function writeBrowser(): string {
  const path = join(folder, "browser");
  const script = resolve(import.meta.dir, "client-browser.ts");
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  chmodSync(path, 0o700);
  return path;
}

function flagsOf({ client_id, issuer, toolCalls }: ScenarioContext): string[] {
  const calls = join(folder, "calls.json");
  if (toolCalls) writeFileSync(calls, JSON.stringify(toolCalls));
  return [
    ...(client_id === undefined ? [] : ["--client-id", client_id]),
    ...(issuer === undefined ? [] : ["--issuer", issuer]),
    ...(toolCalls ? ["--calls", calls] : []),
  ];
}

const context: ScenarioContext = JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}");
const command = [
  resolve(import.meta.dir, "../../dist/mcp-client"),
  "exercise",
  "--all",
  "--auth",
  "oauth",
  "--client-metadata-url",
  "https://conformance-test.local/client-metadata.json",
  ...flagsOf(context),
  "--url",
  process.argv.at(-1) ?? "",
];
const child = Bun.spawn(command, {
  stdio: ["ignore", "inherit", "inherit"],
  env: {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    BROWSER: writeBrowser(),
    ...(context.client_secret !== undefined && { MCP_CLIENT_SECRET: context.client_secret }),
  },
});
process.exitCode = await child.exited;
rmSync(folder, { recursive: true, force: true });
