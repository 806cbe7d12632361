import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startFullServer } from "../harness/full-servers.ts";
import {
  createFolder,
  type Finished,
  type ProgramOptions,
  runProgram,
  startProgram,
} from "../harness/program.ts";
import { echo, startSdkServer } from "../transport-client/sdk-server.ts";
import { gate } from "../transport-client/settled.ts";

setDefaultTimeout(30_000);

const png = Buffer.from("89504e470d0a1a0a", "hex");

describe.each(["modern", "legacy"] as const)("an SDK server of the %s era", (era) => {
  const revision = era === "modern" ? "2026-07-28" : "2025-11-25";

  async function open() {
    const server = startFullServer(era);
    const run = (args: readonly string[], options: ProgramOptions = {}): Promise<Finished> =>
      runProgram("mcp-client", { args: ["--url", server.url, "-n", ...args], ...options });
    return Object.assign(server, { run });
  }

  test("resources, templates, prompts: as text and as JSON", async () => {
    await using server = await open();
    const [resources, templates, prompts] = await Promise.all(
      ["resources", "templates", "prompts"].map((command) => server.run([command])),
    );
    expect(resources?.stdout).toBe(
      "test://text  text, text/plain, 5 B\n  A text.\ntest://bytes  bytes, image/png\n",
    );
    expect(templates?.stdout).toBe("test://city/{city}  city\n  A city.\n");
    expect(prompts?.stdout).toBe("greeting(who, city?)\n  Greets.\n    who: Whom to greet.\n");
    expect(JSON.parse((await server.run(["resources", "--json"])).stdout).resources).toHaveLength(2);
    expect(JSON.parse((await server.run(["templates", "--json"])).stdout)).toEqual({
      resourceTemplates: [{ uriTemplate: "test://city/{city}", name: "city", description: "A city." }],
    });
    expect(JSON.parse((await server.run(["prompts", "--json"])).stdout).prompts[0].arguments).toEqual([
      { name: "who", description: "Whom to greet.", required: true },
      { name: "city" },
    ]);
  });

  test("read: text, bytes into a file, and a resource that is not there", async () => {
    await using server = await open();
    const folder = createFolder();
    expect(await server.run(["read", "test://text"])).toMatchObject({ exitCode: 0, stdout: "hello\n" });
    expect((await server.run(["read", "test://bytes"])).stdout).toBe(
      "[resource test://bytes image/png, 8 B]\n",
    );
    const saved = await server.run(["read", "test://bytes", "-o", "a.png"], { folder });
    expect(saved).toMatchObject({ exitCode: 0, stderr: "Saved image/png to a.png.\n" });
    expect(readFileSync(join(folder, "a.png"))).toEqual(png);
    expect(await server.run(["read", "test://bytes", "-o", "a.png"], { folder })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("exists already"),
    });
    const missing = await server.run(["read", "test://txt"]);
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toContain('no resource "test://txt". Did you mean "test://text"?');
  });

  test("prompt: with arguments, without, with one that is unknown", async () => {
    await using server = await open();
    const { stdout } = await server.run(["prompt", "greeting", "who=Ada", "city=Paris"]);
    expect(stdout).toBe("[user]\nHello Ada in Paris\n");
    expect(JSON.parse((await server.run(["prompt", "greeting", "who=00713", "--json"])).stdout)).toEqual({
      description: "Greets.",
      messages: [{ role: "user", content: { type: "text", text: "Hello 00713 in town" } }],
    });
    const rows: [string[], RegExp][] = [
      [["prompt", "greetin"], /no prompt "greetin"\. Did you mean "greeting"\?/],
      [["prompt", "greeting"], /"who" is missing/],
      [["prompt", "greeting", "who=a", "cty=b"], /"cty" is unknown\. Did you mean "city"\?/],
    ];
    for (const [args, message] of rows) {
      const finished = await server.run(args);
      expect(finished.stderr).toMatch(message);
      expect(finished.exitCode).toBe(2);
    }
    expect(server.count("prompts/get")).toBe(2);
  });

  test("complete: suggestions one a line, with what is known already", async () => {
    await using server = await open();
    expect((await server.run(["complete", "greeting", "city=Par"])).stdout).toBe("Paris\nParma\n");
    expect((await server.run(["complete", "test://city/{city}", "city=Po"])).stdout).toBe("Porto\n");
    const known = await server.run(["complete", "greeting", "city=Po", "who=Ada", "--json"]);
    expect(JSON.parse(known.stdout).completion).toMatchObject({ values: ["Porto for Ada"], total: 1 });
  });

  test("ping says how it was asked", async () => {
    await using server = await open();
    const { exitCode, stdout } = await server.run(["ping"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      era === "modern"
        ? /^alive, answered in \d+ ms \(server\/discover: MCP 2026-07-28 has no ping\)\n$/
        : /^alive, answered in \d+ ms \(ping\)\n$/,
    );
    expect(JSON.parse((await server.run(["ping", "--json"])).stdout)).toMatchObject({
      protocolVersion: revision,
    });
  });

  test("call: arguments from everywhere, checked before anything is sent", async () => {
    await using server = await open();
    const folder = createFolder();
    writeFileSync(join(folder, "args.json"), '{"id": "1", "count": 2}');
    const given = ["call", "order", "--args-file", "args.json", "--args", '{"count": 3}', "id=00713", "-"];
    const { stdout } = await server.run(given, { folder, stdin: '{"color": "red"}' });
    expect(JSON.parse(stdout)).toEqual({ id: "00713", count: 3, color: "red" });
    const before = server.count("tools/call");
    const rows: [string[], RegExp][] = [
      [["id=1", "color=rd"], /takes one of "red", "green", not "rd"\. Did you mean "red"\?/],
      [["id=abc"], /pattern/],
      [["id=1", "count=10"], /takes at most 9, not 10/],
      [["id=1", "cuont=1"], /"cuont" is unknown\. Did you mean "count"\?/],
    ];
    for (const [words, message] of rows) {
      const finished = await server.run(["call", "order", ...words]);
      expect(finished.stderr).toMatch(message);
      expect(finished).toMatchObject({ exitCode: 2, stdout: "" });
    }
    expect(server.count("tools/call")).toBe(before);
  });

  test("pictures and audio are named, and saved to files", async () => {
    await using server = await open();
    const folder = createFolder();
    const named = "a picture\n[image image/png, 8 B]\n[audio audio/wav, 3 B]\n";
    expect((await server.run(["call", "picture", "--progress", "none"])).stdout).toBe(named);
    const saved = await server.run(["call", "picture", "--progress", "none", "-o", "p.bin"], { folder });
    expect(saved).toMatchObject({
      stdout: named,
      stderr: "Saved image/png to p.bin.\nSaved audio/wav to p-2.bin.\n",
    });
    expect(readFileSync(join(folder, "p.bin"))).toEqual(png);
    expect(readFileSync(join(folder, "p-2.bin"))).toEqual(Buffer.from([0, 0, 0]));
    const before = server.count("tools/call");
    expect((await server.run(["call", "picture", "-o", "p.bin"], { folder })).exitCode).toBe(2);
    expect(server.count("tools/call")).toBe(before);
    const json = await server.run(["call", "picture", "-o", "p.bin", "--force", "--json"], { folder });
    expect([json.stdout, json.stderr]).toEqual(["", ""]);
    expect(JSON.parse(readFileSync(join(folder, "p.bin"), "utf8")).content).toHaveLength(3);
  });

  test("exit code 5 for a tool that failed, its result on standard output", async () => {
    await using server = await open();
    expect(await server.run(["call", "fail"])).toMatchObject({ exitCode: 5, stdout: "it went wrong\n" });
  });

  test("--progress json gives one JSON line a step", async () => {
    await using server = await open();
    const { exitCode, stdout, stderr } = await server.run([
      "call",
      "chatty",
      "--progress",
      "json",
      "--timeout",
      "2",
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "talked\n" });
    const events = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ type }) => type)).toEqual([
      "call_started",
      ...Array.from({ length: 10 }, () => "call_progress"),
      "call_ended",
    ]);
    expect(events[1]).toEqual({
      type: "call_progress",
      callId: "1",
      progress: 1,
      total: 10,
      message: "step 1",
    });
  });

  test("a tool that reports outlives --timeout, a silent one ends with 7 and the server hears of it", async () => {
    await using server = await open();
    const [lively, silent] = await Promise.all([
      server.run(["call", "chatty", "--timeout", "1"]),
      server.run(["call", "silent", "--timeout", "1"]),
    ]);
    expect(lively).toMatchObject({ exitCode: 0, stdout: "talked\n" });
    expect(silent).toMatchObject({ exitCode: 7, stdout: "" });
    expect(silent?.stderr).toContain('The call of "silent" showed no sign of life for 1 s.');
    await server.cancelled;
    expect(server.count("notifications/cancelled")).toBe(era === "legacy" ? 1 : 0);
    const long = await server.run(["call", "chatty", "--max-time", "1"]);
    expect(long).toMatchObject({ exitCode: 7, stderr: expect.stringContaining("took longer than 1 s") });
  });

  test("Ctrl-C cancels on the wire and exits with 130", async () => {
    await using server = await open();
    await using client = startProgram("mcp-client", { args: ["--url", server.url, "-n", "call", "silent"] });
    while (!server.notes.includes("silent started")) await Bun.sleep(5);
    client.kill("SIGINT");
    expect((await client.finished).exitCode).toBe(130);
    await server.cancelled;
  });
});

test("a second Ctrl-C ends at once, also while the server keeps silent about the first", async () => {
  const [started, told, over] = [gate(), gate(), gate()];
  await using server = startSdkServer({
    tools: [echo],
    eras: "legacy",
    async intercept(request, body) {
      if (body.includes('"tools/call"')) started.open();
      if (body.includes('"notifications/cancelled"')) told.open();
      const isSilent = /"(tools\/call|notifications\/cancelled)"/.test(body) || request.method === "DELETE";
      if (isSilent) await over.opened;
      return undefined;
    },
  });
  await using client = startProgram("mcp-client", { args: ["--url", server.url, "-n", "call", "echo"] });
  await started.opened;
  client.kill("SIGINT");
  await told.opened;
  client.kill("SIGINT");
  // Without the second one it would have waited, ended its session and said that it was interrupted.
  expect(await client.finished).toMatchObject({ exitCode: 130, stderr: "echo started\necho cancelled\n" });
  expect(server.seen.filter(({ method }) => method === "DELETE")).toEqual([]);
  over.open();
});

describe("our own server", () => {
  test("has tools alone: empty lists, and exit codes for what it does not offer", async () => {
    await using server = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"] });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const run = (args: readonly string[]) =>
      runProgram("mcp-client", { args: ["--url", url, "-n", ...args] });
    for (const [command, noun] of [
      ["resources", "resources"],
      ["templates", "resource templates"],
      ["prompts", "prompts"],
    ] as const) {
      const stderr = `The server has no ${noun}.\n`;
      expect(await run([command])).toEqual({ exitCode: 0, stdout: "", stderr });
    }
    expect(JSON.parse((await run(["prompts", "--json"])).stdout)).toEqual({ prompts: [] });
    expect((await run(["ping"])).stdout).toStartWith("alive");
    expect((await run(["prompt", "x"])).exitCode).toBe(2);
    expect((await run(["complete", "x", "a=b"])).exitCode).toBe(6);
    expect((await run(["complete", "x", "a"])).exitCode).toBe(2);
    expect(await run(["read", "test://x"])).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: 'mcp-client: The server has no resource "test://x": it offers none at all.\n',
    });
  });
});

test("nothing is left where --output was refused", async () => {
  const folder = createFolder();
  const { exitCode } = await runProgram("mcp-client", { args: ["call", "x", "-o", "no/file"], folder });
  expect(exitCode).toBe(2);
  expect(existsSync(join(folder, "no"))).toBe(false);
  const dash = await runProgram("mcp-client", { args: ["read", "x://y", "-o", "-"], folder });
  expect(dash.exitCode).toBe(2);
  expect(dash.stderr).toContain("without it the result is on standard output");
  expect(existsSync(join(folder, "-"))).toBe(false);
});
