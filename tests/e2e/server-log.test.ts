import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createFolder, runProgram } from "../harness/program.ts";
import { recordSecrets } from "../harness/recorder.ts";

const script = resolve(import.meta.dir, "../harness/talking-server.ts");

describe.each(["modern", "legacy"])("the log of a server (%s)", (era) => {
  const call = (...flags: string[]) =>
    runProgram("mcp-client", { args: ["call", "talk", ...flags, "--", process.execPath, script, era] });

  test("is written to standard error, neutralised, and the result alone to standard output", async () => {
    const { exitCode, stdout, stderr } = await call();
    expect([exitCode, stdout]).toEqual([0, "talked\n"]);
    expect(stderr).toContain("server info (db): a red word and a row\n");
    expect(stderr).toContain("server critical (x): a fire\n");
    expect(stderr).not.toContain("a detail");
    expect(stderr).not.toMatch(/[\u0007\u001B\u009B]/);
  });

  test("is as loud as --log-level says", async () => {
    expect((await call("--log-level", "debug")).stderr).toContain("server debug: a detail\n");
    expect((await call("--log-level", "error")).stderr).not.toContain("server warning");
  });

  test.each([["--json"], ["--progress=json"]])("is lines of JSON with %s", async (flag) => {
    const { stderr } = await call(flag);
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const ofLog = lines.filter(({ type }) => type === "log");
    expect(ofLog.map(({ level }) => level)).toEqual(["info", "warning", "critical"]);
    expect(ofLog[1]).toMatchObject({ data: { rows: 3 } });
  });
});

describe("a server that is a command", () => {
  const secrets = {
    ENTRA_CLIENT_SECRET: `entra-${crypto.randomUUID()}`,
    MCP_CLIENT_SECRET: `mcp-${crypto.randomUUID()}`,
    OPENAI_API_KEY: `sk-${crypto.randomUUID()}`,
    MCP_DEV_CONTROL_KEY: `control-${crypto.randomUUID()}`,
    SOMEBODY_ELSES_TOKEN: `other-${crypto.randomUUID()}`,
  };

  /** The environment as the server sees it. */
  async function environmentOf(args: readonly string[], folder: string): Promise<Record<string, string>> {
    const { exitCode, stdout, stderr } = await runProgram("mcp-client", { args, folder, env: secrets });
    expect([exitCode, stderr.includes("untrusted")]).toEqual([0, false]);
    return JSON.parse(stdout) as Record<string, string>;
  }

  test("gets none of our secrets", async () => {
    recordSecrets(Object.values(secrets));
    const args = ["call", "environment", "--", process.execPath, script];
    const environment = await environmentOf(args, createFolder());
    expect(environment["PATH"]).toBeTruthy();
    for (const [name, secret] of Object.entries(secrets)) {
      expect(environment).not.toHaveProperty(name);
      expect(JSON.stringify(environment)).not.toContain(secret);
    }
  });

  test("gets what its entry in mcp.json names, and nothing else", async () => {
    const folder = createFolder();
    const file = join(folder, "named.json");
    const env = { OWN_KEY: "own", PASSED_ON: "${SHARED_NAME}" };
    const entry = { command: process.execPath, args: [script], env };
    writeFileSync(file, JSON.stringify({ mcpServers: { talking: entry } }));
    const args = ["call", "environment", "--server", "talking", "--mcp-config", file];
    const { stdout } = await runProgram("mcp-client", {
      args,
      folder,
      env: { ...secrets, SHARED_NAME: "shared" },
    });
    const environment = JSON.parse(stdout) as Record<string, string>;
    expect(environment).toMatchObject({ OWN_KEY: "own", PASSED_ON: "shared" });
    for (const secret of Object.values(secrets)) {
      expect(JSON.stringify(environment)).not.toContain(secret);
    }
  });

  test("gets a secret that its entry names", async () => {
    const folder = createFolder();
    const file = join(folder, "named.json");
    const env = { OPENAI_API_KEY: "${OPENAI_API_KEY}" };
    const entry = { command: process.execPath, args: [script], env };
    writeFileSync(file, JSON.stringify({ mcpServers: { talking: entry } }));
    const key = `named-${crypto.randomUUID()}`;
    const args = ["call", "environment", "--server", "talking", "--mcp-config", file];
    const { stdout } = await runProgram("mcp-client", { args, folder, env: { OPENAI_API_KEY: key } });
    expect(JSON.parse(stdout)).toMatchObject({ OPENAI_API_KEY: key });
  });
});
