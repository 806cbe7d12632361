import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputLineSchema, outputTurnSchema } from "../../lib/agent/output/output-schema.ts";
import { refuse, say, startOpenAiServer } from "../agent/openai-server.ts";
import { createFolder, runProgram, startInTerminal, startProgram } from "../harness/program.ts";

const key = { OPENAI_API_KEY: "sk-test-not-a-key" };
const number = { name: "random_number_tool", args: { min: 4, max: 4 } };
/** What the tests' server reports for each answer. */
const perAnswer = { inputTokens: 11, outputTokens: 7 };

let server: ReturnType<typeof startProgram>;
let url = "";
beforeAll(async () => {
  server = startProgram("mcp-server", { args: ["--no-auth", "--port", "0", "--reverse-seconds", "30"] });
  [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
});
afterAll(() => server[Symbol.asyncDispose]());

type Model = ReturnType<typeof startOpenAiServer>;

function argsForModel(model: Model, name: string, ...more: string[]): string[] {
  return ["-n", "--url", url, "--base-url", model.url, "--model", name, ...more];
}

function argsFor(model: Model, ...more: string[]): string[] {
  return argsForModel(model, "test-model", ...more);
}

function createHome() {
  const home = createFolder();
  const folder = join(home, "data/mcp-entra/sessions");
  return {
    env: { ...key, HOME: home, XDG_DATA_HOME: join(home, "data") },
    readSessions: () => readdirSync(folder).map((name) => join(folder, name)),
  };
}

describe("a session", () => {
  test("goes on with --continue and with --resume, in a file for its person alone", async () => {
    const { env, readSessions } = createHome();
    await using model = startOpenAiServer(
      say({ text: ["Hello."] }),
      say({ text: ["Again."] }),
      say({ text: ["Three."] }),
    );
    await runProgram("mcp-agent", { env, args: argsFor(model, "-p", "first") });
    const second = await runProgram("mcp-agent", { env, args: argsFor(model, "-c", "-p", "second") });
    expect(second.stderr).toMatch(/Session \S+ goes on after 1 turn\./);
    const [path = ""] = readSessions();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { stdout } = await runProgram("mcp-agent", { env, args: ["sessions", "--json"] });
    const { sessions } = JSON.parse(stdout);
    expect(sessions).toMatchObject([{ turns: 2, server: url, model: "test-model", prompt: "first" }]);
    const args = argsFor(model, "--resume", sessions[0].id, "-p", "third");
    expect((await runProgram("mcp-agent", { env, args })).exitCode).toBe(0);
    const said = model.messages().filter(({ role }) => role !== "system" && role !== "developer");
    expect(said.map(({ content }) => content)).toEqual(["first", "Hello.", "second", "Again.", "third"]);
  });

  test("is valid after kill -9 in the middle of a call", async () => {
    const { env, readSessions } = createHome();
    const calls = [{ name: "reverse_tool", args: { query: "abc" }, id: "call_1" }];
    await using model = startOpenAiServer(say({ text: ["At once."], calls }));
    await using agent = startInTerminal("mcp-agent", { env, args: argsFor(model) });
    await agent.waitFor(/> /);
    agent.type("reverse abc\r");
    await agent.waitFor(/0\/5/);
    agent.kill("SIGKILL");
    await agent.finished;
    expect(readFileSync(readSessions()[0] ?? "", "utf8")).toContain("reverse abc");
    model.reply(say({ text: ["I see."] }));
    const { exitCode } = await runProgram("mcp-agent", { env, args: argsFor(model, "-c", "-p", "and now?") });
    expect(exitCode).toBe(0);
    const [, question, answer, result, next] = model.messages();
    expect([question?.content, next?.content]).toEqual(["reverse abc", "and now?"]);
    expect(answer?.tool_calls?.[0]?.id).toBe("call_1");
    expect(JSON.stringify(result)).toContain("may have run");
  });

  test("goes on in the REPL with /resume, which lists them, and is recorded there", async () => {
    const { env, readSessions } = createHome();
    await using model = startOpenAiServer(
      say({ text: ["Hello."] }),
      say({ text: ["New."] }),
      say({ text: ["Again."] }),
    );
    await runProgram("mcp-agent", { env, args: argsFor(model, "-p", "first") });
    const before = readSessions();
    await using agent = startInTerminal("mcp-agent", { env, args: argsForModel(model, "other") });
    await agent.waitFor(/> /);
    agent.type("something else\r");
    await agent.waitFor(/New\.[^]*tokens in/);
    agent.type("/resume\r");
    await agent.waitFor(/1 {2}\d{8}-\d{6}-\w{6} {4}1 {2}first[^]*Which one\?/);
    agent.type("1\r");
    await agent.waitFor(
      /goes on after 1 turn\. It began with the model "test-model"[^]*last prompt was "first"/,
    );
    agent.type("and then?\r");
    await agent.waitFor(/Again\./);
    agent.type("/resume nope\r");
    await agent.waitFor(/There is no session "nope"/);
    agent.type("/exit\r");
    expect((await agent.finished).exitCode).toBe(0);
    const said = model.messages().filter(({ role }) => role === "user" || role === "assistant");
    expect(said.map(({ content }) => content)).toEqual(["first", "Hello.", "and then?"]);
    expect(readFileSync(before[0] ?? "", "utf8")).toContain("and then?");
    expect(readSessions()).toHaveLength(2);
  });

  test("that goes on with another model says so; in a pipe the lines tell the session", async () => {
    const { env } = createHome();
    await using model = startOpenAiServer(...["A.", "B.", "C."].map((text) => say({ text: [text] })));
    await runProgram("mcp-agent", { env, args: argsFor(model, "-p", "first") });
    const first = JSON.parse((await runProgram("mcp-agent", { env, args: ["sessions", "--json"] })).stdout)
      .sessions[0].id;
    const other = argsForModel(model, "m2", "-o", "ndjson");
    const { exitCode, stdout, stderr } = await runProgram("mcp-agent", {
      env,
      args: other,
      stdin: `second\n/resume ${first}\n/model m3\nthird\n`,
    });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('It began with the model "test-model".');
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => outputLineSchema.parse(JSON.parse(line)));
    const sessions = lines.filter((line) => line.type === "session");
    expect(sessions).toMatchObject([{ model: "m2" }, { sessionId: first, model: "m3" }]);
  });

  test("leaves nothing with --ephemeral", async () => {
    const { env, readSessions } = createHome();
    await using model = startOpenAiServer(say({ text: ["Hello."] }));
    await runProgram("mcp-agent", { env, args: argsFor(model, "--ephemeral", "-p", "first") });
    expect(readSessions).toThrow();
  });

  test.each([
    [["-c", "--resume", "2026"], "--continue and --resume"],
    [["-c", "--ephemeral"], "--ephemeral"],
    [["-c"], "No session was held with"],
    [["--resume", "nope"], 'There is no session "nope"'],
  ])("is not to be had with %p", async (flags, complaint) => {
    await using model = startOpenAiServer();
    const { env } = createHome();
    const args = argsFor(model, ...flags, "-p", "x");
    const { exitCode, stderr } = await runProgram("mcp-agent", { env, args });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(complaint)]);
    expect(model.requests).toHaveLength(0);
  });
});

describe("the prompt", () => {
  const folder = createFolder();
  writeFileSync(join(folder, "prompt.txt"), "from a file\n");

  test.each([
    ["a text", ["-p", "a text"], undefined, "a text"],
    ["standard input", ["-p", "-"], "piped in\n", "piped in"],
    ["a text, and below it what is piped in", ["-p", "sum up:"], "1\n2\n", "sum up:\n\n1\n2"],
    ["a file", ["-p", "@prompt.txt"], undefined, "from a file"],
    ["a file, and below it what is piped in", ["-p", "@prompt.txt"], "more", "from a file\n\nmore"],
  ])("is %s", async (_, flags, stdin, expected) => {
    await using model = startOpenAiServer(say({ text: ["Yes."] }));
    const args = argsFor(model, ...flags);
    const input = stdin === undefined ? {} : { stdin };
    const { exitCode, stdout } = await runProgram("mcp-agent", { env: key, folder, args, ...input });
    expect([exitCode, stdout]).toEqual([0, "Yes.\n"]);
    expect(model.messages().at(-1)?.content).toBe(expected);
  });

  test.each([
    ["a file that is not there", ["-p", "@no.txt"], "", "cannot be read"],
    ["nothing at all", ["-p", "-"], " \n", "The prompt is empty"],
    ["more than 1 MiB", ["-p", "-"], "x".repeat(1024 * 1024 + 1), "longer than 1 MiB"],
  ])("is refused: %s", async (_, flags, stdin, complaint) => {
    await using model = startOpenAiServer();
    const { exitCode, stderr } = await runProgram("mcp-agent", {
      env: key,
      args: argsFor(model, ...flags),
      stdin,
    });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(complaint)]);
    expect(model.requests).toHaveLength(0);
  });
});

describe("--output", () => {
  test("ndjson prints valid lines whose usage adds up to what the provider counted", async () => {
    await using model = startOpenAiServer(
      say({ calls: [number, number] }),
      say({ text: ["Four ", "and four."] }),
    );
    const { exitCode, stdout } = await runProgram("mcp-agent", {
      env: key,
      args: argsFor(model, "--output", "ndjson", "-p", "two numbers"),
    });
    expect(exitCode).toBe(0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => outputLineSchema.parse(JSON.parse(line)));
    const count = (type: string) => lines.filter((line) => line.type === type).length;
    expect(["session", "turn_started", "call_started", "call_ended", "step_ended"].map(count)).toEqual([
      1, 1, 2, 2, 2,
    ]);
    const last = lines.at(-1);
    const usage = { inputTokens: perAnswer.inputTokens * 2, outputTokens: perAnswer.outputTokens * 2 };
    expect(last).toMatchObject({ type: "turn_ended", outcome: "done", text: "Four and four.", usage });
    const steps = lines.flatMap((line) => (line.type === "step_ended" ? [line.usage.inputTokens] : []));
    expect(steps.reduce((sum, tokens) => sum + tokens, 0)).toBe(usage.inputTokens);
  });

  test("json prints one object for the turn", async () => {
    await using model = startOpenAiServer(say({ calls: [number] }), say({ text: ["Four."] }));
    const { stdout } = await runProgram("mcp-agent", {
      env: key,
      args: argsFor(model, "--output", "json", "-p", "a number"),
    });
    expect(outputTurnSchema.parse(JSON.parse(stdout))).toMatchObject({
      outcome: "done",
      text: "Four.",
      calls: [{ tool: "random_number_tool", arguments: { min: 4, max: 4 }, outcome: "done" }],
      steps: 2,
    });
  });

  test.each(["json", "ndjson"])("%s says why a turn failed, and the program's code stays", async (format) => {
    await using model = startOpenAiServer(refuse(401));
    const { exitCode, stdout } = await runProgram("mcp-agent", {
      env: key,
      args: argsFor(model, "--output", format, "-p", "x"),
    });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      outcome: "failed",
      error: { code: "model_refused" },
    });
  });

  test("is documented by the schemas that mcp-agent schema prints", async () => {
    const { exitCode, stdout } = await runProgram("mcp-agent", { args: ["schema"] });
    expect(exitCode).toBe(0);
    const { ndjson, json } = JSON.parse(stdout);
    expect([ndjson.$schema, json.$schema]).toEqual(
      Array(2).fill("https://json-schema.org/draft/2020-12/schema"),
    );
    expect(ndjson.oneOf.length).toBeGreaterThan(10);
  });

  test("is for pipes, not for a person who types", async () => {
    await using model = startOpenAiServer();
    await using agent = startInTerminal("mcp-agent", { env: key, args: argsFor(model, "--output", "json") });
    const { exitCode, screen } = await agent.finished;
    expect([exitCode, screen]).toEqual([2, expect.stringContaining("--output json is for -p")]);
  });
});
