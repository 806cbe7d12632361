import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { clientHosts } from "../../lib/config/client-hosts.ts";
import { type DevServer, startDevServer } from "../harness/dev-server.ts";
import { createFolder, runProgram } from "../harness/program.ts";

const program = resolve(import.meta.dir, "../../dist/mcp-client");
const url = "https://mcp.contoso.com/mcp";

interface Entry {
  readonly type?: string;
  readonly url?: string;
  readonly command?: string;
  readonly args?: readonly string[];
}
interface Snippet {
  readonly servers?: Readonly<Record<string, Entry>>;
  readonly mcpServers?: Readonly<Record<string, Entry>>;
}
interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

async function configFor(words: readonly string[], { env = {}, folder = createFolder() }: Options = {}) {
  const { exitCode, stdout, stderr } = await runProgram("mcp-client", {
    args: ["config", "for", ...words],
    env,
    folder,
  });
  const snippet = (stdout === "" ? {} : JSON.parse(stdout)) as Snippet;
  const [name, entry] = Object.entries(snippet.servers ?? snippet.mcpServers ?? {})[0] ?? [];
  return { exitCode, stdout, stderr, snippet, name, entry, folder };
}

describe("config for", () => {
  test("vscode names the address alone, where VS Code can sign in by itself", async () => {
    const { exitCode, snippet, stderr } = await configFor(["vscode", "--url", url]);
    expect([exitCode, snippet]).toEqual([0, { servers: { mcp: { type: "http", url } } }]);
    expect(stderr).toMatch(/^For \.vscode\/mcp\.json/);
    expect(stderr).toContain("mcp-server setup entra");
  });

  test("vscode goes through the bridge where it cannot", async () => {
    for (const args of [
      ["--url", "http://localhost:8000/mcp"],
      ["--url", url, "--token-command", "print-token"],
    ]) {
      const { entry } = await configFor(["vscode", ...args]);
      expect([entry?.type, entry?.command, entry?.args?.[0]]).toEqual(["stdio", program, "bridge"]);
    }
    expect((await configFor(["vscode-bridge", "--url", url])).entry?.command).toBe(program);
    const open = await configFor(["vscode", "--url", "http://localhost:8000/mcp", "--no-auth"]);
    expect(open.entry).toEqual({ type: "http", url: "http://localhost:8000/mcp" });
  });

  test.each(["claude", "cursor", "inspector"])(
    "%s carries every setting, with absolute paths",
    async (host) => {
      const env = { ENTRA_TENANT_ID: "contoso.com", MCP_ACCOUNT: "ada@contoso.com", MCP_CA_CERT: "" };
      const args = [
        "--url",
        url,
        "--scope",
        "api://x/execute",
        "--timeout",
        "5",
        "--header",
        "X-A:1",
        "--header",
        "X-B:2",
      ];
      const { exitCode, name, entry, folder, stderr } = await configFor([host, ...args], { env });
      expect([exitCode, name, entry?.command, entry?.type]).toEqual([0, "mcp", program, undefined]);
      const words = entry?.args?.join(" ") ?? "";
      expect(words).toStartWith(`bridge --url ${url} `);
      for (const part of [
        "--tenant-id contoso.com",
        "--account ada@contoso.com",
        "--scope api://x/execute",
        "--timeout 5",
        "--header X-A:1 --header X-B:2",
        `--token-cache ${join(folder, ".token_cache.json")}`,
      ]) {
        expect(words).toContain(part);
      }
      expect(stderr).toContain(`mcp-client login --url ${url}`);
      expect(stderr).not.toContain("--header");
    },
  );

  test("prints no secret, and says so", async () => {
    const env = { ENTRA_CLIENT_SECRET: "do-not-show", ENTRA_CLIENT_ID: crypto.randomUUID() };
    const { stdout, stderr } = await configFor(["claude", "--url", url], { env });
    expect(stdout + stderr).not.toContain("do-not-show");
    expect(stderr).toMatch(/secret: ENTRA_CLIENT_SECRET.*--client-secret-file/);
  });

  test("carries nothing but the address from a ./.env that nobody named", async () => {
    const folder = createFolder();
    writeFileSync(join(folder, ".env"), `MCP_SERVER_URL=${url}\nENTRA_API_SCOPE=api://theirs/execute\n`);
    const unnamed = await configFor(["cursor"], { folder });
    expect([unnamed.entry?.args?.[2], unnamed.stdout.includes("theirs")]).toEqual([url, false]);
    expect(unnamed.stderr).toContain(`The address is from MCP_SERVER_URL in ./.env, which nobody named`);
    expect(unnamed.stderr).toMatch(/Left out.*ENTRA_API_SCOPE/);
    const named = await configFor(["cursor", "--env-file", ".env"], { folder });
    expect(named.entry?.args?.join(" ")).toContain("--scope api://theirs/execute");
  });

  test("prints a command to sign in of which a shell runs no part", async () => {
    const folder = createFolder();
    const hostile = "https://mcp.contoso.com/$(touch${IFS}pwned)`touch${IFS}pwned`'";
    writeFileSync(join(folder, ".env"), `MCP_SERVER_URL=${hostile}\n`);
    const { stderr } = await configFor(["claude"], { folder });
    const [line = ""] = /mcp-client login .*/.exec(stderr) ?? [];
    const script = line.replace("mcp-client ", "printf '%s\\n' ");
    const shell = Bun.spawn(["sh", "-c", script], { cwd: folder, stdout: "pipe" });
    expect((await new Response(shell.stdout).text()).split("\n").slice(0, 3)).toEqual([
      "login",
      "--url",
      hostile,
    ]);
    expect(await Bun.file(join(folder, "pwned")).exists()).toBe(false);
  });

  test("takes the variables of another issuer with --auth oauth, and none of Entra's", async () => {
    const env = { MCP_CLIENT_ID: "one", ENTRA_CLIENT_ID: crypto.randomUUID() };
    const { entry } = await configFor(["claude", "--url", url, "--auth", "oauth"], { env });
    const words = entry?.args?.join(" ") ?? "";
    expect(words).toContain("--auth oauth --client-id one");
    expect(words).not.toContain(env.ENTRA_CLIENT_ID);
    expect(words).not.toContain("--token-cache");
  });

  test("vscode names the registered client of another issuer", async () => {
    const { entry } = await configFor(["vscode", "--url", url, "--auth", "oauth", "--client-id", "one"]);
    expect(entry).toEqual({ type: "http", url, oauth: { clientId: "one" } } as object);
  });

  test("gives one document with --json", async () => {
    const args = ["config", "for", "claude", "tools.v2", "--json", "--url", url];
    const { stdout, stderr } = await runProgram("mcp-client", { args });
    const document = JSON.parse(stdout) as {
      host: string;
      place: string;
      snippet: Snippet;
      remarks: string[];
    };
    expect([document.host, Object.keys(document.snippet.mcpServers ?? {}), stderr]).toEqual([
      "claude",
      ["tools.v2"],
      "",
    ]);
  });

  test.each<[readonly string[], RegExp]>([
    [[], /needs a host/],
    [["vscod"], /Did you mean "vscode"/],
    [["claude", "a b"], /NAME takes/],
    [["claude", "a", "b"], /too much/],
    [["claude", "--server", "x"], /--url, not --server/],
  ])("refuses %p", async (words, says) => {
    const { exitCode, stderr, stdout } = await configFor(words);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(says);
  });
});

describe("what config for prints", () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await startDevServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each(clientHosts.filter((host) => host !== "vscode"))(
    "for %s starts a bridge that works, from another folder",
    async (host) => {
      const file = join(createFolder(), "token");
      writeFileSync(file, await server.mintToken(), { mode: 0o600 });
      const { entry } = await configFor([host, "--url", server.url, "--token-command", `cat ${file}`]);
      const args = ["tools", "--json", "--", entry?.command ?? "", ...(entry?.args ?? [])];
      const { exitCode, stdout } = await runProgram("mcp-client", { args });
      expect([exitCode, stdout.includes("reverse_tool")]).toEqual([0, true]);
    },
  );
});
