// The demo: prints headings; every other line comes from a compiled program on a pseudo terminal. It acts as the
// person who opens the sign-in page, types the code and says yes.
import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { decideOnPage } from "../harness/person.ts";

/** The release is tried with the programs and the folder of its own. */
const dist = process.env["DEMO_PROGRAMS"] ?? join(import.meta.dir, "../../dist");
const givenFolder = process.env["DEMO_FOLDER"];
const folder = givenFolder ?? mkdtempSync(join(tmpdir(), "mcp-entra-demo-"));
const columns = process.stdout.columns || 80;
const paint = process.stdout.isTTY && !process.env["NO_COLOR"];

function printHeading(text: string): void {
  process.stdout.write(paint ? `\n\u001B[1m${text}\u001B[0m\n` : `\n== ${text} ==\n`);
}

/** Rows that are redrawn in place make no sense in a file. */
const clientFlags = process.stdout.isTTY ? [] : ["--progress", "plain"];

const running = new Set<Bun.Subprocess>();
let isInterrupted = false;

// The programs have terminals of their own, so Ctrl-C does not reach them by itself.
process.on("SIGINT", () => {
  isInterrupted = true;
  for (const child of running) child.kill("SIGINT");
});

/** Starts a program on a pseudo terminal and passes on what it writes. */
function start(name: string, args: readonly string[]) {
  let seen = "";
  let wake = () => {};
  const decoder = new TextDecoder();
  const child = Bun.spawn([join(dist, name), ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      TERM: "xterm-256color",
      ...(paint ? {} : { NO_COLOR: "1" }),
    },
    terminal: {
      cols: columns,
      rows: 24,
      data(_, bytes) {
        const chunk = decoder.decode(bytes, { stream: true });
        seen += chunk;
        process.stdout.write(process.stdout.isTTY ? chunk : Bun.stripANSI(chunk).replaceAll("\r", ""));
        wake();
      },
    },
  });
  running.add(child);
  void child.exited.then(() => running.delete(child));
  const waitFor = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const match = pattern.exec(Bun.stripANSI(seen));
      if (match) return match[1] ?? "";
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} before ${pattern}`);
      await Promise.race([child.exited, new Promise<void>((resolve) => (wake = resolve))]);
    }
  };
  return { child, waitFor };
}

async function finish({ child }: ReturnType<typeof start>): Promise<void> {
  const exitCode = await child.exited;
  await Bun.sleep(20);
  if (exitCode !== 0) throw new Error(`a program of the demo ended with exit code ${exitCode}`);
}

async function run(): Promise<void> {
  printHeading("mcp-server starts, with a local look-alike of Entra beside it");
  const server = start("mcp-server", ["--dev", "--port", "0"]);
  try {
    const url = await server.waitFor(/Endpoint\s+(http\S+)/);
    await server.waitFor(/Connect\s+(\S+)[^]*\n/);

    printHeading("mcp-client runs for the first time; a person signs in by device code");
    const first = start("mcp-client", ["--url", url, ...clientFlags]);
    const page = await first.waitFor(/Address\s+(http\S+)/);
    await decideOnPage(page, await first.waitFor(/Code\s+(\S+)\s/), { person: "ada", decision: "approve" });
    await finish(first);

    printHeading("mcp-client runs again; nobody is asked");
    await finish(start("mcp-client", ["--url", url, ...clientFlags]));

    printHeading("mcp-agent: a model (here a small script) calls three tools at once");
    const prompt = "Reverse Hello and reverse World and give me a number between 1 and 40";
    await finish(start("mcp-agent", ["--url", url, ...clientFlags, "--model", "scripted", "-p", prompt]));
  } finally {
    if (!isInterrupted) printHeading("mcp-server stops");
    if (running.has(server.child)) server.child.kill("SIGINT");
  }
  await finish(server);
}

try {
  await run();
} catch (error) {
  process.exitCode = isInterrupted ? 130 : 1;
  if (!isInterrupted) process.stderr.write(`The demo failed: ${String(error)}\n`);
} finally {
  if (givenFolder === undefined) rmSync(folder, { recursive: true, force: true });
}
