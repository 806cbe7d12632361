import { describe, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { say, startOpenAiServer } from "../agent/openai-server.ts";
import { startAgent } from "../harness/agent-session.ts";
import { startFullServer } from "../harness/full-servers.ts";
import { createFolder, runProgram, startProgram } from "../harness/program.ts";

const order = (id: string, more: object = {}) => say({ calls: [{ name: "order", args: { id, ...more } }] });
const done = (text: string) => say({ text: [text] });
const question = /Run it\?/;

describe("a call that does not only read is asked about, with its arguments", () => {
  test("once: it runs, and the next one is asked about again", async () => {
    await using session = await startAgent([order("11"), done("First."), order("22"), done("Second.")]);
    const { agent, results } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(/wants to call order[^]*"id": "11"[^]*Run it\?/);
    agent.type("o\r");
    await agent.waitFor(/First\./);
    agent.type("go\r");
    await agent.waitFor(/"id": "22"[^]*Run it\?/);
    agent.type("once\r");
    await agent.waitFor(/Second\./);
    expect(results().join()).toContain("22");
    agent.type("\u0004");
    expect((await agent.finished).exitCode).toBe(0);
  });

  test("for the session: it is asked about no more, but in the next session", async () => {
    const config = createFolder();
    const env = { XDG_CONFIG_HOME: config };
    await using session = await startAgent([order("11"), done("First."), order("22"), done("Second.")], {
      env,
    });
    const { agent, results } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(question);
    agent.type("s\r");
    await agent.waitFor(/First\./);
    agent.type("go\r");
    await agent.waitFor(/Second\./);
    expect(results().join()).toContain("22");
    agent.type("/exit\r");
    const { screen } = await agent.finished;
    expect(screen.split("The model wants")).toHaveLength(2);
    await using next = await startAgent([order("33"), done("Third.")], { env, url: session.server.url });
    await next.agent.waitFor(/> /);
    next.agent.type("go\r");
    await next.agent.waitFor(question);
  });

  test("always: it is asked about no more, in later sessions either; the file is the user's alone", async () => {
    const config = createFolder();
    const env = { XDG_CONFIG_HOME: config };
    await using session = await startAgent([order("20261123164855"), done("First.")], { env });
    await session.agent.waitFor(/> /);
    session.agent.type("go\r");
    await session.agent.waitFor(question);
    session.agent.type("a\r");
    await session.agent.waitFor(/First\./);
    const path = join(config, "mcp-entra/approved-tools.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).not.toContain("20261123164855");
    await using next = await startAgent([order("33"), done("Third.")], { env, url: session.server.url });
    await next.agent.waitFor(/> /);
    next.agent.type("go\r");
    await next.agent.waitFor(/Third\./);
    expect(next.results().join()).toContain("33");
  });

  test.each([
    ["no", "n\r", "Do not try"],
    ["no with a reason", "no, take 12 instead\r", "They said: take 12 instead"],
    ["Ctrl-D", "\u0004", "Do not try"],
  ])("%s: it does not run, and the model is told", async (_, typed, said) => {
    await using session = await startAgent([order("11"), done("A pity.")]);
    const { agent, results } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(question);
    agent.type(typed);
    await agent.waitFor(/not called: not approved[^]*A pity\./);
    expect(results().join()).toContain("did not approve");
    expect(results().join()).toContain(said);
    expect(results().join()).not.toContain('{\\"id');
  });

  test("what is no answer approves nothing: the question comes again", async () => {
    await using session = await startAgent([order("11"), done("A pity.")]);
    const { agent, results } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(question);
    for (const typed of ["constructor", "__proto__", "yess"]) {
      agent.type(`${typed}\r`);
      // Its echo stays, and then the next question stands there.
      await agent.waitFor(new RegExp(`: ${typed}\r?\n[^]*Run it\\? [^\n]*: (?!${typed})`));
    }
    agent.type("n\r");
    await agent.waitFor(/not called: not approved[^]*A pity\./);
    expect(results().join()).toContain("did not approve");
  });

  test("Ctrl-C at the question interrupts the turn, and the next one works", async () => {
    await using session = await startAgent([order("11"), done("Fine.")]);
    const { agent, model } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(question);
    agent.type("\u0003");
    await agent.waitFor(/Interrupted\.[^]*> /);
    agent.type("again\r");
    await agent.waitFor(/Fine\./);
    expect(model.requests).toHaveLength(2);
    agent.type("/exit\r");
    expect((await agent.finished).exitCode).toBe(0);
  });

  test("one question at a time, while the rows of other calls go on", async () => {
    const both = say({
      calls: [
        { name: "chatty", args: {} },
        { name: "order", args: { id: "11" } },
      ],
    });
    await using session = await startAgent([both, done("Both.")]);
    const { agent, results } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(/wants to call chatty[^]*Run it\?/);
    agent.type("o\r");
    await agent.waitFor(/wants to call order[^]*Run it\?/);
    await agent.waitFor(/wants to call order[^]*chatty .*20%[^]*chatty .*40%/);
    agent.type("o\r");
    await agent.waitFor(/Both\./);
    expect(results()).toHaveLength(2);
  });

  test("what was typed before it does not answer it, and stands at the next prompt", async () => {
    const released = Promise.withResolvers<void>();
    const slow = say({ text: ["Wait. ", released.promise], calls: [{ name: "order", args: { id: "11" } }] });
    await using session = await startAgent([slow, done("A pity."), done("Hi.")]);
    const { agent, prompts } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(/Wait\./);
    agent.type("always\r");
    // Ctrl-Z and its like aside, no key gets lost: the answer below comes behind it.
    await agent.waitFor(/Wait\./);
    released.resolve();
    await agent.waitFor(question);
    agent.type("n\r");
    await agent.waitFor(/not approved[^]*A pity\.[^]*> always[^]*Hi\./);
    expect(prompts().at(-1)).toContain("always");
  });

  test("arguments that are long are cut, and all of them come when they are wanted", async () => {
    const note = Array.from({ length: 300 }, (_, at) => `word${at}`).join(" ");
    const call = { name: "chatty", args: { note: `${note}\u001B[2J\u202E` } };
    await using session = await startAgent([say({ calls: [call] }), done("A pity.")]);
    const { agent } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    const [short] = await agent.waitFor(/word0[^]*characters in all[^]*Run it\?/);
    expect(short).not.toContain("word299");
    agent.type("all\r");
    const [long] = await agent.waitFor(/word0[^]*word299\\u001b\[2J\\u202e[^]*Run it\?/);
    expect(long).not.toContain("\u001B[2J");
    agent.type("n\r");
    await agent.waitFor(/A pity\./);
  });
});

describe("one turn on a terminal", () => {
  test("asks, too; what was typed before does not answer", async () => {
    const released = Promise.withResolvers<void>();
    const slow = say({ text: ["Wait. ", released.promise], calls: [{ name: "order", args: { id: "11" } }] });
    await using session = await startAgent([slow, done("Said.")], { args: ["-p", "go"] });
    const { agent, results } = session;
    await agent.waitFor(/Wait\./);
    agent.type("always\r");
    // The terminal echoes it: it has arrived.
    await agent.waitFor(/always/);
    released.resolve();
    await agent.waitFor(/Run it\?/);
    agent.type("n\r");
    await agent.waitFor(/not approved[^]*Said\./);
    expect((await agent.finished).exitCode).toBe(0);
    expect(results().join()).toContain("did not approve");
  });

  test("Ctrl-C at the question ends it", async () => {
    await using session = await startAgent([order("11"), done("Said.")], { args: ["-p", "go"] });
    await session.agent.waitFor(/Run it\?/);
    session.agent.type("\u0003");
    expect((await session.agent.finished).exitCode).toBe(130);
  });
});

describe("without a person", () => {
  async function runOnce(args: readonly string[], tool = "order") {
    await using server = startFullServer("modern");
    await using model = startOpenAiServer(
      say({ calls: [{ name: tool, args: { id: "11" } }] }),
      done("Said."),
    );
    const finished = await runProgram("mcp-agent", {
      args: ["-n", "--url", server.url, "--base-url", model.url, "--model", "m", "-p", "go", ...args],
    });
    return { ...finished, told: JSON.stringify(model.messages()), requests: model.requests.length };
  }

  test("a call that nobody approved is refused, and the model is told", async () => {
    const { exitCode, stdout, stderr, told } = await runOnce([]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe("Said.\n");
    expect(stderr).toContain("not called: not approved");
    expect(told).toContain("--allow");
  });

  test("what a server claims counts for nothing where a file in the current folder names it", async () => {
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "0"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const folder = createFolder();
    writeFileSync(join(folder, ".env"), `MCP_SERVER_URL=${url}\n`);
    const args = ["-n", "--model", "scripted", "-p", "reverse abc"];
    const found = await runProgram("mcp-agent", { args, folder });
    expect(found.stderr).toContain("not called: not approved");
    const named = await runProgram("mcp-agent", { args: [...args, "--env-file", ".env"], folder });
    expect(named.stdout).toContain("cba");
  });

  test.each([["order"], ["o*r"], ["*"]])("--allow %p lets it run", async (pattern) => {
    const { exitCode, stderr, told } = await runOnce(["--allow", pattern]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/order.* done/);
    expect(told).toContain('{\\"id\\":\\"11\\"}');
  });

  test("--deny wins over --allow", async () => {
    const { stderr, told } = await runOnce(["--allow", "*", "--deny", "or*"]);
    expect(stderr).toContain("not called: denied");
    expect(told).toContain("deny this tool");
  });

  test.each([["--allow"], ["--deny"]])(
    "%s with a pattern that stands for no tool is an error",
    async (flag) => {
      const { exitCode, stderr, requests } = await runOnce(["--allow", "fail", flag, "ordr"]);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(new RegExp(`${flag} "ordr" stands for no tool[^]*Did you mean "order"`));
      expect(requests).toBe(0);
    },
  );
});
