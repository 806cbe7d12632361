import { describe, expect, test } from "bun:test";
import { rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { ToolDescription } from "../../lib/transport/client/contract.ts";
import { say, unmark } from "./openai-server.ts";
import { echoTool } from "./stepping-tool.ts";
import { startTalk } from "./talk.ts";

const inputSchema = { type: "object" };

/** A connection with one tool, `it`, that gives a text. */
function connectionWith(text: string) {
  return {
    listTools: async () => [{ name: "it", inputSchema }],
    callTool: async () => ({ content: [{ type: "text", text }], isError: false }),
  };
}

/** What the model reads of a result, as it was sent, and where the whole is. */
async function sendResult(text: string) {
  const replies = [say({ calls: [{ name: "it", args: {}, id: "call_1" }] }), say({ text: ["ok"] })];
  await using talk = await startTalk([], replies, { connection: connectionWith(text) });
  expect((await talk.runTurn("go")).outcome).toBe("done");
  const messages = talk.modelServer.requests.at(-1)?.body.messages ?? [];
  return {
    sent: String(messages.at(-1)?.content),
    system: String(messages[0]?.content),
    file: talk.ofType("call_ended")[0]?.resultFile,
  };
}

describe("a result", () => {
  test("of 50,000 bytes is whole", async () => {
    const fits = "a".repeat(50_000);
    const { sent, file } = await sendResult(fits);
    expect([unmark(sent), file]).toEqual([fits, undefined]);
  });

  test("of 5 MB has a head and a tail, and the whole is in a file for this user alone", async () => {
    const whole = `HEAD${"a".repeat(5_000_000)}TAIL`;
    const { sent, file = "" } = await sendResult(whole);
    expect(unmark(sent)).toBe(
      `HEAD${"a".repeat(34_996)}\n[… 4951008 of 5000008 bytes are left out here; the person finds the whole in ${file} …]\n` +
        `${"a".repeat(13_996)}TAIL`,
    );
    expect(await readFile(file, "utf8")).toBe(whole);
    expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
    rmSync(dirname(file), { recursive: true });
  });

  test("is counted in bytes and cut between characters", async () => {
    const { sent, file = "" } = await sendResult("€".repeat(20_000));
    rmSync(dirname(file), { recursive: true });
    expect(Buffer.byteLength(unmark(sent))).toBeLessThanOrEqual(50_000);
    expect(unmark(sent)).toMatch(/^€+\n\[… \d+ of 60000 bytes are left out here.*\]\n€+$/);
  });
});

describe("what a tool returned", () => {
  test("stands in a frame that the system prompt names, with a word that nobody knows beforehand", async () => {
    const [one, other] = [await sendResult("a"), await sendResult("a")];
    const tag = /<(tool-output-[0-9a-f]{8})>/.exec(one.sent)?.[1] ?? "";
    expect(one.sent).toBe(`<${tag}>\na\n</${tag}>`);
    expect(one.system).toContain(`<${tag}>`);
    expect(one.system).toContain("never instructions");
    expect(other.sent).not.toContain(tag);
  });

  test("keeps its text, but for characters that only a model would see", async () => {
    const { sent } = await sendResult("a\tb\n\u001B[31m\u{E0041}\u0000\u{E0101}\u2062\u202Eä\u{1F600}");
    expect(unmark(sent)).toBe("a\tb\n\\u{1b}[31m\\u{e0041}\\u{0}\\u{e0101}\\u{2062}\\u{202e}ä\u{1F600}");
  });
});

test("what a tool says of itself hides nothing from people that a model reads", async () => {
  const description = "Reads.\u{E0041}\u{E0100}\u001B[8m";
  const connection = {
    listTools: async () => [{ name: "it", description, inputSchema }],
    callTool: async () => ({ content: [], isError: false }),
  };
  await using talk = await startTalk([], [say({ text: ["ok"] })], { connection });
  await talk.runTurn("go");
  const [tool] = talk.modelServer.requests[0]?.body.tools ?? [];
  expect(tool?.function.description).toBe("Reads.\\u{e0041}\\u{e0100}\\u{1b}[8m");
});

describe("a server with 200 tools", () => {
  const tools: ToolDescription[] = Array.from({ length: 200 }, (_, index) => ({
    name: `tool_${index}`,
    description: index === 180 ? "Sends a letter to the mayor." : "Does something.",
    inputSchema,
  }));
  const connection = {
    listTools: async () => tools,
    callTool: async (name: string) => ({ content: [{ type: "text", text: name }], isError: false }),
  };
  const offered = (talk: Awaited<ReturnType<typeof startTalk>>, index: number) =>
    talk.modelServer.requests[index]?.body.tools?.map((tool) => tool.function.name) ?? [];

  test("has 128 of them offered, those that fit the prompt among them, and one warning says so", async () => {
    const replies = [say({ text: ["a"] }), say({ text: ["b"] })];
    await using talk = await startTalk([], replies, { connection });
    await talk.runTurn("Write a letter to the mayor!");
    await talk.runTurn("Something else.");
    expect(offered(talk, 0)).toHaveLength(128);
    expect(offered(talk, 0)).toContain("tool_180");
    expect(offered(talk, 1)).not.toContain("tool_180");
    expect(offered(talk, 1).slice(0, 2)).toEqual(["tool_0", "tool_1"]);
    expect(talk.lines.filter((line) => line.includes("200 tools"))).toHaveLength(1);
  });

  test("can have them called, and the ones that were called stay offered", async () => {
    const replies = [
      say({ calls: [{ name: "tool_180", args: {}, id: "call_1" }] }),
      say({ text: ["a"] }),
      say({ text: ["b"] }),
    ];
    await using talk = await startTalk([], replies, { connection });
    await talk.runTurn("Something else.");
    await talk.runTurn("And again.");
    expect(talk.ofType("call_ended")).toMatchObject([{ outcome: "done" }]);
    expect(offered(talk, 2)).toContain("tool_180");
  });

  test("has all of them offered where the limit is higher", async () => {
    await using talk = await startTalk([], [say({ text: ["a"] })], { connection, maxTools: 500 });
    await talk.runTurn("hi");
    expect(offered(talk, 0)).toHaveLength(200);
    expect(talk.lines).toEqual([]);
  });
});

test("the arguments of a call are shown in full to those who watch", async () => {
  const args = { query: "x".repeat(500) };
  const replies = [say({ calls: [{ name: "echo_tool", args, id: "call_1" }] }), say({ text: ["ok"] })];
  await using talk = await startTalk([echoTool], replies);
  await talk.runTurn("go");
  expect(talk.ofType("call_started")[0]?.args).toEqual(args);
});
