import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { type DevServer, startDevServer } from "../harness/dev-server.ts";
import { decideOnPage } from "../harness/person.ts";
import { createFolder, runProgram, startInTerminal, startProgram } from "../harness/program.ts";
import { recordText } from "../harness/recorder.ts";

const binary = resolve(import.meta.dir, "../../dist/mcp-client");
const initialize = `${JSON.stringify({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
})}\n`;

async function startSignedIn(args: readonly string[] = []) {
  const server = await startDevServer({ args });
  const folder = createFolder();
  const login = startInTerminal("mcp-client", { args: ["--url", server.url, "login"], folder });
  const [, page = ""] = await login.waitFor(/Address\s+(http\S+)/);
  const [, code = ""] = await login.waitFor(/Code\s+(\S+)\s/);
  await decideOnPage(page, code, {});
  await login.finished;
  return { server, folder, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

type Kind = "v1" | "v2 legacy" | "v2 auto" | "v2 2026-07-28";
const kinds: readonly Kind[] = ["v1", "v2 legacy", "v2 auto", "v2 2026-07-28"];

interface HostOptions {
  readonly folder: string;
  readonly args: readonly string[];
}

/** One of the SDKs' clients, which starts the compiled bridge as its server. */
async function startHost(kind: Kind, { folder, args }: HostOptions) {
  const home = createFolder();
  const parameters = {
    command: binary,
    args: ["bridge", ...args],
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, XDG_CONFIG_HOME: home },
    stderr: "pipe" as const,
  };
  const info = { name: "host", version: "1" };
  const mode = kind === "v2 auto" ? "auto" : kind === "v2 legacy" ? "legacy" : { pin: "2026-07-28" };
  const isOld = kind === "v1";
  const transport = isOld ? new LegacyTransport(parameters) : new ModernTransport(parameters);
  const client = (isOld
    ? new LegacyClient(info)
    : new ModernClient(info, { versionNegotiation: { mode } })) as unknown as ModernClient;
  transport.stderr?.on("data", (chunk: Buffer) => recordText("mcp-client bridge", chunk.toString("utf8")));
  await client.connect(transport as ModernTransport);
  return {
    client,
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    async reverse(query: string, options: { onprogress?: () => void; signal?: AbortSignal } = {}) {
      const request = { name: "reverse_tool", arguments: { query } };
      const result = isOld
        ? await (client as unknown as LegacyClient).callTool(request, undefined, options)
        : await client.callTool(request, options);
      return (result.structuredContent as { reversed_query: string }).reversed_query;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Puts a token into the cache that looks good and has expired, as if the hour had gone by. */
async function plantExpiredToken(server: DevServer, folder: string): Promise<void> {
  const path = join(folder, ".token_cache.json");
  const expired = await server.mintToken({ lifetimeSeconds: -600 });
  const cache = JSON.parse(readFileSync(path, "utf8"));
  for (const entry of Object.values<Record<string, string>>(cache.AccessToken)) entry["secret"] = expired;
  writeFileSync(path, JSON.stringify(cache));
}

describe.each(kinds)("the bridge under the SDK's stdio client %s", (kind) => {
  test("lists, calls with progress, and renews a token that expires in the middle", async () => {
    await using session = await startSignedIn();
    const { server, folder } = session;
    await using host = await startHost(kind, { folder, args: ["--url", server.url] });
    expect(await host.listTools()).toEqual(["reverse_tool", "random_number_tool"]);
    let steps = 0;
    expect(await host.reverse("abc", { onprogress: () => void steps++ })).toBe("cba");
    expect(steps).toBeGreaterThanOrEqual(5);
    await plantExpiredToken(server, folder);
    expect(await Promise.all([host.reverse("one"), host.reverse("two")])).toEqual(["eno", "owt"]);
    expect(await server.readCounts()).toMatchObject({ token: { refresh_token: { ok: 1 } } });
  });

  test("cancels a call at the server", async () => {
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "60"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    await using host = await startHost(kind, { folder: createFolder(), args: ["--url", url, "-n"] });
    const giveUp = new AbortController();
    const started = Promise.withResolvers<void>();
    const call = host.reverse("abc", { signal: giveUp.signal, onprogress: () => started.resolve() });
    await started.promise;
    giveUp.abort();
    await expect(call).rejects.toThrow();
    await host.listTools();
    // A call that was still running would hold the server for 10 s.
    server.kill("SIGTERM");
    expect((await server.finished).stderr).not.toContain("cut off");
  });
});

describe("without a sign-in", () => {
  test("the host's handshake is told what to do, and the exit code is 3", async () => {
    await using server = await startDevServer();
    const { exitCode, stdout, stderr } = await runProgram("mcp-client", {
      args: ["bridge", "--url", server.url],
      stdin: initialize,
    });
    expect(exitCode).toBe(3);
    const lines = stdout.trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      id: 0,
      error: { message: expect.stringContaining("mcp-client login"), data: { code: "sign_in_required" } },
    });
    expect(stderr).toStartWith("mcp-client: You are not signed in.");
  });

  test("a host of either SDK shows it", async () => {
    await using server = await startDevServer();
    for (const kind of kinds) {
      const options = { folder: createFolder(), args: ["--url", server.url] };
      await expect(startHost(kind, options)).rejects.toThrow(/not signed in|did not offer/);
    }
  });

  test("of --auth oauth, too, the exit code is 3", async () => {
    await using server = await startDevServer();
    const { exitCode, stdout } = await runProgram("mcp-client", {
      args: ["bridge", "--auth", "oauth", "--url", server.url],
      stdin: initialize,
    });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ id: 0, error: { data: { code: "sign_in_required" } } });
  });

  test.each(["token", "headers"])("%s prints nothing and exits with 3", async (command) => {
    await using server = await startDevServer();
    const { exitCode, stdout, stderr } = await runProgram("mcp-client", {
      args: [command, "--url", server.url],
    });
    expect([exitCode, stdout]).toEqual([3, ""]);
    expect(stderr).toContain("mcp-client login");
  });
});

describe("the end", () => {
  test("of standard input ends the bridge with 0 and its session at the server", async () => {
    await using server = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"] });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const list = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" })}\n`;
    const initialized = `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`;
    const { exitCode, stdout, stderr } = await runProgram("mcp-client", {
      args: ["bridge", "--url", url, "-n"],
      stdin: `garbage\n${initialize}${initialized}${list}`,
    });
    expect(exitCode).toBe(0);
    for (const line of stdout.trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
    expect(stdout).toContain("-32700");
    expect(stderr).not.toContain("    at ");
  });

  test("SIGTERM ends it with 0", async () => {
    await using server = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"] });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const child = Bun.spawn([binary, "bridge", "--url", url, "-n"], {
      cwd: createFolder(),
      env: { PATH: process.env["PATH"] ?? "", HOME: createFolder() },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "ignore",
    });
    child.stdin.write(initialize);
    await child.stdin.flush();
    const reader = child.stdout.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain("protocolVersion");
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  });
});

describe("credentials for others", () => {
  test("token and headers print what the server takes, and nothing else", async () => {
    await using session = await startSignedIn();
    const { server, folder } = session;
    const run = async (args: readonly string[]) => {
      const child = Bun.spawn([binary, ...args, "--url", server.url], {
        cwd: folder,
        env: { PATH: process.env["PATH"] ?? "", HOME: createFolder() },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      // Not recorded: these two commands are the exceptions that may print a token.
      const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      expect([await child.exited, stderr]).toEqual([0, ""]);
      return stdout;
    };
    const token = (await run(["token"])).trim();
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(JSON.parse(await run(["headers"]))).toEqual({ Authorization: `Bearer ${token}` });
    expect(JSON.parse(await run(["token", "--json"]))).toEqual({
      accessToken: token,
      tokenType: "Bearer",
      expiresAtSeconds: expect.any(Number),
      expiresOn: expect.stringMatching(/^20\d\d-/),
      scopes: [expect.stringMatching(/^api:.*\/execute$/)],
    });
    const command = `"${binary}" token --url ${server.url} --token-cache "${join(folder, ".token_cache.json")}"`;
    const tools = await runProgram("mcp-client", {
      args: ["tools", "--url", server.url, "--token-command", command],
    });
    expect([tools.exitCode, tools.stderr]).toEqual([0, ""]);
    expect(tools.stdout).toContain("reverse_tool");
    const path = join(createFolder(), "headers");
    writeFileSync(path, "Authorization: Bearer ${TOKEN}\n", { mode: 0o600 });
    const byFile = ["tools", "--url", server.url, "--header-file", path];
    const listed = await runProgram("mcp-client", { args: byFile, env: { TOKEN: token } });
    expect([listed.exitCode, listed.stderr]).toEqual([0, ""]);
    const bad = await runProgram("mcp-client", { args: byFile, env: { TOKEN: "bad" } });
    expect([bad.exitCode, bad.stderr]).toEqual([3, expect.stringContaining("--header-file")]);
  });

  const url = ["--url", "http://127.0.0.1:1/mcp"];
  test.each([
    ["two of them", ["--token-command", "x", "--header-file", "y", ...url], {}, /contradict/, 2],
    ["one and a sign-in", ["--token-command", "x", "--auth", "entra", ...url], {}, /contradict/, 2],
    ["one and none", ["--header-file", "x", "-n", ...url], {}, /contradict/, 2],
    ["Authorization as a flag", ["--header", "Authorization: Bearer x", ...url], {}, /does not take/, 2],
    ["a variable that is not set", ["-n", "--header", "X: ${NOWHERE}", ...url], {}, /NOWHERE/, 2],
    [
      "a command of the environment for an address on the command line",
      url,
      { MCP_TOKEN_COMMAND: "x" },
      /was not configured for/,
      3,
    ],
    [
      "a file of the environment for an address on the command line",
      url,
      { MCP_HEADER_FILE: "x" },
      /was not configured for/,
      3,
    ],
    [
      "plain http beyond this machine",
      ["--token-command", "echo x", "--url", "http://mcp.example.com/mcp"],
      {},
      /plain http/,
      3,
    ],
    [
      "a header from a variable over plain http",
      ["-n", "--header", "X: ${KEY}", "--url", "http://mcp.example.com/mcp"],
      { KEY: "s3cret" },
      /plain http/,
      3,
    ],
    [
      "a file of headers over plain http",
      ["--header-file", "x", "--url", "http://mcp.example.com/mcp"],
      {},
      /plain http/,
      3,
    ],
    ["a file that is missing", ["--header-file", "nowhere", ...url], {}, /does not exist/, 2],
    ["a command that fails", ["--token-command", "false", ...url], {}, /exit code 1/, 3],
  ])("%s: refused", async (_, args, env, message, exitCode) => {
    const finished = await runProgram("mcp-client", { args: ["tools", ...args], env });
    expect(finished.stderr).toMatch(message);
    expect([finished.exitCode, finished.stdout]).toEqual([exitCode, ""]);
  });

  test("a file of headers that others may read is refused", async () => {
    const path = join(createFolder(), "headers");
    writeFileSync(path, "Authorization: Bearer s3cret\n", { mode: 0o644 });
    const finished = await runProgram("mcp-client", { args: ["tools", "--header-file", path, ...url] });
    expect([finished.exitCode, finished.stderr]).toEqual([2, expect.stringContaining("open to other users")]);
    expect(finished.stderr).not.toContain("s3cret");
  });
});
