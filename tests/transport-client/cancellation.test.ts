import { describe, expect, test } from "bun:test";
import type { ProgressUpdate } from "../../lib/base/events.ts";
import { connect } from "../../lib/transport/client/connect.ts";
import { pausing } from "./pausing-tool.ts";
import { echo, startSdkServer } from "./sdk-server.ts";
import { failureOf, gate } from "./settled.ts";

describe.each(["auto", "legacy"] as const)("a call that the caller gives up, asked for %s", (protocol) => {
  test("is cancelled on the wire and fails with interrupted", async () => {
    const { tool, started, aborted } = pausing();
    await using server = startSdkServer({ tools: [tool, echo] });
    const connection = await connect({ url: server.url, protocol });
    const caller = new AbortController();
    const failed = failureOf(connection.callTool("pausing", {}, { signal: caller.signal, onProgress() {} }));
    await started;
    caller.abort();
    const error = await failed;
    expect([error.code, error.exitCode]).toEqual(["interrupted", 130]);
    await aborted;
    expect(server.count("notifications/cancelled")).toBe(protocol === "legacy" ? 1 : 0);
    expect((await connection.callTool("echo", {})).isError).toBe(false);
    await connection.close();
  });

  test("is cancelled also when the connection is closed right after", async () => {
    const { tool, started, aborted } = pausing();
    await using server = startSdkServer({ tools: [tool] });
    const connection = await connect({ url: server.url, protocol });
    const caller = new AbortController();
    const failed = failureOf(connection.callTool("pausing", {}, { signal: caller.signal }));
    await started;
    caller.abort();
    await connection.close();
    expect((await failed).code).toBe("interrupted");
    await aborted;
    expect(server.count("notifications/cancelled")).toBe(protocol === "legacy" ? 1 : 0);
  });

  test("is cancelled by closing the connection", async () => {
    const { tool, started, aborted } = pausing();
    await using server = startSdkServer({ tools: [tool] });
    const connection = await connect({ url: server.url, protocol });
    const failed = failureOf(connection.callTool("pausing", {}));
    await started;
    await connection.close();
    expect((await failed).code).toBe("interrupted");
    await aborted;
  });

  test("is not sent at all when it was given up before", async () => {
    await using server = startSdkServer({ tools: [echo] });
    const connection = await connect({ url: server.url, protocol });
    const error = await failureOf(connection.callTool("echo", {}, { signal: AbortSignal.abort() }));
    expect([error.code, server.count("tools/call")]).toEqual(["interrupted", 0]);
    await connection.close();
  });

  test("reports no more progress afterwards", async () => {
    const { tool, goOn } = pausing();
    await using server = startSdkServer({ tools: [tool, echo] });
    const connection = await connect({ url: server.url, protocol });
    const caller = new AbortController();
    const updates: ProgressUpdate[] = [];
    const seen = gate();
    const onProgress = (update: ProgressUpdate) => {
      updates.push(update);
      seen.open();
    };
    const failed = failureOf(connection.callTool("pausing", {}, { signal: caller.signal, onProgress }));
    await seen.opened;
    caller.abort();
    goOn();
    await failed;
    await connection.callTool("echo", {});
    expect(updates).toHaveLength(1);
    await connection.close();
  });
});

test.each(["server/discover", "initialize"])("connecting is given up while %s hangs", async (method) => {
  const asked = gate();
  const intercept = (_: Request, body: string) => {
    if (!body.includes(`"${method}"`)) return undefined;
    asked.open();
    return new Promise<Response>(() => {});
  };
  const eras = method === "initialize" ? "legacy" : "both";
  await using server = startSdkServer({ tools: [], eras, intercept });
  const caller = new AbortController();
  const failed = failureOf(connect({ url: server.url, signal: caller.signal }));
  await asked.opened;
  caller.abort();
  expect((await failed).code).toBe("interrupted");
  expect(server.count("notifications/cancelled")).toBe(0);
});

test("the session does not end before the server has heard of the cancellation", async () => {
  const { tool, started } = pausing();
  const order: string[] = [];
  const intercept = async (request: Request, body: string) => {
    if (request.method === "DELETE") order.push("end of session");
    if (!body.includes('"notifications/cancelled"')) return undefined;
    await Bun.sleep(50);
    order.push("cancellation answered");
    return new Response(null, { status: 202 });
  };
  await using server = startSdkServer({ tools: [tool], eras: "legacy", intercept });
  const connection = await connect({ url: server.url });
  const failed = failureOf(connection.callTool("pausing", {}));
  await started;
  await connection.close();
  await failed;
  expect(order).toEqual(["cancellation answered", "end of session"]);
});
