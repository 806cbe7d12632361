import { describe, expect, test } from "bun:test";
import type { Approval, ApprovalRequest } from "../../lib/agent/conversation.ts";
import { gate } from "../transport-client/settled.ts";
import { say } from "./openai-server.ts";
import { createSteppingTool, echoTool } from "./stepping-tool.ts";
import { startTalk } from "./talk.ts";

const call = (n: number) => ({ name: "echo_tool", args: { n }, id: `call_${n}` });
const lastError = (talk: Awaited<ReturnType<typeof startTalk>>) =>
  JSON.parse(String(talk.modelServer.messages().at(-1)?.content)).error;

describe("an approval", () => {
  test("is asked for with the tool and the full arguments before the call starts", async () => {
    const requests: ApprovalRequest[] = [];
    const kinds: string[] = [];
    const long = "x".repeat(10_000);
    const replies = [
      say({ calls: [{ name: "echo_tool", args: { long }, id: "call_1" }] }),
      say({ text: ["ok"] }),
    ];
    await using talk = await startTalk([echoTool], replies, {
      approve: async (request) => {
        requests.push(request);
        kinds.push(...talk.events.map(({ type }) => type));
        return { isApproved: true };
      },
    });
    await talk.runTurn("go");
    expect(requests).toMatchObject([{ callId: "call_1", tool: { name: "echo_tool" }, args: { long } }]);
    expect(kinds).toEqual(["step_ended"]);
    expect(talk.ofType("call_started")).toMatchObject([{ callId: "call_1", args: { long } }]);
  });

  test("is waited for by its own call alone", async () => {
    const stepping = createSteppingTool();
    const asked = gate();
    const answered = gate();
    const step = { name: "step_tool", args: { name: "a", steps: 0 }, id: "call_a" };
    const replies = [say({ calls: [call(1), step] }), say({ text: ["ok"] })];
    await using talk = await startTalk([echoTool, stepping.tool], replies, {
      approve: async ({ tool }): Promise<Approval> => {
        if (tool.name === "step_tool") return { isApproved: true };
        asked.open();
        await answered.opened;
        return { isApproved: true };
      },
    });
    const turn = talk.runTurn("go");
    await asked.opened;
    await stepping.started("a");
    stepping.end("a");
    await talk.waitFor((event) => event.type === "call_ended" && event.callId === "call_a");
    expect(talk.ofType("call_started").map(({ callId }) => callId)).toEqual(["call_a"]);
    answered.open();
    expect((await turn).outcome).toBe("done");
    expect(talk.ofType("call_ended").map(({ callId }) => callId)).toEqual(["call_a", "call_1"]);
  });

  test.each<[string, () => Promise<Approval>, string, string]>([
    ["not given", async () => ({ isApproved: false, reason: "not_approved" }), "not_approved", "not approve"],
    ["denied", async () => ({ isApproved: false, reason: "denied" }), "denied", "deny"],
    [
      "not given with a note",
      async () => ({ isApproved: false, reason: "not_approved", note: "Read the file first." }),
      "not_approved",
      "Read the file first.",
    ],
    ["broken", () => Promise.reject(new Error("no terminal")), "not_approved", "not approve"],
  ])("that is %s: the call is not made, and the model reads why", async (_, approve, reason, said) => {
    const replies = [say({ calls: [call(1)] }), say({ text: ["ok"] })];
    await using talk = await startTalk([echoTool], replies, { approve });
    expect((await talk.runTurn("go")).outcome).toBe("done");
    expect(talk.ofType("call_refused")).toEqual([
      {
        type: "call_refused",
        callId: "call_1",
        tool: "echo_tool",
        summary: "n: 1",
        reason: reason as "denied",
      },
    ]);
    expect(talk.ofType("call_started")).toEqual([]);
    expect(lastError(talk)).toContain(said);
    expect(lastError(talk)).toContain("was not made");
  });

  test("that nobody gives does not hold up the end of a turn, and the history is valid", async () => {
    const asked = gate();
    let seen: AbortSignal | undefined;
    const replies = [say({ calls: [call(1)] }), say({ text: ["ok"] })];
    await using talk = await startTalk([echoTool], replies, {
      approve: ({ signal }) => {
        seen = signal;
        asked.open();
        return new Promise(() => {});
      },
    });
    const caller = new AbortController();
    const turn = talk.runTurn("go", { signal: caller.signal });
    await asked.opened;
    caller.abort();
    expect((await turn).outcome).toBe("interrupted");
    expect(seen?.aborted).toBe(true);
    expect(talk.ofType("call_started")).toEqual([]);
    expect((await talk.runTurn("next")).text).toBe("ok");
    expect(talk.modelServer.messages().at(-2)).toMatchObject({ role: "tool", tool_call_id: "call_1" });
  });
});

describe("a repeated call", () => {
  test("is refused the third time in a row, and the model reads why", async () => {
    const again = (id: string) => say({ calls: [{ name: "echo_tool", args: { a: 1, b: [2] }, id }] });
    const other = say({ calls: [{ name: "echo_tool", args: { b: [2], a: 1 }, id: "call_3" }] });
    const replies = [again("call_1"), again("call_2"), other, say({ text: ["ok"] })];
    await using talk = await startTalk([echoTool], replies);
    await talk.runTurn("go");
    expect(talk.ofType("call_ended").map(({ callId }) => callId)).toEqual(["call_1", "call_2"]);
    expect(talk.ofType("call_refused")).toMatchObject([{ callId: "call_3", reason: "repeated" }]);
    expect(lastError(talk)).toContain("2 times in a row");
  });

  test("is none with another call between, with other arguments, or in another turn", async () => {
    const one = (n: number, id: number) =>
      say({ calls: [{ name: "echo_tool", args: { n }, id: `call_${id}` }] });
    const replies = [one(1, 1), one(1, 2), one(2, 3), one(1, 4), say({ text: ["ok"] })];
    await using talk = await startTalk([echoTool], replies);
    await talk.runTurn("go");
    talk.modelServer.reply(one(1, 5), one(1, 6), say({ text: ["ok"] }));
    await talk.runTurn("go");
    expect(talk.ofType("call_ended")).toHaveLength(6);
    expect(talk.ofType("call_refused")).toEqual([]);
  });

  test("counts within one answer, too", async () => {
    const calls = [1, 2, 3].map((id) => ({ name: "echo_tool", args: {}, id: `call_${id}` }));
    await using talk = await startTalk([echoTool], [say({ calls }), say({ text: ["ok"] })]);
    await talk.runTurn("go");
    expect(talk.ofType("call_refused").map(({ callId }) => callId)).toEqual(["call_3"]);
  });
});
