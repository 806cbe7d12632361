import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startProgram } from "../harness/program.ts";

/** Arguments that let one client do as much as it likes. */
export const unlimited = ["--address-rate", "0", "--caller-rate", "0", "--caller-calls", "10000"] as const;

/** `mcp-server --no-auth` as compiled. */
export async function startLoadedServer(args: readonly string[]) {
  const program = startProgram("mcp-server", { args: ["--no-auth", "--port", "0", ...args] });
  const [, url = ""] = await program.waitForStderr(/Endpoint\s+(http\S+)/);
  return {
    url,
    program,
    /** Resident memory in MiB, on Linux. */
    readMemory(): number {
      const status = readFileSync(`/proc/${program.pid}/status`, "utf8");
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(status) ?? [];
      return Number(kilobytes) / 1024;
    },
    async [Symbol.asyncDispose]() {
      program.kill("SIGKILL");
      await program.finished;
    },
  };
}

/** Runs one of the programs in this folder and gives what it printed as JSON. */
export async function runLoad(script: string, args: readonly string[]): Promise<unknown> {
  const env = { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: "4000" };
  const child = spawn(process.execPath, [join(import.meta.dir, script), ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) text += String(chunk);
  return JSON.parse(text);
}
