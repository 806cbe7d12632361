// Shows how mcp-client keeps its times, as compiled and against servers made from the SDKs: a tool that reports
// every second outlives --timeout, a silent one does not and hears of it, and without a sign-in nobody waits.
import { startDevServer } from "../harness/dev-server.ts";
import { runProgram } from "../harness/program.ts";
import { startSdkServer, type TestTool } from "../transport-client/sdk-server.ts";

const eras = ["modern", "legacy"] as const;
const reportSeconds = 20;
const timeoutSeconds = 3;

let isMissed = false;

/** Prints one figure beside its goal. */
function show(
  name: string,
  seconds: number,
  limit: { readonly goal: number; readonly isGood: boolean },
): void {
  const { goal, isGood } = limit;
  const isMet = isGood && seconds <= goal;
  if (!isMet) isMissed = true;
  const verdict = isMet ? "" : isGood ? "   missed" : "   wrong";
  process.stdout.write(`${name.padEnd(58)}${seconds.toFixed(2).padStart(6)} s   goal ${goal} s${verdict}\n`);
}

/** Runs mcp-client and takes its time. */
async function time(args: readonly string[]) {
  const startedMs = performance.now();
  const finished = await runProgram("mcp-client", { args });
  return { ...finished, seconds: (performance.now() - startedMs) / 1000 };
}

const lively: TestTool = {
  name: "lively",
  async run(_, { report }) {
    for (let second = 1; second <= reportSeconds; second++) {
      await Bun.sleep(1000);
      await report(second, reportSeconds);
    }
    return { content: [{ type: "text", text: "done" }] };
  },
};

function createSilent(onCancelled: () => void): TestTool {
  return {
    name: "silent",
    async run(_, { signal }) {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      onCancelled();
      return { content: [] };
    },
  };
}

async function measureEra(era: (typeof eras)[number]): Promise<void> {
  const cancelled = Promise.withResolvers<boolean>();
  const tools = [lively, createSilent(() => cancelled.resolve(true))];
  await using server = startSdkServer({ tools, eras: era });
  const call = (tool: string) =>
    time([
      "call",
      tool,
      "-n",
      "--url",
      server.url,
      "--timeout",
      String(timeoutSeconds),
      "--progress",
      "none",
    ]);
  const [spoke, silent] = await Promise.all([call("lively"), call("silent")]);
  const sawIt = await Promise.race([cancelled.promise, Bun.sleep(1000).then(() => false)]);
  show(`a tool reports for ${reportSeconds} s, --timeout ${timeoutSeconds} (${era})`, spoke.seconds, {
    goal: reportSeconds + 2,
    isGood: spoke.exitCode === 0 && spoke.stdout === "done\n",
  });
  show(`a silent tool ends with 7, its server cancels (${era})`, silent.seconds, {
    goal: timeoutSeconds + 1,
    isGood: silent.exitCode === 7 && sawIt,
  });
}

async function measureSignIn(): Promise<void> {
  await using server = await startDevServer();
  for (const command of [[], ["tools"], ["call", "reverse_tool", "query=x"]]) {
    const { exitCode, stderr, seconds } = await time([...command, "--url", server.url]);
    const name = `no terminal and no token: mcp-client ${command[0] ?? ""}`.trim();
    show(name, seconds, { goal: 2, isGood: exitCode === 3 && stderr.includes("mcp-client login") });
  }
}

await measureSignIn();
await Promise.all(eras.map(measureEra));
process.exitCode = isMissed ? 1 : 0;
