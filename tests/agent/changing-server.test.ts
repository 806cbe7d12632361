import { describe, expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
import { startChangingServer, tellUntil } from "../harness/changing-server.ts";
import { echo, startSdkServer, type TestTool } from "../transport-client/sdk-server.ts";
import { gate } from "../transport-client/settled.ts";
import { say } from "./openai-server.ts";
import { startTalk } from "./talk.ts";

const call = (name: string, id: string) => say({ calls: [{ name, args: { id }, id }] });
/** A server that comes back does so at the same address. */
async function findFreePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port = 0 } = server;
  await server.stop(true);
  return port;
}

type Talk = Awaited<ReturnType<typeof startTalk>>;
const offered = (talk: Talk, index: number) =>
  talk.modelServer.requests[index]?.body.tools?.map((tool) => tool.function.name);

describe.each(["modern", "legacy"] as const)("tools that change in a turn, on a %s server,", (era) => {
  test("are offered in the next step, and watchers learn of it", async () => {
    await using server = startChangingServer(era, "old", "both");
    const connection = await connect({ url: server.url });
    const heard = gate();
    const watched = {
      listTools: connection.listTools.bind(connection),
      callTool: connection.callTool.bind(connection),
      watchTools: (onChange: () => void) =>
        connection.watchTools(() => {
          onChange();
          heard.open();
        }),
    };
    const slow = say({ text: ["I call.", heard.opened], calls: [{ name: "both", args: {}, id: "call_1" }] });
    const replies = [slow, call("new", "call_2"), say({ text: ["ok"] })];
    await using talk = await startTalk([], replies, { connection: watched });
    const turn = talk.runTurn("go");
    await talk.waitFor((event) => event.type === "text_delta");
    server.change("both", "new");
    await tellUntil(server, heard.opened);
    expect((await turn).outcome).toBe("done");
    expect([offered(talk, 0), offered(talk, 1)]).toEqual([
      ["old", "both"],
      ["both", "new"],
    ]);
    expect(talk.ofType("tools_changed")).toEqual([
      { type: "tools_changed", added: ["new"], removed: ["old"] },
    ]);
    expect(talk.modelServer.messages().at(-1)?.content).toBe("new ran");
    await connection.close();
  });
});

describe("a server that dies in the middle of a turn", () => {
  test("is an answer for the model, and is used again once it came back: no call is made twice", async () => {
    const runs: unknown[] = [];
    const started = gate();
    const hanging: TestTool = {
      name: "hang",
      run: (args) => {
        runs.push(args);
        started.open();
        return new Promise(() => {});
      },
    };
    const start = () => startSdkServer({ tools: [hanging, echo], eras: "legacy", port });
    const port = await findFreePort();
    const first = start();
    const connection = await connect({ url: first.url });
    const back = gate();
    const replies = [
      call("hang", "call_1"),
      call("echo", "call_2"),
      say({ text: ["Waiting. ", back.opened], calls: [{ name: "echo", args: { n: 3 }, id: "call_3" }] }),
      say({ text: ["ok"] }),
    ];
    await using talk = await startTalk([], replies, { connection });
    const turn = talk.runTurn("go");
    await started.opened;
    await first.stop();
    await talk.waitFor((event) => event.type === "text_delta");
    await using second = start();
    back.open();
    expect((await turn).outcome).toBe("done");
    // The first one named the lost session: it was answered with 404, and not run.
    expect(second.count("tools/call")).toBe(2);
    expect(talk.ofType("call_ended").map(({ outcome }) => outcome)).toEqual(["failed", "failed", "done"]);
    expect(runs).toHaveLength(1);
    const results = talk.modelServer.messages().filter(({ role }) => role === "tool");
    expect(String(results[0]?.content)).toContain("may have run");
    await connection.close();
  });

  test("is used again in the next turn, with the tools that it has then", async () => {
    const port = await findFreePort();
    const tools = [echo];
    const start = () => startSdkServer({ tools, eras: "legacy", port });
    const first = start();
    const connection = await connect({ url: first.url });
    await using talk = await startTalk([], [say({ text: ["a"] })], { connection });
    await talk.runTurn("one");
    await first.stop();
    tools.push({ ...echo, name: "second" });
    await using second = start();
    talk.modelServer.reply(call("echo", "call_1"), say({ text: ["b"] }));
    expect((await talk.runTurn("two")).outcome).toBe("done");
    expect(talk.ofType("call_ended")).toMatchObject([{ outcome: "done" }]);
    expect(offered(talk, 2)).toEqual(["echo", "second"]);
    // The first one named the lost session: it was answered with 404, and not run.
    expect(second.count("tools/call")).toBe(2);
    await connection.close();
  });
});

test("a tool that is gone without a word has the tools listed again", async () => {
  const tools = [echo, { ...echo, name: "second" }];
  await using server = startSdkServer({ tools });
  const connection = await connect({ url: server.url });
  const replies = [call("second", "call_1"), say({ text: ["ok"] })];
  await using talk = await startTalk([], replies, { connection });
  tools.pop();
  expect((await talk.runTurn("go")).outcome).toBe("done");
  expect(talk.ofType("tools_changed")).toEqual([{ type: "tools_changed", added: [], removed: ["second"] }]);
  expect(offered(talk, 1)).toEqual(["echo"]);
  await connection.close();
});

test("a tool that never answers ends by its time limit, and the turn goes on", async () => {
  const silent: TestTool = { name: "silent", run: () => new Promise(() => {}) };
  await using server = startSdkServer({ tools: [silent] });
  const connection = await connect({ url: server.url, idleTimeoutMs: 1000 });
  await using talk = await startTalk([], [call("silent", "call_1"), say({ text: ["ok"] })], { connection });
  expect(await talk.runTurn("go")).toMatchObject({ outcome: "done", text: "ok" });
  expect(talk.ofType("call_ended")).toMatchObject([{ outcome: "failed" }]);
  expect(String(talk.modelServer.messages().at(-1)?.content)).toContain("no sign of life");
  await connection.close();
});
