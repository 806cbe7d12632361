import { expect, setDefaultTimeout, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { createFolder, runProgram } from "../harness/program.ts";

setDefaultTimeout(20_000);

const nowhere = ["--no-auth", "--url", "http://127.0.0.1:1/mcp"];

test.each([
  ["an argument", ["call", "t", "a=@pipe"]],
  ["--args-file", ["call", "t", "--args-file", "pipe"]],
  ["--calls", ["exercise", "--calls", "pipe"]],
  ["--header-file", ["tools", "--header-file", "pipe"]],
  ["--token-file", ["doctor", "--token-file", "pipe"]],
  ["--env-file", ["tools", "--env-file", "pipe"]],
])("a named pipe that nobody writes to is not waited for: %s", async (_, args) => {
  const folder = createFolder();
  execFileSync("mkfifo", ["-m", "600", join(folder, "pipe")]);
  const target = args[0] === "doctor" || args.includes("--header-file") ? nowhere.slice(1) : nowhere;
  const { exitCode, stderr } = await runProgram("mcp-client", { args: [...args, ...target], folder });
  expect([exitCode, stderr.includes("pipe")]).toEqual([2, true]);
});

test("what a shell makes of another command's output is read", async () => {
  const client = join(import.meta.dir, "../../dist/mcp-client");
  const line = `"${client}" call t --args-file <(echo 5) ${nowhere.join(" ")}`;
  const child = Bun.spawn(["bash", "-c", line], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  expect(await new Response(child.stderr).text()).toContain("takes a JSON object");
});
