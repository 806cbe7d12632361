import { describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEnvFile } from "../../lib/config/env-file.ts";
import { agentProgram } from "../../lib/config/mcp-agent.ts";
import { clientProgram } from "../../lib/config/mcp-client.ts";
import { serverProgram } from "../../lib/config/mcp-server.ts";
import type { Option } from "../../lib/config/option.ts";
import { parseArgv } from "../../lib/config/parse-argv.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";

const guid = "11111111-2222-3333-4444-555555555555";
const other = "99999999-2222-3333-4444-555555555555";

function createFolder(envFile?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "mcp-entra-config-"));
  if (envFile !== undefined) writeFileSync(join(folder, ".env"), envFile);
  return folder;
}

function resolveClient(sources: {
  argv?: string[];
  env?: Record<string, string>;
  envFile?: string;
  named?: boolean;
}) {
  const folder = createFolder(sources.envFile);
  const { flags } = parseArgv(clientProgram, sources.argv ?? []);
  const envFile = readEnvFile(sources.named ? ".env" : undefined, folder);
  return resolveSettings(clientProgram.options, { flags, environment: sources.env ?? {}, envFile });
}

describe("a setting", () => {
  const flag = ["--client-id", guid];
  const fromEnvironment = { ENTRA_CLIENT_ID: other };
  const envFile = `ENTRA_CLIENT_ID=${guid}\n`;

  test.each([
    ["flag over environment", { argv: flag, env: fromEnvironment, envFile }, guid, "flag", "--client-id"],
    ["environment over file", { env: fromEnvironment, envFile }, other, "environment", "ENTRA_CLIENT_ID"],
    [
      "environment over a named file",
      { env: fromEnvironment, envFile, named: true },
      other,
      "environment",
      "ENTRA_CLIENT_ID",
    ],
    ["a named file", { envFile, named: true }, guid, "env-file", "ENTRA_CLIENT_ID in .env"],
    ["a file of the folder", { envFile }, guid, "folder", "ENTRA_CLIENT_ID in ./.env"],
    ["nothing", {}, undefined, "default", ""],
    [
      "an empty variable counts as none",
      { env: { ENTRA_CLIENT_ID: "" }, envFile },
      guid,
      "folder",
      "ENTRA_CLIENT_ID in ./.env",
    ],
  ] as const)("comes from %s", (_, sources, value, kind, name) => {
    const { values, origins } = resolveClient({
      ...sources,
      argv: [...("argv" in sources ? sources.argv : [])],
    });
    expect(values.clientId).toBe(value as string);
    expect(origins.clientId).toEqual({ kind, name });
  });

  test("has short aliases in the environment and in a named file, not in the folder's", () => {
    expect(resolveClient({ env: { TENANT_ID: guid } }).values.tenantId).toBe(guid);
    expect(resolveClient({ envFile: `TENANT_ID=${guid}`, named: true }).values.tenantId).toBe(guid);
    expect(resolveClient({ envFile: `TENANT_ID=${guid}` }).values.tenantId).toBeUndefined();
  });

  test("for the token cache is not read from the folder's file", () => {
    expect(resolveClient({ envFile: "MCP_TOKEN_CACHE=/tmp/x.json" }).values.tokenCache).toBe(
      ".token_cache.json",
    );
    expect(resolveClient({ envFile: "MCP_TOKEN_CACHE=/tmp/x.json", named: true }).values.tokenCache).toBe(
      "/tmp/x.json",
    );
  });

  test("that is a secret has no flag: it must not stand in a command line", () => {
    const all = [serverProgram, clientProgram, agentProgram].flatMap(({ options }) =>
      Object.values<Option>(options),
    );
    const secrets = all.filter(({ secret }) => secret === true);
    expect(secrets.map(({ env }) => env?.[0]).toSorted()).toEqual([
      "ENTRA_CLIENT_SECRET",
      "MCP_CLIENT_SECRET",
      "MCP_DEV_CONTROL_KEY",
      "OPENAI_API_KEY",
    ]);
    for (const option of secrets) expect(option).not.toHaveProperty("flag");
  });

  test("does not exist for what would open the server's door", () => {
    const { noAuth, dev, allowUnauthenticatedNetwork } = serverProgram.options;
    for (const option of [noAuth, dev, allowUnauthenticatedNetwork]) expect(option).not.toHaveProperty("env");
  });

  test.each([
    [
      { ENTRA_CLOUD: "publik" },
      /^ENTRA_CLOUD takes one of public, usgov, china, not "publik"\. Did you mean "public"\?$/,
    ],
    [{ ENTRA_CLIENT_ID: "abc" }, /^ENTRA_CLIENT_ID takes a client id \(a GUID\), not "abc"\.$/],
    [{ MCP_TIMEOUT: "0" }, /^MCP_TIMEOUT takes a number from 0\.1 to 86400, not "0"\.$/],
    [{ MCP_TIMEOUT: "1e9" }, /^MCP_TIMEOUT takes a number/],
    [
      { MCP_SERVER_URL: "file:///etc/passwd" },
      /^MCP_SERVER_URL takes a URL like http:\/\/localhost:8000\/mcp/,
    ],
    [
      { MCP_SERVER_URL: "https://user:secret@x/mcp" },
      /^MCP_SERVER_URL takes a URL without user name and password\.$/,
    ],
    [{ ENTRA_TENANT_ID: "contoso" }, /^ENTRA_TENANT_ID takes a tenant id/],
    [{ ENTRA_TENANT_ID: "common" }, /^ENTRA_TENANT_ID takes a tenant id/],
    [{ ENTRA_TENANT_ID: "../../x.com" }, /^ENTRA_TENANT_ID takes a tenant id/],
  ])("refuses %j and names its variable", (env, message) => {
    expect(() => resolveClient({ env })).toThrow(message);
  });

  test.each([guid, "contoso.com", "contoso.onmicrosoft.com"])("takes the tenant %s", (tenantId) => {
    expect(resolveClient({ env: { ENTRA_TENANT_ID: tenantId } }).values.tenantId).toBe(tenantId);
  });

  test("that is a list takes commas and blanks", () => {
    const { flags } = parseArgv(serverProgram, ["--required-scopes", "execute, read admin"]);
    const { values } = resolveSettings(serverProgram.options, { flags, environment: {}, envFile: undefined });
    expect(values.requiredScopes).toEqual(["execute", "read", "admin"]);
  });
});

describe("a command line", () => {
  test.each([
    [["-n"], { noAuth: "true" }],
    [["--no-auth"], { noAuth: "true" }],
    [["-n", "--no-auth"], { noAuth: "true" }],
    [["--no-auth", "-n", "--url", "http://x/"], { noAuth: "true", url: "http://x/" }],
    [["--url=http://x/?a=b"], { url: "http://x/?a=b" }],
    [["--json", "tools"], { json: "true" }],
    [["tools", "--json"], { json: "true" }],
  ])("%j sets %j", (argv, flags) => {
    expect(parseArgv(clientProgram, argv).flags).toEqual(flags);
  });

  test.each([
    [["--no-web"], { noWeb: "true" }],
    [["--no-web", "--no-auth", "-n"], { noWeb: "true", noAuth: "true" }],
    [["--no-auth", "--port", "1", "--no-web"], { noWeb: "true", noAuth: "true", port: "1" }],
  ])("%j sets %j, though one of them has no short form", (argv, flags) => {
    expect(parseArgv(serverProgram, argv).flags).toEqual(flags);
  });

  test("keeps what follows -- as it is", () => {
    const behind = ["tool", "--no-auth", "-n", "--x=y", "--"];
    const { command, positionals, flags } = parseArgv(clientProgram, ["whoami", "--json", "--", ...behind]);
    expect({ command, positionals, flags }).toEqual({
      command: "whoami",
      positionals: behind,
      flags: { json: "true" },
    });
  });

  test("takes what follows -- as a server's command, where a command of ours takes one", () => {
    const behind = ["npx", "-y", "some-server", "--json", "call"];
    const read = (argv: readonly string[]) => {
      const { command, positionals, serverCommand, flags } = parseArgv(clientProgram, argv);
      return { command, positionals, serverCommand, flags };
    };
    const serverCommand = behind;
    expect(read(["call", "-n", "tool", "a=b", "--", ...behind])).toEqual({
      command: "call",
      positionals: ["tool", "a=b"],
      serverCommand,
      flags: { noAuth: "true" },
    });
    expect(read(["--", ...behind])).toEqual({
      command: undefined,
      positionals: [],
      serverCommand,
      flags: {},
    });
    expect(read(["tools", "--"]).serverCommand).toBeUndefined();
  });

  test.each([
    [["--bogus"], 'Unknown flag "--bogus".'],
    [["--no-bogus"], 'Unknown flag "--no-bogus".'],
    [["--no-jsn"], 'Unknown flag "--no-jsn".'],
    [["--no-json"], 'Unknown flag "--no-json". Did you mean "--json"?'],
    [["--jsno"], 'Unknown flag "--jsno". Did you mean "--json"?'],
    [["-x"], 'Unknown flag "-x".'],
    [["--__proto__=x"], 'Unknown flag "--__proto__".'],
    [["--envFile", "x"], 'Unknown flag "--envFile". Did you mean "--env-file"?'],
    [["-nq"], 'Unknown flag "-q".'],
    [["--url"], "--url needs a value (URL)."],
    [["--url", "--json"], "--url needs a value (URL)."],
    [["--url="], "--url needs a value (URL)."],
    [["--url", "  "], "--url needs a value (URL)."],
    [["-o", "a", "-o", "b"], "--output is given twice."],
    [["--output=a", "-o", "b"], "--output is given twice."],
    [["constructor"], 'Unknown command "constructor".'],
    [["cal"], 'Unknown command "cal". Did you mean "call"?'],
  ])("%j is refused", (argv, message) => {
    expect(() => parseArgv(clientProgram, argv)).toThrow(message);
  });
});

test("a value that begins with a dash is taken where it is joined to its flag, else the hint says so", () => {
  const joined = parseArgv(agentProgram, ["--prompt=-reverse this", "-n"]);
  expect(joined.flags).toEqual({ prompt: "-reverse this", noAuth: "true" });
  expect(parseArgv(agentProgram, ["--prompt=--help me"]).flags).toEqual({ prompt: "--help me" });
  const hint = 'If "-reverse this" is the value, write --prompt=... with it.';
  expect(() => parseArgv(agentProgram, ["-p", "-reverse this"])).toThrow(
    expect.objectContaining({ code: "usage", hint }),
  );
});

describe("an environment file", () => {
  test("that is named must exist", () => {
    expect(() => readEnvFile("nowhere.env", createFolder())).toThrow('"nowhere.env" cannot be read');
  });

  test("need not exist where none was named", () => {
    expect(readEnvFile(undefined, createFolder())).toBeUndefined();
  });

  test("that is a folder is refused", () => {
    expect(() => readEnvFile(".", createFolder())).toThrow("is not a file");
  });

  test("reads quotes, comments and export", () => {
    const folder = createFolder("# comment\nA=1\nB=\"x y\" # more\nexport C='z'\n\nD=a=b\n");
    expect(readEnvFile(undefined, folder)?.variables).toEqual({ A: "1", B: "x y", C: "z", D: "a=b" });
  });
});
