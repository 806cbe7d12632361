import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startFakeIssuer } from "../auth-client-oauth/fake-issuer.ts";
import {
  createFolder,
  type ProgramOptions,
  runProgram,
  startInTerminal,
  startProgram,
} from "../harness/program.ts";
import { echo, startSdkServer, type TestTool } from "../transport-client/sdk-server.ts";

const failing: TestTool = {
  name: "failing",
  run: async () => ({ content: [{ type: "text", text: "no luck" }], isError: true }),
};

function exercise(url: string, args: readonly string[], options: ProgramOptions = {}) {
  return runProgram("mcp-client", { args: ["exercise", ...args, "--url", url], ...options });
}

describe("mcp-client exercise", () => {
  test("tests our own server, with progress on standard error and the table on standard output", async () => {
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "0.2"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const { exitCode, stdout, stderr } = await exercise(url, ["--no-auth", "--all"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("tool reverse_tool: ok\n");
    expect(stdout).toMatch(/^tool {6}random_number_tool +ok +1 content$/m);
    expect(stdout).toEndWith("6 ok, 0 failed, 0 skipped\n");
  });

  test("prints one JSON document, and nothing else, with --json", async () => {
    await using server = startSdkServer({ tools: [echo] });
    const { exitCode, stdout, stderr } = await exercise(server.url, ["--auth", "none", "--all", "--json"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      server: { name: "test", version: "1.2.3" },
      protocolVersion: "2026-07-28",
      steps: [{ kind: "list" }, { kind: "tool", name: "echo", outcome: "ok" }, {}, {}, {}],
    });
  });

  test("ends with 5 when a tool reports an error, after the table", async () => {
    await using server = startSdkServer({ tools: [echo, failing] });
    const { exitCode, stdout, stderr } = await exercise(server.url, ["-n", "--all"]);
    expect(exitCode).toBe(5);
    expect(stdout).toMatch(/^tool {6}failing +tool_error +no luck$/m);
    expect(stderr).toEndWith("mcp-client: 1 tool reported an error.\n");
  });

  test.each(["modern", "legacy"] as const)(
    "lets a tool go on that reports longer than --timeout, in the %s era",
    async (eras) => {
      const lively: TestTool = {
        name: "lively",
        async run(_, { report }) {
          for (let step = 1; step <= 8; step++) {
            await report(step, 8);
            await Bun.sleep(250);
          }
          return { content: [{ type: "text", text: "done" }] };
        },
      };
      await using server = startSdkServer({ tools: [lively], eras });
      const { exitCode, stdout } = await exercise(server.url, ["-n", "--all", "--timeout", "1"]);
      expect(stdout).toMatch(/^tool {6}lively +ok +1 content$/m);
      expect(exitCode).toBe(0);
    },
  );

  test("on a terminal shows what runs in one row, each step once, and the cursor again at the end", async () => {
    await using server = startSdkServer({ tools: [echo, failing] });
    const args = ["exercise", "-n", "--all", "--url", server.url];
    const { exitCode, screen } = await startInTerminal("mcp-client", { args }).finished;
    expect(exitCode).toBe(5);
    expect(screen).toContain("tool echo ...");
    expect(screen).not.toContain("tool echo: ok");
    expect(screen.match(/tool {6}echo +ok/g)).toHaveLength(1);
    expect(screen.lastIndexOf("\u001B[?25h")).toBeGreaterThan(screen.lastIndexOf("\u001B[?25l"));
    const quiet = await startInTerminal("mcp-client", { args: [...args, "--json"] }).finished;
    expect(quiet.screen).not.toContain("...");
  });

  test("on a terminal shows after Ctrl-C what was done until then", async () => {
    const silent: TestTool = { name: "silent", run: () => new Promise(() => {}) };
    await using server = startSdkServer({ tools: [echo, silent] });
    const args = ["exercise", "-n", "--all", "--url", server.url];
    await using client = startInTerminal("mcp-client", { args });
    await client.waitFor(/tool silent \.\.\./);
    client.type("\u0003");
    const { exitCode, screen } = await client.finished;
    expect(exitCode).toBe(130);
    expect(Bun.stripANSI(screen)).toMatch(/list tools: ok\r\ntool echo: ok\r\n/);
  });

  test.each([
    ["a file that is not there", undefined],
    ["a file without a list", "{}"],
    ["a call without a name", '[{"arguments": {}}]'],
  ])("refuses %s for --calls before it connects", async (_, text) => {
    const path = join(createFolder(), "calls.json");
    if (text !== undefined) writeFileSync(path, text);
    const { exitCode, stderr } = await exercise("http://127.0.0.1:1/mcp", ["-n", "--calls", path]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('[{"name": "TOOL", "arguments": {"key": "value"}}]');
  });

  test("declares roots, sampling and elicitation, and no other command does", async () => {
    for (const eras of ["modern", "legacy"] as const) {
      const declared: unknown[] = [];
      await using server = startSdkServer({
        tools: [echo],
        eras,
        intercept(_, body) {
          const { method, params } = body === "" ? {} : JSON.parse(body);
          if (method === "initialize") declared.push(params.capabilities);
          const meta = params?._meta?.["io.modelcontextprotocol/clientCapabilities"];
          if (eras === "modern" && method === "tools/list") declared.push(meta);
          return undefined;
        },
      });
      await exercise(server.url, ["-n"]);
      await runProgram("mcp-client", { args: ["-n", "--url", server.url, "tools"] });
      expect(declared).toEqual([
        { roots: {}, sampling: {}, elicitation: { form: { applyDefaults: true } } },
        {},
      ]);
    }
  });
});

/** An MCP server that wants a token of an issuer, both on one origin. */
function startProtected() {
  const issuer = startFakeIssuer();
  const server = startSdkServer({
    tools: [echo],
    intercept: (request) => {
      const authorization = request.headers.get("authorization") ?? "";
      return /^Bearer access-\d+$/.test(authorization) ? undefined : issuer.challenge("mcp");
    },
  });
  const forward = async (request: Request) => fetch(server.url, new Request(request));
  issuer.options.paths = { "/mcp": forward };
  const disposeAll = async () => {
    await server[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  };
  return { issuer, url: issuer.url, [Symbol.asyncDispose]: disposeAll };
}

/** A home folder with a program that does what a browser does. */
function createPerson() {
  const folder = createFolder();
  const browser = join(folder, "browser");
  const script = join(import.meta.dir, "../conformance/client-browser.ts");
  writeFileSync(browser, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$1"\n`);
  chmodSync(browser, 0o700);
  const env = { XDG_CONFIG_HOME: join(folder, "config") };
  return {
    env,
    withBrowser: { ...env, BROWSER: browser },
    store: join(folder, "config/mcp-entra/oauth-tokens.json"),
  };
}

describe("--auth oauth", () => {
  test("fails fast with 3 where there is neither a terminal nor a browser", async () => {
    await using server = startProtected();
    const { env } = createPerson();
    for (const command of ["exercise", "login", "tools", "run"]) {
      const args = [command, "--auth", "oauth", "--url", server.url];
      const { exitCode, stderr } = await runProgram("mcp-client", { args, env });
      expect([command, exitCode]).toEqual([command, 3]);
      expect(stderr).toContain("needs a browser and a person");
    }
    expect(server.issuer.count("/register")).toBe(0);
  });

  test("signs in with $BROWSER, says who, uses it without a browser, and forgets it", async () => {
    await using server = startProtected();
    const { env, withBrowser, store } = createPerson();
    const run = (args: readonly string[], environment: Record<string, string>) =>
      runProgram("mcp-client", { args: [...args, "--auth", "oauth", "--url", server.url], env: environment });
    const signedIn = await run(["login"], withBrowser);
    expect(signedIn.exitCode).toBe(0);
    expect(signedIn.stderr).toEndWith(`Signed in with ${server.issuer.issuer}.\n`);
    const who = await run(["whoami", "--json"], env);
    expect(JSON.parse(who.stdout)).toMatchObject({
      issuer: server.issuer.issuer,
      scopes: ["mcp"],
      canRenew: true,
    });
    const called = await run(["call", "echo"], env);
    expect(called.exitCode).toBe(0);
    expect(await run(["logout"], env)).toMatchObject({
      exitCode: 0,
      stderr: `Signed out: the tokens for ${server.url} are gone.\n`,
    });
    expect((await run(["whoami"], env)).exitCode).toBe(3);
    expect((await run(["call", "echo"], withBrowser)).exitCode).toBe(3);
    expect(readFileSync(store, "utf8")).not.toContain("access-");
    for (const { stdout, stderr } of [signedIn, who, called])
      expect(stdout + stderr).not.toMatch(/(access|refresh|code)-\d/);
  });

  test("on a terminal shows the address, and goes on when somebody has been there", async () => {
    await using server = startProtected();
    const args = ["login", "--auth", "oauth", "--url", server.url];
    await using client = startInTerminal("mcp-client", { args, columns: 500 });
    const [address = ""] = await client.waitFor(/http:\S+\/authorize\?\S+/);
    expect((await fetch(address)).status).toBe(200);
    const { exitCode, screen } = await client.finished;
    expect(exitCode).toBe(0);
    expect(screen).toContain(`Signed in with ${server.issuer.issuer}.`);
  });

  test("ends with 130 on Ctrl-C while it waits for the browser, and keeps nothing", async () => {
    await using server = startProtected();
    const { env, store } = createPerson();
    const args = ["--auth", "oauth", "--url", server.url];
    await using client = startInTerminal("mcp-client", { args, env, columns: 500 });
    await client.waitFor(/http:\S+\/authorize\?\S+/);
    client.type("\u0003");
    expect((await client.finished).exitCode).toBe(130);
    expect(readFileSync(store, "utf8")).not.toContain("accessToken");
  });

  test.each([
    ["--no-auth with --auth oauth", ["--no-auth", "--auth", "oauth"], {}],
    ["a secret without an issuer", ["--auth", "oauth", "--client-id", "x"], { MCP_CLIENT_SECRET: "hush" }],
    [
      "a secret without a client id",
      ["--auth", "oauth", "--issuer", "https://as.example"],
      { MCP_CLIENT_SECRET: "hush" },
    ],
    ["a client id for Entra that is no GUID", ["--client-id", "x"], {}],
    ["a secret in argv", ["--auth", "oauth", "--client-secret", "hush"], {}],
    ["plain http beyond this machine", ["--auth", "oauth", "--url", "http://mcp.example.com/mcp"], {}],
  ])("refuses %s", async (_, args, env) => {
    const url = args.includes("--url") ? [] : ["--url", "http://127.0.0.1:1/mcp"];
    const { exitCode, stderr } = await runProgram("mcp-client", { args: ["tools", ...args, ...url], env });
    expect(exitCode).toBe(args.includes("--url") ? 3 : 2);
    expect(stderr).not.toContain("hush.");
  });

  test("does not take Entra's registration from the environment to another issuer", async () => {
    await using server = startProtected();
    const { withBrowser } = createPerson();
    const env = {
      ...withBrowser,
      ENTRA_CLIENT_ID: "11111111-2222-3333-4444-555555555555",
      ENTRA_API_SCOPE: "api://x/execute",
    };
    const args = ["login", "--auth", "oauth", "--url", server.url];
    expect((await runProgram("mcp-client", { args, env })).exitCode).toBe(0);
    const asked = server.issuer.paramsOf("/authorize");
    expect([asked.get("client_id"), asked.get("scope")]).toEqual([
      expect.stringMatching(/^client-\d+$/),
      "mcp",
    ]);
  });
});
