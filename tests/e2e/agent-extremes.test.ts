import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { outputLineSchema } from "../../lib/agent/output/output-schema.ts";
import { say, startOpenAiServer } from "../agent/openai-server.ts";
import { type ProgramOptions, runProgram, startInTerminal } from "../harness/program.ts";
import { echo, startSdkServer, type TestTool } from "../transport-client/sdk-server.ts";
import { gate } from "../transport-client/settled.ts";

const longName = `list.${"x".repeat(85)}`;
const huge = `HEAD${"a".repeat(5_000_000)}TAIL`;
const textTool = (name: string, text: string): TestTool => ({
  name,
  run: async () => ({ content: [{ type: "text", text }] }),
});
const silent: TestTool = { name: "silent", run: () => new Promise(() => {}) };
const call = (name: string, args: object = {}) => say({ calls: [{ name, args }] });
const done = say({ text: ["Done."] });

type Model = ReturnType<typeof startOpenAiServer>;

function argsFor(model: Model, url: string, ...more: string[]): string[] {
  return ["-n", "--url", url, "--base-url", model.url, "--model", "m", "--allow", "*", ...more];
}

async function runTurn(model: Model, url: string, options: ProgramOptions = {}) {
  const { args = [] } = options;
  const finished = await runProgram("mcp-agent", {
    ...options,
    args: argsFor(model, url, "-o", "ndjson", "-p", "go", ...args),
  });
  const lines = finished.stdout.trimEnd().split("\n");
  return { ...finished, lines: lines.map((line) => outputLineSchema.parse(JSON.parse(line))) };
}

const sent = (model: Model) => String(model.messages().findLast(({ role }) => role === "tool")?.content);

/** A server that comes back does so at the same address. */
async function findFreePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port = 0 } = server;
  await server.stop(true);
  return port;
}

describe("a turn ends well", () => {
  test("with a result of 5 MB: the model gets its head and tail, the person a file of the whole", async () => {
    await using server = startSdkServer({ tools: [textTool("huge", huge)] });
    await using model = startOpenAiServer(call("huge"), done);
    const { exitCode, lines } = await runTurn(model, server.url);
    const file = lines.flatMap((line) => (line.type === "call_ended" ? [line.resultFile] : []))[0] ?? "";
    expect(exitCode).toBe(0);
    expect(sent(model)).toMatch(/^HEADa+\n\[…[^\n]*\]\na+TAIL$/);
    expect(Buffer.byteLength(sent(model))).toBeLessThan(51_000);
    expect(readFileSync(file, "utf8")).toBe(huge);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    rmSync(dirname(file), { recursive: true });
  });

  test("with 200 tools and a name of 90 characters that no provider takes", async () => {
    const many = Array.from({ length: 199 }, (_, n) => textTool(`tool_${n}`, `${n}`));
    await using server = startSdkServer({ tools: [textTool(longName, "It ran."), ...many] });
    const model = startOpenAiServer();
    // The model calls whatever it is offered first.
    model.reply((request) => call(request.body.tools?.[0]?.function.name ?? "")(request), done);
    await using _ = model;
    const { exitCode, lines, stderr } = await runTurn(model, server.url);
    const names = model.requests[0]?.body.tools?.map((tool) => tool.function.name) ?? [];
    expect([exitCode, names.length]).toEqual([0, 128]);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(sent(model)).toBe("It ran.");
    expect(lines).toContainEqual(expect.objectContaining({ type: "call_started", tool: longName }));
    expect(stderr).toContain("200 tools");
  });

  test("with a tool that never answers: --timeout ends the call, and the server sees it", async () => {
    const cancelled = gate();
    const waiting: TestTool = {
      name: "silent",
      run: (_, { signal }) => {
        signal.addEventListener("abort", cancelled.open, { once: true });
        return silent.run({}, { signal, report: async () => {} });
      },
    };
    await using server = startSdkServer({ tools: [waiting] });
    await using model = startOpenAiServer(call("silent"), done);
    const { exitCode, lines } = await runTurn(model, server.url, { args: ["--timeout", "0.3"] });
    await cancelled.opened;
    expect(exitCode).toBe(0);
    expect(sent(model)).toContain("no sign of life");
    expect(lines).toContainEqual(expect.objectContaining({ type: "call_ended", outcome: "failed" }));
  });

  test.each(["modern", "legacy"] as const)(
    "with a %s server that dies in the middle and comes back: the call is not made twice, the next one works",
    async (eras) => {
      const runs: unknown[] = [];
      const started = gate();
      const hanging: TestTool = {
        name: "hang",
        run: (args, context) => {
          runs.push(args);
          started.open();
          return silent.run(args, context);
        },
      };
      const port = await findFreePort();
      const start = () => startSdkServer({ tools: [hanging, echo], eras, port });
      const first = start();
      const back = gate();
      await using model = startOpenAiServer(
        call("hang"),
        say({ text: ["It is gone. ", back.opened], calls: [{ name: "echo", args: { n: 3 } }] }),
        done,
        call("echo", { n: 4 }),
        say({ text: ["Again."] }),
      );
      await using agent = startInTerminal("mcp-agent", { args: argsFor(model, first.url) });
      await agent.waitFor(/> /);
      agent.type("go\r");
      await started.opened;
      await first.stop();
      await agent.waitFor(/It is gone\./);
      await using _ = start();
      back.open();
      await agent.waitFor(/✓[^]*echo[^]*Done\.[^]*steps/);
      agent.type("again\r");
      await agent.waitFor(/Again\./);
      agent.type("/exit\r");
      expect((await agent.finished).exitCode).toBe(0);
      expect(runs).toHaveLength(1);
      const results = model
        .messages()
        .flatMap(({ role, content }) => (role === "tool" ? [String(content)] : []));
      expect(results).toEqual([expect.stringContaining("may have run"), '{"n":3}', '{"n":4}']);
    },
  );
});

test("the usage adds up to what the provider counted, of every kind, per turn and per session", async () => {
  await using server = startSdkServer({ tools: [echo] });
  const counted = [
    { input: 100, output: 20, cached: 60, reasoning: 5 },
    { input: 200, output: 30, cached: 0, reasoning: 7 },
    { input: 300, output: 40 },
  ];
  const [one, two, three] = counted;
  const replies = () => [
    say({ calls: [{ name: "echo", args: {} }], ...(one && { usage: one }) }),
    say({ text: ["Done."], ...(two && { usage: two }) }),
    say({ text: ["More."], ...(three && { usage: three }) }),
  ];
  await using model = startOpenAiServer(...replies());
  const args = argsFor(model, server.url, "-o", "json");
  const { stdout, stderr } = await runProgram("mcp-agent", { args, stdin: "one\ntwo\n/usage\n" });
  const [first, second] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).usage);
  expect(first).toEqual({ inputTokens: 300, outputTokens: 50, cachedInputTokens: 60, reasoningTokens: 12 });
  expect(second).toEqual({ inputTokens: 300, outputTokens: 40 });
  expect(stderr).toContain("Tokens in 600 (60 from the cache), out 90 (12 for thinking).");
});
