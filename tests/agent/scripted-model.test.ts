import { describe, expect, test } from "bun:test";
import { openModel } from "../../lib/agent/open-model.ts";
import { planCalls } from "../../lib/agent/script-plan.ts";
import { randomNumberTool } from "../../lib/tools/random-number-tool.ts";
import { createReverseTool } from "../../lib/tools/reverse-tool.ts";
import { echoTool } from "./stepping-tool.ts";
import { startTalk } from "./talk.ts";

const reverse = (query: string) => ({ toolName: "reverse_tool" as const, input: { query } });
const number = (min: number, max: number) => ({
  toolName: "random_number_tool" as const,
  input: { min, max },
});

test.each([
  [
    "reverse hello and reverse world and give me a number between 1 and 40",
    [reverse("hello"), reverse("world"), number(1, 40)],
  ],
  ['Reverse "hello world" and reverse "a and b".', [reverse("hello world"), reverse("a and b")]],
  ["Please give me a random number from -5 to 5, then reverse it's me!", [number(-5, 5), reverse("it's me")]],
  [
    "reverse two words, reverse “drei”; reverse 'x y'",
    [reverse("two words"), reverse("drei"), reverse("x y")],
  ],
  ["reverse hello world", [reverse("hello world")]],
  ["What is the weather?", []],
  ["reverse", []],
  ["", []],
])("reads %p", (prompt, calls) => {
  expect(planCalls(prompt)).toEqual(calls);
});

describe("the scripted model", () => {
  const model = openModel({ model: "scripted", baseUrl: undefined, apiKey: undefined });
  const tools = [createReverseTool({ seconds: 0 }), randomNumberTool];

  test("makes three real calls at once and names what they gave", async () => {
    await using talk = await startTalk(tools, [], { model });
    const result = await talk.runTurn("reverse hello and reverse world and give me a number between 7 and 7");
    expect(result).toEqual({
      outcome: "done",
      text:
        'This is a script, not a model: reverse_tool({"query":"hello"}) gave "olleh"; ' +
        'reverse_tool({"query":"world"}) gave "dlrow"; random_number_tool({"min":7,"max":7}) gave 7.',
      usage: { inputTokens: 0, outputTokens: 0 },
    });
    const kinds = talk.events
      .map(({ type }) => type)
      .filter((type) => type.startsWith("call_") && type !== "call_progress");
    expect(kinds.slice(0, 3)).toEqual(["call_started", "call_started", "call_started"]);
    expect(talk.ofType("call_ended").map(({ outcome }) => outcome)).toEqual(["done", "done", "done"]);
    expect(talk.ofType("text_delta").length).toBeGreaterThan(10);
  });

  test("says what it can do when it does not understand, and calls nothing", async () => {
    await using talk = await startTalk(tools, [], { model });
    const { text } = await talk.runTurn("What is the weather?");
    expect(text).toStartWith("This is a script, not a model: it only understands prompts such as");
    expect(talk.ofType("call_started")).toEqual([]);
  });

  test("calls only what the server offers", async () => {
    await using talk = await startTalk([echoTool], [], { model });
    expect((await talk.runTurn("reverse hello")).text).toContain("the server does not offer that");
  });

  test("names a call that failed, and takes another prompt", async () => {
    await using talk = await startTalk(tools, [], { model });
    expect((await talk.runTurn("a number between 9 and 1")).text).toContain(
      "failed (min must not be greater",
    );
    expect((await talk.runTurn("reverse ab")).text).toContain('gave "ba"');
  });
});
