import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { refuse, say, startOpenAiServer } from "../agent/openai-server.ts";
import { startDevServer } from "../harness/dev-server.ts";
import { decideOnPage } from "../harness/person.ts";
import { createFolder, runProgram, startInTerminal, startProgram } from "../harness/program.ts";
import { recordSecrets } from "../harness/recorder.ts";

const prompt = "reverse Hello and reverse World and give me a number between 1 and 40";

async function startOpenServer(reverseSeconds: string) {
  const server = startProgram("mcp-server", {
    args: ["--no-auth", "--port", "0", "--reverse-seconds", reverseSeconds],
  });
  const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
  return { server, url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function createKey(): string {
  const key = `sk-test-${crypto.randomUUID()}`;
  recordSecrets([key]);
  return key;
}

describe("the scripted model", () => {
  test("makes three calls at once in one turn; without a terminal in plain lines", async () => {
    await using open = await startOpenServer("0.3");
    const { exitCode, stdout, stderr } = await runProgram("mcp-agent", {
      args: ["-n", "--url", open.url, "--model", "scripted", "-p", prompt],
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("This is a script, not a model");
    expect(stdout).toContain("olleH");
    expect(stdout).toContain("dlroW");
    const lines = stderr.split("\n");
    const of = (query: string) => lines.flatMap((line, at) => (line.includes(`"${query}") `) ? [at] : []));
    // The first to end did so after the other had begun: their lines interleave.
    expect(of("Hello").length).toBeGreaterThan(6);
    expect(Math.max(...of("Hello").slice(0, 3))).toBeLessThan(
      Math.min(of("Hello").at(-1) ?? 0, of("World").at(-1) ?? 0),
    );
    expect(Math.min(...of("World"))).toBeLessThan(of("Hello").at(-1) ?? 0);
    expect(stderr).toContain("random_number_tool(min: 1, max: 40) done");
  });

  test("needs neither key nor network and sends nothing to a base URL", async () => {
    await using open = await startOpenServer("0");
    const { exitCode } = await runProgram("mcp-agent", {
      args: ["-n", "--url", open.url, "--model", "scripted", "-p", "hello"],
      env: { OPENAI_BASE_URL: "http://127.0.0.1:1/v1", OPENAI_API_KEY: createKey() },
    });
    expect(exitCode).toBe(0);
  });

  test("reads prompts from a pipe", async () => {
    await using open = await startOpenServer("0");
    const { exitCode, stdout } = await runProgram("mcp-agent", {
      args: ["-n", "--url", open.url, "--model", "scripted"],
      stdin: "reverse abc\nreverse def\n/exit\nreverse ghi\n",
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("cba");
    expect(stdout).toContain("fed");
    expect(stdout).not.toContain("ihg");
  });
});

describe("a model behind an OpenAI-compatible API", () => {
  test.each([80, 200])(
    "on a terminal of %p columns: two calls at once with its own arguments, both rows advance",
    async (columns) => {
      await using open = await startOpenServer("1");
      const [first, second] = [crypto.randomUUID().slice(0, 8), crypto.randomUUID().slice(0, 8)];
      const calls = [first, second].map((query) => ({ name: "reverse_tool", args: { query } }));
      await using model = startOpenAiServer(say({ calls }), say({ text: ["Both are ", "reversed."] }));
      const key = createKey();
      await using agent = startInTerminal("mcp-agent", {
        args: ["-n", "--url", open.url, "--base-url", model.url, "--model", "test-model", "-p", "go"],
        env: { OPENAI_API_KEY: key },
        columns,
      });
      const { exitCode, screen } = await agent.finished;
      expect(exitCode).toBe(0);
      expect(screen).toContain("Both are reversed.");
      const frames = Bun.stripANSI(screen).split("⠙").join("\n").split("\n");
      const percentages = (query: string) =>
        new Set(
          frames
            .filter((line) => line.includes(query.slice(0, 4)))
            .flatMap((line) => /(\d+)%/.exec(line)?.[1] ?? []),
        );
      expect(percentages(first).size).toBeGreaterThanOrEqual(3);
      expect(percentages(second).size).toBeGreaterThanOrEqual(3);
      const results = model
        .messages()
        .filter(({ role }) => role === "tool")
        .map(({ content }) => JSON.stringify(content));
      const reverse = (text: string) => [...text].toReversed().join("");
      expect(results).toHaveLength(2);
      expect(results.join()).toContain(reverse(first));
      expect(results.join()).toContain(reverse(second));
      expect(model.requests[0]?.headers.get("authorization")).toBe(`Bearer ${key}`);
    },
  );

  test("Ctrl-C in mid-call returns to the prompt, the server sees it, the next turn works", async () => {
    await using open = await startOpenServer("60");
    await using model = startOpenAiServer(
      say({ calls: [{ name: "reverse_tool", args: { query: "abc" } }] }),
      say({ calls: [{ name: "random_number_tool", args: { min: 7, max: 7 } }] }),
      say({ text: ["Here it is."] }),
    );
    await using agent = startInTerminal("mcp-agent", {
      args: ["-n", "--url", open.url, "--base-url", model.url, "--model", "m"],
      env: { OPENAI_API_KEY: createKey() },
    });
    await agent.waitFor(/> /);
    agent.type("reverse something\r");
    await agent.waitFor(/0%/);
    agent.type("\u0003");
    await agent.waitFor(/Interrupted\.[^]*> /);
    agent.type("a number\r");
    await agent.waitFor(/Here it is\.[^]*> /);
    const roles = model.messages(1).map(({ role }) => role);
    expect(roles.filter((role) => role === "user")).toHaveLength(2);
    expect(JSON.stringify(model.messages(1))).toContain("interrupted, may have run");
    agent.type("\u0004");
    expect((await agent.finished).exitCode).toBe(0);
    // A call that was still running would hold the server for 10 s.
    open.server.kill("SIGTERM");
    expect((await open.server.finished).stderr).not.toContain("cut off");
  });

  test.each([
    ["401", refuse(401, { message: "Incorrect API key provided", code: "invalid_api_key" }), 3],
    ["500", refuse(500, { message: "oops" }), 4],
    ["a cut stream", say({ text: ["Half an ans"], cut: "reset" }), 4],
    ["a stream without an end", say({ text: ["Half an ans"], cut: "end" }), 4],
  ])(
    "%s ends a one-shot turn with a sentence",
    async (_, reply, expected) => {
      await using open = await startOpenServer("0");
      await using model = startOpenAiServer(reply, reply, reply, reply);
      const key = createKey();
      const { exitCode, stderr } = await runProgram("mcp-agent", {
        args: ["-n", "--url", open.url, "--base-url", model.url, "--model", "m", "-p", "go"],
        env: { OPENAI_API_KEY: key },
      });
      expect(exitCode).toBe(expected);
      expect(stderr).toMatch(/^mcp-agent: \S.*\.$/m);
      expect(stderr).not.toContain(key);
      expect(stderr).not.toMatch(/\n\s+at |\$bunfs|requestBodyValues/);
    },
    30_000,
  );

  test("429 is said with its time, and the REPL goes on", async () => {
    await using open = await startOpenServer("0");
    const limited = refuse(429, { message: "slow down", headers: { "retry-after": "0" } });
    await using model = startOpenAiServer(limited, limited, limited, say({ text: ["Now it works."] }));
    await using agent = startInTerminal("mcp-agent", {
      args: ["-n", "--url", open.url, "--base-url", model.url, "--model", "m"],
      env: { OPENAI_API_KEY: createKey() },
    });
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(/HTTP 429[^]*> /);
    agent.type("again\r");
    await agent.waitFor(/Now it works\./);
    agent.type("/exit\r");
    expect((await agent.finished).exitCode).toBe(0);
  });

  test("a tool that fails is told to the model, and the turn goes on", async () => {
    await using open = await startOpenServer("0");
    await using model = startOpenAiServer(
      say({ calls: [{ name: "random_number_tool", args: { min: 2, max: 1 } }] }),
      say({ text: ["The range is empty."] }),
    );
    const { exitCode, stdout } = await runProgram("mcp-agent", {
      args: ["-n", "--url", open.url, "--base-url", model.url, "--model", "m", "-p", "go"],
      env: { OPENAI_API_KEY: createKey() },
    });
    expect(exitCode).toBe(0);
    expect(stdout).toBe("The range is empty.\n");
    expect(JSON.stringify(model.messages())).toContain("min must not be greater than max");
  });
});

describe("typing", () => {
  test("lines that come at once run one after the other; what is typed in a turn is shown at the next prompt", async () => {
    await using open = await startOpenServer("0.3");
    await using agent = startInTerminal("mcp-agent", {
      args: ["-n", "--url", open.url, "--model", "scripted"],
    });
    await agent.waitFor(/> /);
    agent.type("reverse abc\rreverse def\r");
    await agent.waitFor(/reverse_tool\(query: "abc"\)/);
    agent.type("later");
    const [shown] = await agent.waitFor(/"cba"[^]*"fed"[^]*> later/);
    expect(shown.split("later")).toHaveLength(2);
    agent.type("\u0015/exit\r");
    expect((await agent.finished).exitCode).toBe(0);
  });

  test("Ctrl-C drops the lines that wait", async () => {
    await using open = await startOpenServer("60");
    await using agent = startInTerminal("mcp-agent", {
      args: ["-n", "--url", open.url, "--model", "scripted"],
    });
    await agent.waitFor(/> /);
    agent.type("reverse abc\rreverse def\r");
    await agent.waitFor(/0%/);
    agent.type("\u0003");
    await agent.waitFor(/Interrupted\.[^]*> /);
    agent.type("\u0004");
    expect((await agent.finished).screen).not.toContain('"def"');
  });
});

describe("signing in", () => {
  test("again in the REPL can be interrupted", async () => {
    await using server = await startDevServer();
    const folder = createFolder();
    await using agent = startInTerminal("mcp-agent", {
      args: ["--url", server.url, "--model", "scripted"],
      folder,
    });
    const [, page = ""] = await agent.waitFor(/Address\s+(http\S+)/);
    const [, code = ""] = await agent.waitFor(/Code\s+(\S+)\s/);
    await decideOnPage(page, code);
    await agent.waitFor(/> /);
    unlinkSync(join(folder, ".token_cache.json"));
    agent.type("reverse abc\r");
    await agent.waitFor(/reverse abc\s[^]*Waiting for you/);
    agent.type("\u0003");
    await agent.waitFor(/Interrupted\.[^]*> /);
    agent.type("/exit\r");
    const { exitCode, screen } = await agent.finished;
    expect(exitCode).toBe(0);
    expect(screen).not.toContain("unexpected");
  });

  /** Makes the next use of the cached token a renewal. */
  function expireToken(folder: string): void {
    const path = join(folder, ".token_cache.json");
    const cache = JSON.parse(readFileSync(path, "utf8"));
    for (const token of Object.values<Record<string, string>>(cache.AccessToken))
      token["expires_on"] = "1000000000";
    writeFileSync(path, JSON.stringify(cache));
  }

  /** The id of the token that is in use. */
  function readTokenId(folder: string): string {
    const cache = JSON.parse(readFileSync(join(folder, ".token_cache.json"), "utf8"));
    const [token] = Object.values<Record<string, string>>(cache.AccessToken);
    return JSON.parse(Buffer.from(token?.["secret"]?.split(".")[1] ?? "", "base64url").toString()).uti;
  }

  test.each(["expires", "is refused by the server"])(
    "by device code on a terminal, then silently; a token that %s in mid-turn is renewed once for all calls",
    async (how) => {
      const folder = createFolder();
      const denied = join(folder, "denied");
      writeFileSync(denied, "");
      await using server = await startDevServer({ args: ["--denied-tokens", denied] });
      const released = Promise.withResolvers<void>();
      await using model = startOpenAiServer(
        say({
          text: ["One moment. ", released.promise],
          calls: [4, 5].map((n) => ({ name: "random_number_tool", args: { min: n, max: n } })),
        }),
        say({ calls: [{ name: "random_number_tool", args: { min: 6, max: 6 } }] }),
        say({ text: ["It is five."] }),
      );
      const args = ["--url", server.url, "--base-url", model.url, "--model", "m", "-p", "go"];
      const env = { OPENAI_API_KEY: createKey() };
      await using agent = startInTerminal("mcp-agent", { args, folder, env });
      const [, page = ""] = await agent.waitFor(/Address\s+(http\S+)/);
      const [, code = ""] = await agent.waitFor(/Code\s+(\S+)\s/);
      await decideOnPage(page, code);
      await agent.waitFor(/One moment/);
      if (how === "expires") expireToken(folder);
      else {
        writeFileSync(denied, `${readTokenId(folder)}\n`);
        await server.program.waitForStderr(/Denied tokens: 1 listed/);
      }
      released.resolve();
      const { exitCode, screen } = await agent.finished;
      expect(screen).toContain("It is five.");
      const results = model
        .messages()
        .flatMap(({ role, content }) => (role === "tool" ? [String(content)] : []));
      expect(results.map((text) => /\d+/.exec(text)?.[0])).toEqual(["4", "5", "6"]);
      expect(exitCode).toBe(0);
      // One refresh for the two calls that needed it at once, the token is good for the third, and nobody was asked.
      expect(await server.readCounts()).toMatchObject({ devicecode: 1, token: { refresh_token: { ok: 1 } } });
    },
  );

  test("is needed without a terminal: exit code 3 at once", async () => {
    await using server = await startDevServer();
    const { exitCode, stderr } = await runProgram("mcp-agent", {
      args: ["--url", server.url, "--model", "scripted", "-p", "x"],
    });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("mcp-client login");
  });
});

describe("bad input gets one clear sentence", () => {
  test.each([
    ["no model at all", ["-p", "x"], {}, /OPENAI_API_KEY[^]*--base-url[^]*--model scripted/, 2],
    ["a key without a model", ["-p", "x"], { OPENAI_API_KEY: "k" }, /--model/, 2],
    ["an unknown flag", ["--modell", "x"], {}, /Unknown flag "--modell"\. Did you mean "--model"\?/, 2],
    ["a base URL that is none", ["--base-url", "localhost"], {}, /--base-url takes a URL/, 2],
    ["a blank prompt", ["--model", "scripted", "-p", " "], {}, /--prompt needs a value/, 2],
    [
      "a key over plain http",
      ["--base-url", "http://192.0.2.1/v1", "--model", "m", "-p", "x"],
      { OPENAI_API_KEY: "k" },
      /plain http/,
      3,
    ],
  ])("%s", async (_, args, env, message, expected) => {
    const { exitCode, stderr, stdout } = await runProgram("mcp-agent", {
      args: ["-n", "--url", "http://127.0.0.1:1/mcp", ...args],
      env,
    });
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(expected);
    expect(stdout).toBe("");
    expect(stderr).not.toMatch(/\n\s+at |\$bunfs/);
  });

  test("an unreachable model", async () => {
    await using open = await startOpenServer("0");
    const { exitCode, stderr } = await runProgram("mcp-agent", {
      args: ["-n", "--url", open.url, "--base-url", "http://127.0.0.1:1/v1", "--model", "m", "-p", "x"],
    });
    expect(exitCode).toBe(4);
    expect(stderr).toContain("127.0.0.1:1");
  });
});

describe("a hostile ./.env", () => {
  test("gets neither the key of the environment nor the conversation", async () => {
    await using model = startOpenAiServer();
    await using open = await startOpenServer("0");
    const folder = createFolder();
    writeFileSync(join(folder, ".env"), `OPENAI_BASE_URL=${model.url}\nOPENAI_MODEL=m\n`);
    const args = ["-n", "--url", open.url, "-p", "x"];
    const withKey = await runProgram("mcp-agent", { args, folder, env: { OPENAI_API_KEY: createKey() } });
    expect(withKey.exitCode).toBe(3);
    expect(withKey.stderr).toContain("OPENAI_BASE_URL in ./.env");
    const without = await runProgram("mcp-agent", { args, folder });
    expect(without.exitCode).toBe(3);
    expect(model.requests).toEqual([]);
  });

  test("is confirmed once by a person and then remembered", async () => {
    await using model = startOpenAiServer(say({ text: ["Hi."] }), say({ text: ["Hi again."] }));
    await using open = await startOpenServer("0");
    const folder = createFolder();
    const config = createFolder();
    writeFileSync(
      join(folder, ".env"),
      `OPENAI_BASE_URL=${model.url}\nOPENAI_MODEL=m\nOPENAI_API_KEY=from-the-same-file\n`,
    );
    const options = { args: ["-n", "--url", open.url, "-p", "x"], folder, env: { XDG_CONFIG_HOME: config } };
    await using first = startInTerminal("mcp-agent", options);
    await first.waitFor(/\[y\/N\]/);
    first.type("y\r");
    expect((await first.finished).exitCode).toBe(0);
    expect(existsSync(join(config, "mcp-entra/trusted-models.json"))).toBe(true);
    const second = await runProgram("mcp-agent", options);
    expect(second.stdout).toBe("Hi again.\n");
  });
});
