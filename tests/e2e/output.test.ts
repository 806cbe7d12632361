import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { runProgram, startProgram } from "../harness/program.ts";

const dist = resolve(import.meta.dir, "../../dist");
const client = join(dist, "mcp-client");

/** Runs a shell line in which `"$@"` is mcp-client with its arguments. */
async function runInShell(line: string, args: readonly string[]) {
  const child = Bun.spawn(["bash", "-c", line, "bash", client, ...args], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

test("help COMMAND is COMMAND --help, in all programs", async () => {
  for (const [program, command] of [
    ["mcp-server", "config"],
    ["mcp-client", "call"],
    ["mcp-agent", "chat"],
  ] as const) {
    const { exitCode, stdout } = await runProgram(program, { args: ["help", command] });
    expect([exitCode, stdout]).toEqual([
      0,
      (await runProgram(program, { args: [command, "--help"] })).stdout,
    ]);
  }
  expect((await runProgram("mcp-client", { args: ["help"] })).stdout).toContain("\nCOMMANDS\n");
  const { exitCode, stderr } = await runProgram("mcp-client", { args: ["help", "cal"] });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Did you mean "call"?')]);
});

describe("results that nobody reads", () => {
  const toNobody = '"$@" | true; exit "${PIPESTATUS[0]}"';

  test.each([["--help"], ["--version"]])("of %s are no error", async (flag) => {
    expect(await runInShell(toNobody, [flag])).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  });

  test("of a call are no error", async () => {
    await using server = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"] });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const args = [
      "--no-auth",
      "--url",
      url,
      "--progress",
      "none",
      "call",
      "random_number_tool",
      "min=1",
      "max=6",
    ];
    expect(await runInShell(toNobody, args)).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  });

  // Only Linux has a device that is always full.
  test.skipIf(!existsSync("/dev/full"))("because the disk is full are an error in one sentence", async () => {
    for (const flag of ["--help", "--version"]) {
      expect(await runInShell('"$@" >/dev/full', [flag])).toEqual({
        stdout: "",
        stderr: expect.stringContaining("Standard output cannot be written (ENOSPC)."),
        exitCode: 1,
      });
    }
  });

  test("of a server's log do not keep it from finishing its calls", async () => {
    const args = ["--no-auth", "--port", "0", "--reverse-seconds", "1"];
    const server = Bun.spawn([join(dist, "mcp-server"), ...args], { stdout: "ignore", stderr: "pipe" });
    const log = server.stderr.getReader();
    let text = "";
    while (!/Connect.*\n/.test(text)) text += new TextDecoder().decode((await log.read()).value);
    await log.cancel();
    const [, url = ""] = /Endpoint\s+(\S+)/.exec(text) ?? [];
    const call = ["--no-auth", "--url", url, "--progress", "plain", "call", "reverse_tool", "query=abc"];
    await using caller = startProgram("mcp-client", { args: call });
    await caller.waitForStderr(/0\/5/);
    server.kill("SIGTERM");
    expect(await caller.finished).toMatchObject({ exitCode: 0, stdout: '{"reversed_query":"cba"}\n' });
    expect(await server.exited).toBe(0);
  });

  test("and messages that nobody reads leave the result as it is", async () => {
    const { exitCode, stdout } = await runInShell('"$@" 2> >(true)', ["--bogus"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  });
});
