import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { say, startOpenAiServer } from "../agent/openai-server.ts";
import { startAgent } from "../harness/agent-session.ts";
import { startAskingServer } from "../harness/asking-server.ts";
import { startDevServer } from "../harness/dev-server.ts";
import { decideOnPage } from "../harness/person.ts";
import { createFolder, runProgram, startInTerminal } from "../harness/program.ts";

const answers = (...texts: string[]) => texts.map((text) => say({ text: [text] }));

describe("a prompt of the server", () => {
  test.each(["modern", "legacy"] as const)(
    "(%s) is a command; its arguments are asked for and completed by the server",
    async (eras) => {
      await using session = await startAgent(answers("Hello."), { eras });
      const { agent, prompts } = session;
      await agent.waitFor(/> /);
      agent.type("/full:greeting\r");
      await agent.waitFor(/Whom to greet\.[^]*who: /);
      agent.type("\r");
      await agent.waitFor(/who: \r?\n[^]*who: /);
      agent.type("Bob\r");
      await agent.waitFor(/city \(optional\): /);
      agent.type("Pa\t");
      await agent.waitFor(/Par[^]*Paris for Bob|Par/);
      agent.type("i\t");
      await agent.waitFor(/Paris for Bob/);
      agent.type("\r");
      // What the server wrote is shown before the model answers it.
      await agent.waitFor(/ {2}Hello Bob in Paris for Bob[^]*Hello\./);
      expect(prompts()[0]).toContain("Hello Bob in Paris for Bob");
    },
  );

  test("Escape at an argument sends nothing", async () => {
    await using session = await startAgent([]);
    const { agent, model } = session;
    await agent.waitFor(/> /);
    agent.type("/full:greeting\r");
    await agent.waitFor(/who: /);
    agent.type("\u001B");
    await agent.waitFor(/Nothing was sent\.[^]*> /);
    expect(model.requests).toHaveLength(0);
  });

  test("that does not exist is named, with what was probably meant", async () => {
    await using session = await startAgent([]);
    await session.agent.waitFor(/> /);
    session.agent.type("/full:greetin\r");
    await session.agent.waitFor(/There is no command "\/full:greetin"\. Did you mean "\/full:greeting"\?/);
    session.agent.type("/tolls\r");
    await session.agent.waitFor(/Did you mean "\/tools"\?/);
  });
});

describe("a resource in a prompt", () => {
  test("is read and comes along, marked as data", async () => {
    await using session = await startAgent(answers("Read."));
    await session.agent.waitFor(/> /);
    session.agent.type("What does @test://text, say?\r");
    await session.agent.waitFor(/Read\./);
    const [said = ""] = session.prompts().map((text) => JSON.parse(text) as string);
    expect(said).toMatch(
      /^What does @test:\/\/text, say\?\n[^]*data[^]*<(resource-[0-9a-f]{12}) uri="test:\/\/text">\nhello\n<\/\1>$/,
    );
  });

  test("that does not exist stops the prompt, which is still in the history", async () => {
    await using session = await startAgent(answers("Read."));
    const { agent, model } = session;
    await agent.waitFor(/> /);
    agent.type("What does @test://txt say?\r");
    await agent.waitFor(/no resource "test:\/\/txt"[^]*> /);
    expect(model.requests).toHaveLength(0);
    agent.type("\u001B[A");
    await agent.waitFor(/no resource[^]*What does @test:\/\/txt say\?/);
  });
});

describe("commands", () => {
  test("save what was said for the user alone, and never over another file", async () => {
    const folder = createFolder();
    await using session = await startAgent(answers("The answer."), { folder });
    const { agent } = session;
    await agent.waitFor(/> /);
    agent.type("/save talk.md\r");
    await agent.waitFor(/Nothing was said yet/);
    agent.type("The question\r");
    await agent.waitFor(/The answer\.[^]*> /);
    agent.type("/save talk.md\r");
    await agent.waitFor(/Saved in "talk\.md"/);
    const path = join(folder, "talk.md");
    expect(readFileSync(path, "utf8")).toMatch(/The question[^]*The answer\./);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    agent.type("/save talk.md\r");
    await agent.waitFor(/is there already/);
  });

  test("change the model and where it is, count tokens and forget", async () => {
    await using other = startOpenAiServer(...answers("Other.", "Fresh."));
    await using session = await startAgent(answers("One."));
    const { agent } = session;
    await agent.waitFor(/> /);
    agent.type("hello\r");
    await agent.waitFor(/One\.[^]*tokens in[^]*> /);
    agent.type("/usage\r");
    await agent.waitFor(/Tokens in 11, out 7\./);
    agent.type(`/model m2 ${other.url}\r`);
    await agent.waitFor(/The model is "m2" at "http:[^]*> /);
    agent.type("hello again\r");
    await agent.waitFor(/Other\.[^]*> /);
    expect(other.requests[0]?.body.model).toBe("m2");
    expect(JSON.stringify(other.messages())).toContain("One.");
    agent.type("/clear\r");
    await agent.waitFor(/Forgotten\.[^]*> /);
    agent.type("anew\r");
    await agent.waitFor(/Fresh\.[^]*> /);
    expect(JSON.stringify(other.messages())).not.toContain("One.");
    agent.type("/model m3 http://192.0.2.1/v1\r");
    await agent.waitFor(/No key is sent to[^]*plain http/);
    agent.type("/model\r");
    await agent.waitFor(/plain http[^]*The model is "m2"/);
    agent.type("/login\r");
    await agent.waitFor(/Nobody signs in with --no-auth/);
    agent.type("/help\r");
    await agent.waitFor(/\/tools \[NAME\][^]*\/full:PROMPT[^]*> /);
    agent.type("/exit\r");
    expect((await agent.finished).exitCode).toBe(0);
  });
});

test("/logout forgets the tokens, /login signs in anew, both without leaving", async () => {
  await using server = await startDevServer();
  const folder = createFolder();
  await using agent = startInTerminal("mcp-agent", {
    args: ["--url", server.url, "--model", "scripted"],
    env: { NO_COLOR: "1" },
    folder,
  });
  const cache = join(folder, ".token_cache.json");
  const signIn = async (before: string) => {
    const [, page = ""] = await agent.waitFor(new RegExp(`${before}[^]*Address\\s+(http\\S+)`));
    const [, code = ""] = await agent.waitFor(new RegExp(`${before}[^]*Code\\s+(\\S+)\\s`));
    await decideOnPage(page, code);
    await agent.waitFor(new RegExp(`${before}[^]*Signed in as Ada[^]*> `));
  };
  await signIn("");
  agent.type("/logout\r");
  await agent.waitFor(/Signed out[^]*> /);
  expect(existsSync(cache)).toBe(false);
  agent.type("/login\r");
  await signIn("Signed out");
  expect(existsSync(cache)).toBe(true);
  agent.type("/logout\r/logout\r");
  await agent.waitFor(/Nobody was signed in/);
  agent.type("/exit\r");
  expect((await agent.finished).exitCode).toBe(0);
});

describe.each(["modern", "legacy"] as const)("a server (%s) that asks in the middle of a call", (eras) => {
  async function start(tool: string) {
    const server = startAskingServer(eras);
    const session = await startAgent([say({ calls: [{ name: tool, args: {} }] }), ...answers("Done.")], {
      url: server.url,
      // Shorter than a person takes below: the time of thinking does not count.
      args: ["--timeout", "1"],
    });
    await session.agent.waitFor(/> /);
    session.agent.type("go\r");
    return {
      ...session,
      async [Symbol.asyncDispose]() {
        await session[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  }

  test("for a form: it is filled in, shown and sent; thinking takes no time off the call", async () => {
    await using session = await start("form_tool");
    const { agent, results } = session;
    await agent.waitFor(/asking at 127\.0\.0\.1:\d+ asks: Who are you\?[^]*> /);
    agent.type("A\r");
    await agent.waitFor(/At least 2 characters/);
    agent.type("Ada\r");
    // The row of the call goes on meanwhile, beyond its idle time.
    await agent.waitFor(/form_tool 1\.[1-9]s/);
    agent.type("\r");
    await agent.waitFor(/"age": 30[^]*Send it\?/);
    agent.type("y\r");
    await agent.waitFor(/Done\./);
    expect(results().map((text) => JSON.parse(text))).toEqual(['It is {"name":"Ada","age":30}.']);
  }, 15_000);

  test.each([
    ["Ctrl-D declines", "\u0004", "decline"],
    ["Escape cancels", "\u001B", "cancel"],
  ])("for a form: %s", async (_, typed, action) => {
    await using session = await start("form_tool");
    await session.agent.waitFor(/asking at 127\.0\.0\.1:\d+ asks: Who are you\?[^]*> /);
    session.agent.type(typed);
    await session.agent.waitFor(/Done\./);
    expect(session.results().join()).toContain(`It said ${action}.`);
  });

  test("for a visit: the address is shown in full, and nothing is opened", async () => {
    await using session = await start("visit_tool");
    const { agent, results } = session;
    await agent.waitFor(
      /Please pay\.[^]*https:\/\/pay\.example\/order\?id=1[^]*Its host is pay\.example[^]*Will you/,
    );
    agent.type("y\r");
    await agent.waitFor(/Done\./);
    expect(results().join()).toContain("It will be visited.");
  });

  test("Ctrl-C interrupts the call, and the prompt is back", async () => {
    await using session = await start("form_tool");
    await session.agent.waitFor(/asking at 127\.0\.0\.1:\d+ asks: Who are you\?[^]*> /);
    session.agent.type("\u0003");
    await session.agent.waitFor(/Interrupted\.[^]*> /);
    session.agent.type("/exit\r");
    expect((await session.agent.finished).exitCode).toBe(0);
  });
});

test("without a person a server is told that nobody can be asked", async () => {
  await using server = startAskingServer("legacy");
  await using model = startOpenAiServer(
    say({ calls: [{ name: "form_tool", args: {} }] }),
    ...answers("Done."),
  );
  const { exitCode, stdout } = await runProgram("mcp-agent", {
    args: ["-n", "--url", server.url, "--base-url", model.url, "--model", "m", "-p", "go"],
  });
  expect(exitCode).toBe(0);
  expect(stdout).toBe("Done.\n");
  expect(JSON.stringify(model.messages())).toMatch(/elicitation/i);
});
