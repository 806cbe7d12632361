import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Abortable, limitTime } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import { readCapped } from "../base/read-capped.ts";
import type { Environment } from "../config/environment.ts";
import { AzRefusal, readAzFailure } from "./az-failure.ts";

/** Runs the Azure CLI: words in, JSON out. */
export type RunAz = (args: readonly string[], options: AzOptions) => Promise<unknown>;

export interface AzOptions extends Abortable {
  /** Sent as the body of a request. */
  readonly body?: unknown;
}

const timeoutMs = 120_000;
const maxBytes = 8 * 1024 * 1024;

function findAz(environment: Environment): string {
  const path = Bun.which("az", { PATH: environment["PATH"] ?? environment["Path"] ?? "" });
  if (path !== null) return path;
  throw new AppError("az_missing", "The Azure CLI (az) is not on the PATH.", {
    hint:
      "Install it (https://learn.microsoft.com/cli/azure/install-azure-cli) and run az login; or make the registrations " +
      "by hand, as the README describes.",
  });
}

async function readText(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string> {
  const bytes = await readCapped(stream, { maxBytes, signal });
  if (!bytes) throw new AppError("server_failed", "The Azure CLI printed more than 8 MiB.");
  return bytes.toString("utf8");
}

function parseOutput(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("server_failed", "The Azure CLI printed something else than JSON.", {
      hint: "Is the az on the PATH the Azure CLI? Run az version.",
      cause,
    });
  }
}

async function spawnAz(command: readonly string[], environment: Environment, signal: AbortSignal) {
  const child = Bun.spawn([...command], {
    env: { ...environment },
    // It would ask for what is missing.
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    signal,
  });
  try {
    const [stdout, stderr, exitCode] = await Promise.all([
      readText(child.stdout, signal),
      readText(child.stderr, signal),
      child.exited,
    ]);
    if (exitCode !== 0) throw new AzRefusal(readAzFailure(stderr));
    return parseOutput(stdout);
  } finally {
    child.kill();
  }
}

/** Bodies go through a file: a command line has a length, and every user of the machine can read it. */
async function withBodyFile<T>(body: unknown, use: (args: readonly string[]) => Promise<T>): Promise<T> {
  if (body === undefined) return use([]);
  const folder = await mkdtemp(join(tmpdir(), "mcp-setup-"));
  try {
    const path = join(folder, "body.json");
    const handle = await open(path, "wx", 0o600);
    await handle.writeFile(JSON.stringify(body)).finally(() => handle.close());
    return await use(["--body", `@${path}`]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Finds the Azure CLI on the PATH. No shell is involved; each run may take 2 minutes.
 *
 * @throws `az_missing`; the function: `timeout`, `server_failed`, {@link AzRefusal} where az ends with an error
 */
export function createAz(environment: Environment): RunAz {
  const az = findAz(environment);
  return async (args, { body, signal }) => {
    const limited = limitTime(timeoutMs, signal);
    const rest = ["--output", "json", "--only-show-errors"];
    try {
      return await withBodyFile(body, (more) =>
        spawnAz([az, ...args, ...more, ...rest], environment, limited),
      );
    } catch (thrown) {
      signal?.throwIfAborted();
      if (!limited.aborted) throw thrown;
      throw new AppError("timeout", `The Azure CLI did not finish within ${timeoutMs / 1000} s.`, {
        hint: "Check the network, then run the command again: it goes on where it stopped.",
      });
    }
  };
}
