import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startFullServer } from "../harness/full-servers.ts";
import {
  createFolder,
  type ProgramOptions,
  runProgram,
  startInTerminal,
  startProgram,
} from "../harness/program.ts";

// Two processes are started for each row.
setDefaultTimeout(30_000);

const dist = resolve(import.meta.dir, "../../dist");
const script = resolve(import.meta.dir, "../harness/stdio-server.ts");
const behind = (kind: string) => ["--", process.execPath, script, kind];
const run = (args: readonly string[], options: ProgramOptions = {}) =>
  runProgram("mcp-client", { args, ...options });

function listServer(entry: Record<string, unknown>, folder = createFolder()): string {
  writeFileSync(join(folder, "mcp.json"), JSON.stringify({ mcpServers: { mine: entry } }));
  return folder;
}

describe.each(["both", "legacy", "dies"])("a server that is a command (%s)", (kind) => {
  test("is listed, called and read, its log on standard error made safe", async () => {
    const tools = await run(["tools", ...behind(kind)]);
    expect(tools.exitCode).toBe(0);
    expect(tools.stdout).toContain("order(id: string, count?: integer");
    expect(tools.stderr).toMatch(new RegExp(`^${kind} in `));
    expect(tools.stderr).not.toContain("\u001B");
    const [called, read, failed, refused] = await Promise.all([
      run(["call", "order", "id=007", "--json", ...behind(kind)]),
      run(["read", "test://text", ...behind(kind)]),
      run(["call", "fail", ...behind(kind)]),
      run(["call", "order", "id=x", ...behind(kind)]),
    ]);
    expect(JSON.parse(called.stdout).content[0].text).toBe('{"id":"007"}');
    expect(called.stderr).toBe("");
    expect(read.stdout).toBe("hello\n");
    expect([failed.exitCode, refused.exitCode]).toEqual([5, 2]);
  });

  test("hears of Ctrl-C, and ends with the client", async () => {
    await using client = startProgram("mcp-client", { args: ["call", "silent", ...behind(kind)] });
    await client.waitForStderr(/silent started/);
    client.kill("SIGINT");
    const { exitCode, stderr } = await client.finished;
    expect(exitCode).toBe(130);
    expect(stderr).toContain("silent cancelled");
    expect(stderr).toContain("has got the end of its input");
  });

  test("ends with 130 on a terminal, where Ctrl-C goes to it as well", async () => {
    await using client = startInTerminal("mcp-client", { args: ["call", "silent", ...behind(kind)] });
    await client.waitFor(/silent started/);
    client.type("\u0003");
    const { exitCode, screen } = await client.finished;
    expect(exitCode).toBe(130);
    expect(screen).toContain("Interrupted");
  });
});

test("our own server is one: progress on standard error, the result alone on standard output", async () => {
  const server = ["--", join(dist, "mcp-server"), "--stdio", "--reverse-seconds", "0.2"];
  const { exitCode, stdout, stderr } = await run(["call", "reverse_tool", "query=00713", ...server]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '{"reversed_query":"31700"}\n' });
  expect(stderr).toContain("reverse_tool 5/5");
  const first = await run(server);
  expect([first.exitCode, first.stdout]).toEqual([0, '{"reversed_query":"!tneilc PCM morf olleH"}\n']);
  expect(first.stderr).toContain("--stdio");
});

test("a hostile text of a command does nothing to a terminal", async () => {
  const { exitCode, screen } = await startInTerminal("mcp-client", {
    args: ["call", "hostile", ...behind("both")],
  }).finished;
  expect(exitCode).toBe(0);
  expect(Bun.stripANSI(screen)).toContain("red");
  expect(screen).not.toContain("\u001B]0;");
});

test.each([
  ["missing", ["tools", "--", "no-such-command-anywhere"], 4, "there is no such command"],
  ["no server", ["tools", ...behind("ends")], 6, "without having answered"],
  [
    "beside --url",
    ["tools", "--url", "http://localhost:1/mcp", ...behind("both")],
    2,
    "one server at a time",
  ],
  ["for login", ["login", "-s", "mine", "--mcp-config", "FILE"], 2, "is for servers with an address"],
])("a command that is %s", async (_, args, exitCode, message) => {
  const folder = listServer({ command: "x" });
  const finished = await run(
    args.map((word) => (word === "FILE" ? "mcp.json" : word)),
    { folder },
  );
  expect(finished.stderr).toContain(message);
  expect(finished.exitCode).toBe(exitCode);
});

describe("--server NAME", () => {
  const command = process.execPath;

  test("starts the command of a file that was named, in its folder and with its variables", async () => {
    const folder = listServer({ command, args: [script, "${KIND:-both}"], env: { MEANT: "1" }, cwd: "sub" });
    mkdirSync(join(folder, "sub"));
    const args = ["ping", "--server", "mine", "--mcp-config", join(folder, "mcp.json")];
    const { exitCode, stderr } = await run(args, { env: { KIND: "legacy", OTHER: "x" } });
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/legacy in \S+\/sub knows .*MEANT/);
    expect(stderr).not.toContain("OTHER");
  });

  test("finds it in the user's config folder and asks nobody", async () => {
    const home = createFolder();
    mkdirSync(join(home, "mcp-entra"));
    listServer({ command, args: [script] }, join(home, "mcp-entra"));
    const env = { XDG_CONFIG_HOME: home };
    expect((await run(["ping", "-s", "mine"], { env })).exitCode).toBe(0);
    const near = await run(["ping", "-s", "min"], { env });
    expect([near.exitCode, near.stderr]).toEqual([2, expect.stringContaining('Did you mean "mine"?')]);
  });

  test("starts nothing from ./mcp.json before somebody confirmed it, and then again", async () => {
    const marker = join(createFolder(), "started");
    const write = `require("node:fs").appendFileSync(${JSON.stringify(marker)}, "x"); require(${JSON.stringify(script)})`;
    const folder = listServer({ command, args: ["-e", write] });
    const env = { XDG_CONFIG_HOME: createFolder() };
    const refused = await run(["tools", "-s", "mine"], { folder, env });
    expect([refused.exitCode, refused.stdout]).toEqual([3, ""]);
    expect(refused.stderr).toContain("nobody has confirmed that yet");
    await using asked = startInTerminal("mcp-client", { args: ["-s", "mine"], folder, env });
    await asked.waitFor(/Start this command on this machine\? \[y\/N\]/);
    expect(await Bun.file(marker).exists()).toBe(false);
    asked.type("y\r");
    expect((await asked.finished).exitCode).toBe(0);
    expect((await run(["tools", "-s", "mine"], { folder, env })).exitCode).toBe(0);
    expect(readFileSync(marker, "utf8")).toBe("xx");
    listServer({ command, args: ["-e", `${write};`] }, folder);
    expect((await run(["tools", "-s", "mine"], { folder, env })).exitCode).toBe(3);
  });

  test("is an address, too; one on this machine without headers needs no confirmation", async () => {
    await using server = startFullServer("modern");
    const folder = listServer({ url: server.url });
    expect((await run(["tools", "-s", "mine", "-n"], { folder })).stdout).toContain("order(");
    const elsewhere = listServer({ url: "https://mcp.example/mcp" });
    expect(await run(["tools", "-s", "mine", "-n"], { folder: elsewhere })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("from ./mcp.json was not confirmed"),
    });
    const withHeaders = listServer({ url: server.url, headers: { "X-Key": "1" } });
    expect(await run(["tools", "-s", "mine", "-n"], { folder: withHeaders })).toMatchObject({ exitCode: 3 });
  });

  test("sends the headers beside an address, and no other token with them", async () => {
    const seen: (string | null)[][] = [];
    await using server = startFullServer("modern");
    const proxy = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        seen.push([request.headers.get("x-key"), request.headers.get("authorization")]);
        return fetch(server.url, {
          method: request.method,
          headers: request.headers,
          body: await request.bytes(),
        });
      },
    });
    const headers = { "X-Key": "${KEY:-none}", Authorization: "Bearer ${TOKEN}" };
    const folder = listServer({ url: `http://127.0.0.1:${proxy.port}/mcp`, headers });
    const args = ["tools", "-s", "mine", "--mcp-config", "mcp.json"];
    const env = { TOKEN: "t0ken-from-a-variable" };
    const { exitCode, stdout, stderr } = await run(args, { folder, env });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).not.toContain(env.TOKEN);
    expect(new Set(seen.map(String))).toEqual(new Set([`none,Bearer ${env.TOKEN}`]));
    expect((await run([...args, "-n"], { folder, env })).exitCode).toBe(2);
    const unset = await run(args, { folder });
    expect([unset.exitCode, unset.stderr]).toEqual([2, expect.stringContaining("needs the variable")]);
    await proxy.stop(true);
    const elsewhere = listServer({ url: "http://mcp.example/mcp", headers });
    expect((await run(args, { folder: elsewhere, env })).exitCode).toBe(3);
  });
});
