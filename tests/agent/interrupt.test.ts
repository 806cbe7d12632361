import { describe, expect, test } from "bun:test";
import { hang, refuse, say } from "./openai-server.ts";
import { createSteppingTool, echoTool } from "./stepping-tool.ts";
import { startTalk } from "./talk.ts";

const twoCalls = ["a", "b"].map((name) => ({
  name: "step_tool",
  args: { name, steps: 1 },
  id: `call_${name}`,
}));

describe("a turn that is interrupted", () => {
  test("in the middle of two calls cancels them on the wire; the history is valid and the next turn works", async () => {
    const stepping = createSteppingTool();
    await using talk = await startTalk(
      [stepping.tool],
      [say({ text: ["Wait."], calls: twoCalls }), say({ text: ["Fine."] })],
    );
    const caller = new AbortController();
    const turn = talk.runTurn("go", { signal: caller.signal });
    await Promise.all([stepping.started("a"), stepping.started("b")]);
    stepping.end("a");
    stepping.step("a", 1);
    await talk.waitFor((event) => event.type === "call_ended");
    caller.abort();
    expect(await turn).toEqual({
      outcome: "interrupted",
      text: "Wait.",
      usage: { inputTokens: 11, outputTokens: 7 },
    });
    await stepping.aborted("b");
    expect(talk.ofType("call_ended")).toEqual([
      { type: "call_ended", callId: "call_a", outcome: "done" },
      { type: "call_ended", callId: "call_b", outcome: "cancelled" },
    ]);
    expect(talk.events.at(-1)).toMatchObject({ type: "turn_ended", outcome: "interrupted" });
    expect(await talk.runTurn("still there?")).toMatchObject({ outcome: "done", text: "Fine." });
    const [, , asked, first, second, next] = talk.modelServer.messages();
    expect(asked?.content).toBe("Wait.");
    expect(asked?.tool_calls?.map(({ id }) => id)).toEqual(["call_a", "call_b"]);
    expect(first).toEqual({ role: "tool", tool_call_id: "call_a", content: '{"finished":"a"}' });
    expect(second).toMatchObject({ role: "tool", tool_call_id: "call_b" });
    expect(second?.content).toContain("interrupted, may have run");
    expect(next).toEqual({ role: "user", content: "still there?" });
  });

  test("in the second step keeps the first one as it was", async () => {
    const replies = [
      say({ calls: [{ name: "echo_tool", args: {}, id: "call_1" }] }),
      say({ text: ["The ", "answer ", new Promise(() => {})] }),
      say({ text: ["ok"] }),
    ];
    await using talk = await startTalk([echoTool], replies);
    const caller = new AbortController();
    const turn = talk.runTurn("go", { signal: caller.signal });
    await talk.waitFor((event) => event.type === "text_delta" && event.text === "answer ");
    caller.abort();
    expect(await turn).toMatchObject({
      outcome: "interrupted",
      text: "The answer ",
      usage: { inputTokens: 11 },
    });
    await talk.modelServer.requests[1]?.gone;
    expect(talk.events.slice(-2).map(({ type }) => type)).toEqual(["text_ended", "turn_ended"]);
    await talk.runTurn("next");
    expect(talk.modelServer.messages().slice(3)).toEqual([
      { role: "tool", tool_call_id: "call_1", content: "{}" },
      { role: "assistant", content: "The answer " },
      { role: "user", content: "next" },
    ]);
  });

  test("while the model thinks leaves no trace", async () => {
    await using talk = await startTalk([echoTool], [hang, say({ text: ["ok"] })]);
    const caller = new AbortController();
    const turn = talk.runTurn("hm", { signal: caller.signal });
    await talk.modelServer.asked;
    caller.abort(new Error("any reason"));
    expect(await turn).toMatchObject({ outcome: "interrupted", text: "" });
    await talk.modelServer.requests[0]?.gone;
    await talk.runTurn("again");
    expect(talk.modelServer.messages().slice(1)).toEqual([{ role: "user", content: "again" }]);
  });

  test("while it waits for another try of a request ends at once", async () => {
    await using talk = await startTalk([echoTool], [refuse(500, { headers: { "retry-after": "9" } })]);
    const caller = new AbortController();
    const turn = talk.runTurn("hm", { signal: caller.signal });
    await talk.modelServer.asked;
    caller.abort();
    expect((await turn).outcome).toBe("interrupted");
    expect(talk.modelServer.requests).toHaveLength(1);
  });

  test("before it began asks nobody", async () => {
    await using talk = await startTalk([echoTool], []);
    expect((await talk.runTurn("hm", { signal: AbortSignal.abort() })).outcome).toBe("interrupted");
    expect(talk.modelServer.requests).toHaveLength(0);
    expect(talk.events.map(({ type }) => type)).toEqual(["turn_ended"]);
  });

  test("after a call was asked for, but before its step ended, forgets the call", async () => {
    const replies = [
      // The arguments are complete, and the stream goes on.
      say({ text: ["One moment."], calls: [{ name: "echo_tool", args: {} }], pause: new Promise(() => {}) }),
      say({ text: ["ok"] }),
    ];
    await using talk = await startTalk([echoTool], replies);
    const caller = new AbortController();
    const turn = talk.runTurn("go", { signal: caller.signal });
    await talk.waitFor((event) => event.type === "text_delta");
    caller.abort();
    expect((await turn).outcome).toBe("interrupted");
    expect(talk.ofType("call_started")).toEqual([]);
    await talk.runTurn("next");
    expect(talk.modelServer.messages().slice(1)).toEqual([
      { role: "user", content: "go" },
      { role: "assistant", content: "One moment." },
      { role: "user", content: "next" },
    ]);
  });
});
