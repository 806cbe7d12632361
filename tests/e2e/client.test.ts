import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DevServer, startDevServer } from "../harness/dev-server.ts";
import { decideOnPage, type Decision } from "../harness/person.ts";
import {
  createFolder,
  type ProgramOptions,
  runProgram,
  startInTerminal,
  startProgram,
} from "../harness/program.ts";

const reversed = "!tneilc PCM morf olleH";

/** Signs a person in through the pseudo terminal. */
async function signIn(server: DevServer, folder: string, decision: Decision = {}) {
  const client = startInTerminal("mcp-client", { args: ["--url", server.url, "login"], folder });
  const [, page = ""] = await client.waitFor(/Address\s+(http\S+)/);
  const [, code = ""] = await client.waitFor(/Code\s+(\S+)\s/);
  await decideOnPage(page, code, decision);
  return client.finished;
}

/** A server, a folder, and somebody who signed in there. */
async function startSignedIn(decision: Decision = {}) {
  const server = await startDevServer();
  const folder = createFolder();
  const { exitCode, screen } = await signIn(server, folder, decision);
  if (exitCode !== 0) throw new Error(`signing in failed:\n${screen}`);
  const run = (args: readonly string[], options: ProgramOptions = {}) =>
    runProgram("mcp-client", { args: ["--url", server.url, ...args], folder, ...options });
  return {
    server,
    folder,
    run,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Makes the cached access token look expired. */
function expireToken(folder: string): void {
  const path = join(folder, ".token_cache.json");
  const cache = JSON.parse(readFileSync(path, "utf8"));
  for (const token of Object.values<Record<string, string>>(cache.AccessToken)) {
    token["expires_on"] = "1000000000";
    token["extended_expires_on"] = "1000000000";
  }
  writeFileSync(path, JSON.stringify(cache));
}

function expectPlainError(stderr: string): void {
  expect(stderr).toStartWith("mcp-client: ");
  expect(stderr).not.toMatch(/\n\s+at |node:|\$bunfs|\.ts:\d+/);
}

describe("the default flow", () => {
  test.each([80, 200])(
    "on a terminal of %p columns signs in, lists, calls with live progress; then asks nobody",
    async (columns) => {
      await using server = await startDevServer();
      const folder = createFolder();
      const first = startInTerminal("mcp-client", { args: ["--url", server.url], folder, columns });
      const [, page = ""] = await first.waitFor(/Address\s+(http\S+)/);
      const [, code = ""] = await first.waitFor(/Code\s+(\S+)\s/);
      await decideOnPage(page, code);
      const { exitCode, screen } = await first.finished;
      expect(exitCode).toBe(0);
      expect(screen).toContain("Signed in as Ada Lindqvist (ada@devtenant.example)");
      const plain = Bun.stripANSI(screen);
      expect(plain).toContain("reverse_tool(query: string)");
      expect(plain).toContain("random_number_tool(min: integer, max: integer)");
      expect(plain).toContain(reversed);
      expect(statSync(join(folder, ".token_cache.json")).mode & 0o777).toBe(0o600);

      const second = await startInTerminal("mcp-client", { args: ["--url", server.url], folder, columns })
        .finished;
      expect(second.exitCode).toBe(0);
      expect(second.screen).not.toContain("Code");
      expect(second.screen).toContain(reversed);
    },
  );

  test("shows at least five different percentages on a terminal", async () => {
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "1.5"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const { screen } = await startInTerminal("mcp-client", { args: ["--url", url, "-n"] }).finished;
    expect(new Set(screen.match(/\d+%/g)).size).toBeGreaterThanOrEqual(5);
  });

  test.each(["-n", "--no-auth"])("%s sends no Authorization header and touches no cache", async (flag) => {
    const authorizations: (string | null)[] = [];
    await using upstream = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "0"],
    });
    const [, url = ""] = await upstream.waitForStderr(/Endpoint\s+(http\S+)/);
    const proxy = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        authorizations.push(request.headers.get("authorization"));
        return fetch(url, { method: request.method, headers: request.headers, body: await request.bytes() });
      },
    });
    const folder = createFolder();
    writeFileSync(join(folder, ".token_cache.json"), "garbage", { mode: 0o600 });
    const { exitCode, stdout, stderr } = await runProgram("mcp-client", {
      args: ["--url", `http://127.0.0.1:${proxy.port}/mcp`, flag],
      folder,
    });
    await proxy.stop(true);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ reversed_query: reversed });
    expect(stderr).toContain("reverse_tool 5/5");
    expect(authorizations.length).toBeGreaterThan(2);
    expect(authorizations.filter((value) => value !== null)).toEqual([]);
    expect(readFileSync(join(folder, ".token_cache.json"), "utf8")).toBe("garbage");
  });

  test("with --json prints the result on standard output and not a word beside it", async () => {
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "0"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const { exitCode, stdout, stderr } = await runProgram("mcp-client", {
      args: ["--url", url, "-n", "--json"],
    });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ structuredContent: { reversed_query: reversed } });
  });

  test("without a terminal and without a token fails at once with 3", async () => {
    await using server = await startDevServer();
    const { exitCode, stdout, stderr } = await runProgram("mcp-client", { args: ["--url", server.url] });
    expect(exitCode).toBe(3);
    expect(stdout).toBe("");
    expectPlainError(stderr);
    expect(stderr).toContain("mcp-client login");
  });
});

describe("commands", () => {
  test("login, whoami, tools, call, logout", async () => {
    await using session = await startSignedIn();
    const { run } = session;
    const whoami = await run(["whoami"]);
    expect(whoami.exitCode).toBe(0);
    expect(whoami.stdout).toMatch(
      /Name\s+Ada Lindqvist[^]*Tenant\s+[0-9a-f-]{36}\n[^]*Scopes\s+api:\/\/\S+\/execute\n[^]*Token\s+good for \d+ more minutes/,
    );
    expect(JSON.parse((await run(["whoami", "--json"])).stdout)).toMatchObject({
      username: "ada@devtenant.example",
      canRenew: true,
    });
    for (const command of [[], ["exercise"]]) {
      expect(await run([...command, "--json"])).toMatchObject({ exitCode: 0, stderr: "" });
    }
    const tools = await run(["tools"]);
    expect(tools.stdout).toContain("random_number_tool(min: integer, max: integer)");
    // Behind a pipe each sentence stays on its line.
    expect(tools.stdout).toContain(
      "\n  Reverses a text, character by character as people see them, and reports its progress.\n",
    );
    expect((await run(["tools", "reverse_tool"])).stdout).toContain("The text to reverse.");
    const number = await run(["call", "random_number_tool", "min=3", "max=3", "--json"]);
    expect(JSON.parse(number.stdout)).toMatchObject({
      structuredContent: { random_number: 3 },
      isError: false,
    });
    const text = await run(["call", "reverse_tool", "query=00713"]);
    expect(JSON.parse(text.stdout)).toEqual({ reversed_query: "31700" });
    expect((await runProgram("mcp-client", { args: ["logout"], folder: session.folder })).exitCode).toBe(0);
    expect(existsSync(join(session.folder, ".token_cache.json"))).toBe(false);
    expect((await run(["whoami"])).exitCode).toBe(3);
    const after = await run(["call", "reverse_tool", "query=x"]);
    expect(after.exitCode).toBe(3);
    expect(after.stderr).toContain("mcp-client login");
  });

  test("renews an expired token silently", async () => {
    await using session = await startSignedIn();
    expireToken(session.folder);
    expect((await session.run(["tools"])).exitCode).toBe(0);
    expect(await session.server.readCounts()).toMatchObject({ token: { refresh_token: { ok: 1 } } });
  });

  test("two clients that start together with an expired token cause one refresh", async () => {
    await using session = await startSignedIn();
    const { server, folder, run } = session;
    expireToken(folder);
    await server.setFaults({ holdRefreshUntilClients: 2 });
    const finished = await Promise.all([
      run(["tools"]),
      run(["whoami"]),
      run(["call", "reverse_tool", "query=ab"]),
    ]);
    expect(finished.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(await server.readCounts()).toMatchObject({ token: { refresh_token: { ok: 1 } } });
    const path = join(folder, ".token_cache.json");
    expect(Object.keys(JSON.parse(readFileSync(path, "utf8")).RefreshToken)).toHaveLength(1);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expireToken(folder);
    expect((await run(["tools"])).exitCode).toBe(0);
  });

  test("is not cut off by a call that is silent for more than 30 s", async () => {
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "35"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const { exitCode, stdout } = await runProgram("mcp-client", {
      args: ["--url", url, "-n", "call", "reverse_tool", "query=ab", "--progress", "none"],
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ reversed_query: "ba" });
  }, 60_000);

  test("Ctrl-C cancels the call on the server and exits with 130", async () => {
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "60"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    await using client = startInTerminal("mcp-client", {
      args: ["--url", url, "-n", "call", "reverse_tool", "query=ab"],
    });
    await client.waitFor(/0%/);
    client.type("\u0003");
    const { exitCode, screen } = await client.finished;
    expect(exitCode).toBe(130);
    expect(screen).toContain("Interrupted");
    // A call that was still running would hold the server for 10 s.
    server.kill("SIGTERM");
    expect((await server.finished).stderr).not.toContain("cut off");
  });
});

describe("a person who says no, or a code that ends", () => {
  test("declined: exit code 3 and a sentence", async () => {
    await using server = await startDevServer();
    const { exitCode, screen } = await signIn(server, createFolder(), { decision: "decline" });
    expect(exitCode).toBe(3);
    expect(screen).toMatch(/mcp-client: .*declined/i);
  });

  test("expired: exit code 3 and a sentence", async () => {
    await using server = await startDevServer();
    await server.setFaults({ deviceCodeLifetimeSeconds: 1 });
    const { exitCode, screen } = await startInTerminal("mcp-client", { args: ["--url", server.url, "login"] })
      .finished;
    expect(exitCode).toBe(3);
    expect(screen).toMatch(/mcp-client: .*expired/i);
  });

  test("without the scope: exit code 3, and the scope is named", async () => {
    await using session = await startSignedIn({ person: "ben" });
    const { exitCode, stderr } = await session.run(["tools"]);
    expect(exitCode).toBe(3);
    expectPlainError(stderr);
    expect(stderr).toMatch(/api:\/\/[0-9a-f-]{36}\/execute/);
  });

  test("Ctrl-C while waiting: exit code 130, at once", async () => {
    await using server = await startDevServer();
    await using client = startInTerminal("mcp-client", { args: ["--url", server.url, "login"] });
    await client.waitFor(/Waiting for you/);
    client.type("\u0003");
    expect((await client.finished).exitCode).toBe(130);
  });
});

describe("bad input gets one clear sentence", () => {
  test.each([
    ["an unknown flag", ["--ulr", "x"], /Unknown flag "--ulr"\. Did you mean "--url"\?/, 2],
    ["an unknown command", ["toolz"], /Unknown command "toolz"\. Did you mean "tools"\?/, 2],
    ["a missing tool", ["call"], /"call" needs TOOL/, 2],
    ["an address that is no URL", ["--url", "localhost:8000"], /--url takes a URL/, 2],
    ["a tenant that is none", ["--tenant-id", "a b"], /--tenant-id takes a tenant id/, 2],
    ["a named file that is missing", ["--env-file", "nowhere.env"], /"nowhere\.env" cannot be read/, 2],
    ["an unreachable server", ["-n", "--url", "http://127.0.0.1:1/mcp"], /127\.0\.0\.1:1/, 4],
    ["an unknown host", ["-n", "--url", "http://nowhere.invalid/mcp"], /nowhere\.invalid/, 4],
  ])("%s", async (_, args, message, exitCode) => {
    const finished = await runProgram("mcp-client", { args });
    expect(finished.stderr).toMatch(message);
    expect(finished.exitCode).toBe(exitCode);
    expect(finished.stdout).toBe("");
    expectPlainError(finished.stderr);
    const json = await runProgram("mcp-client", { args: [...args, "--json"] });
    const lines = json.stderr.trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "").error).toMatchObject({
      code: expect.any(String),
      message: expect.any(String),
    });
  });

  test("tools and arguments", async () => {
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "0"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const rows: [readonly string[], RegExp, number][] = [
      [["call", "reverse_tol"], /no tool "reverse_tol"\. Did you mean "reverse_tool"\?/, 2],
      [["tools", "nothing_like_it"], /no tool "nothing_like_it"/, 2],
      [["call", "reverse_tool"], /"query" is missing/, 2],
      [["call", "reverse_tool", "querry=x"], /"querry" is unknown\. Did you mean "query"\?/, 2],
      [["call", "reverse_tool", "query"], /key=value/, 2],
      [["call", "random_number_tool", "min=one", "max=2"], /"min" takes a whole number, not "one"/, 2],
      [["call", "random_number_tool", "min=1.5", "max=2"], /"min" takes a whole number/, 2],
      [["call", "random_number_tool", "min=1", "min=2"], /"min" is given twice/, 2],
      [["call", "random_number_tool", "min:=x", "max=2"], /"min" takes JSON/, 2],
    ];
    for (const [args, message, exitCode] of rows) {
      const finished = await runProgram("mcp-client", { args: ["--url", url, "-n", ...args] });
      expect(finished.stderr).toMatch(message);
      expect(finished.exitCode).toBe(exitCode);
      expectPlainError(finished.stderr);
    }
    const failed = await runProgram("mcp-client", {
      args: ["--url", url, "-n", "call", "random_number_tool", "min=2", "max=1"],
    });
    expect(failed.exitCode).toBe(5);
    const json = await runProgram("mcp-client", {
      args: ["--url", url, "-n", "call", "random_number_tool", "min=2", "max=1", "--json"],
    });
    expect(JSON.parse(json.stdout)).toMatchObject({ isError: true });
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: "tool_failed" } });
    expect(failed.stdout).toContain("min must not be greater than max");
  });

  test.each([
    ["HTML", () => new Response("<html>hello</html>", { headers: { "content-type": "text/html" } })],
    ["404", () => new Response("nothing here", { status: 404 })],
    ["JSON that is no JSON-RPC", () => Response.json({ hello: "world" })],
  ])("an address that is not MCP: %s", async (_, respond) => {
    const web = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: respond });
    const finished = await runProgram("mcp-client", {
      args: ["-n", "--url", `http://127.0.0.1:${web.port}/`],
    });
    await web.stop(true);
    expect(finished.exitCode).toBe(6);
    expectPlainError(finished.stderr);
  });

  test("a server that stops in mid-call", async () => {
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "60"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    await using client = startProgram("mcp-client", {
      args: ["--url", url, "-n", "call", "reverse_tool", "query=ab"],
    });
    await client.waitForStderr(/reverse_tool 0\/5/);
    server.kill("SIGKILL");
    const { exitCode, stderr, stdout } = await client.finished;
    expect(exitCode).toBe(4);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/may have run/);
  });
});

describe("the token cache", () => {
  test("garbage is set aside and nothing is lost", async () => {
    await using server = await startDevServer();
    const folder = createFolder();
    writeFileSync(join(folder, ".token_cache.json"), "{ not json", { mode: 0o600 });
    const { exitCode } = await signIn(server, folder);
    expect(exitCode).toBe(0);
    const aside = [...new Bun.Glob(".token_cache.json.*").scanSync({ cwd: folder, dot: true })];
    expect(aside.map((name) => readFileSync(join(folder, name), "utf8"))).toEqual(["{ not json"]);
  });

  test.each([
    ["a folder", (path: string) => mkdirSync(path)],
    ["a link", (path: string) => symlinkSync("/etc/hostname", path)],
  ])("%s in its place is refused before anybody types a code", async (_, create) => {
    await using server = await startDevServer();
    const folder = createFolder();
    create(join(folder, ".token_cache.json"));
    const { exitCode, screen } = await startInTerminal("mcp-client", {
      args: ["--url", server.url, "login"],
      folder,
    }).finished;
    expect(exitCode).toBe(2);
    expect(screen).toContain("--token-cache");
    expect(screen).not.toContain("Address");
  });

  test("a folder that does not exist is named", async () => {
    await using server = await startDevServer();
    const args = ["--url", server.url, "login", "--token-cache", "/proc/nowhere/cache.json"];
    const { exitCode, screen } = await startInTerminal("mcp-client", { args }).finished;
    expect(exitCode).toBe(2);
    expect(screen).toContain("--token-cache");
  });
});

describe("a hostile ./.env", () => {
  const hostile = (url: string) =>
    [
      `MCP_SERVER_URL=${url}`,
      "ENTRA_TENANT_ID=11111111-2222-3333-4444-555555555555",
      "ENTRA_CLIENT_ID=11111111-2222-3333-4444-555555555555",
      "ENTRA_API_SCOPE=api://11111111-2222-3333-4444-555555555555/execute",
      "MCP_TOKEN_CACHE=/tmp/stolen.json",
      "NODE_TLS_REJECT_UNAUTHORIZED=0",
      "HTTPS_PROXY=http://127.0.0.1:9",
      "HTTP_PROXY=http://127.0.0.1:9",
    ].join("\n");

  test("sends no token anywhere without a question", async () => {
    let asked = 0;
    const evil = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch() {
        asked++;
        return new Response("", { status: 401 });
      },
    });
    const folder = createFolder();
    writeFileSync(join(folder, ".env"), hostile(`http://127.0.0.1:${evil.port}/mcp`));
    const { exitCode, stderr } = await runProgram("mcp-client", { args: ["tools"], folder });
    await evil.stop(true);
    expect(exitCode).toBe(3);
    expectPlainError(stderr);
    expect(asked).toBe(0);
    expect(existsSync("/tmp/stolen.json")).toBe(false);
  });

  // The address is one of RFC 5737's for documentation: nothing must be sent to it.
  test.each([
    ["mcp-client", ["-n", "tools"]],
    ["mcp-agent", ["-n", "--model", "scripted", "-p", "x"]],
  ] as const)("does not send %s to a server of its own, also without tokens", async (name, args) => {
    const folder = createFolder();
    writeFileSync(join(folder, ".env"), "MCP_SERVER_URL=https://192.0.2.1/mcp\n");
    const { exitCode, stderr } = await runProgram(name, { args: [...args], folder });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("was not confirmed as the server's address");
  });

  test("and its preload file do not run", async () => {
    const folder = createFolder();
    writeFileSync(join(folder, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
    writeFileSync(join(folder, "evil.ts"), 'require("node:fs").writeFileSync("pwned", "");\n');
    writeFileSync(join(folder, ".env"), "BUN_OPTIONS=--preload ./evil.ts\nHTTP_PROXY=http://127.0.0.1:9\n");
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "0"],
      folder,
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const { exitCode } = await runProgram("mcp-client", { args: ["--url", url, "-n"], folder });
    expect(exitCode).toBe(0);
    expect(existsSync(join(folder, "pwned"))).toBe(false);
  });
});

describe("what a person sees while signing in", () => {
  test("a sign-in service that is busy or gone is named", async () => {
    await using server = await startDevServer();
    await server.setFaults({ slowDownPolls: 1 });
    await using client = startInTerminal("mcp-client", { args: ["--url", server.url, "login"] });
    await client.waitFor(/wants to be asked less often; trying again in \d+ s\./);
    server.program.kill("SIGKILL");
    await client.waitFor(/does not answer; trying again in \d+ s\./);
    client.type("\u0003");
    expect((await client.finished).exitCode).toBe(130);
  }, 30_000);

  test("who forgets /mcp is told the address", async () => {
    await using server = await startDevServer();
    const { exitCode, stderr } = await runProgram("mcp-client", {
      args: ["--url", server.url.replace("/mcp", "/"), "tools"],
    });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`Did you mean --url ${server.url}?`);
  });

  test("a server that is not there is said so, also where a sign-in would come first", async () => {
    const { exitCode, stderr } = await runProgram("mcp-client", {
      args: ["--url", "http://127.0.0.1:1/mcp", "tools"],
    });
    expect(exitCode).toBe(4);
    expect(stderr).toContain("connection refused");
    expect(stderr).toContain("Is the server running");
  });
});
