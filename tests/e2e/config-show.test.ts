import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFolder, runProgram } from "../harness/program.ts";

const secret = "do-not-show-me";

test.each([
  ["mcp-server", "MCP_DEV_CONTROL_KEY"],
  ["mcp-client", "MCP_CLIENT_SECRET"],
  ["mcp-agent", "OPENAI_API_KEY"],
] as const)("%s config show names each setting with its origin and hides %s", async (program, variable) => {
  const folder = createFolder();
  writeFileSync(join(folder, ".env"), "ENTRA_TENANT_ID=contoso.onmicrosoft.com\n");
  const env = { [variable]: secret, MCP_LOG_LEVEL: "debug" };
  const args = ["config", "show", "--cloud", "china"];
  const { exitCode, stdout, stderr } = await runProgram(program, { args, env, folder });
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^--cloud +china +--cloud$/m);
  expect(stdout).toMatch(/^--log-level +debug +MCP_LOG_LEVEL$/m);
  expect(stdout).toMatch(
    /^--tenant-id +contoso\.onmicrosoft\.com +ENTRA_TENANT_ID in \.\/\.env, which nobody named$/m,
  );
  expect(stdout).toMatch(new RegExp(`^${variable} +\\(hidden\\) +${variable}$`, "m"));
  expect(stdout).not.toContain(secret);
  const json = await runProgram(program, { args: [...args, "--json"], env, folder });
  expect(json.stdout).not.toContain(secret);
  expect(JSON.parse(json.stdout).settings).toMatchObject({
    cloud: { value: "china", origin: "flag", name: "--cloud" },
    logLevel: { value: "debug", origin: "environment", name: "MCP_LOG_LEVEL" },
    envFile: { value: null, origin: "default" },
  });
  expect((await runProgram(program, { args: ["config", "set"] })).exitCode).toBe(2);
});
