import { describe, expect, test } from "bun:test";
import { type Eras, startEraServer } from "./era-server.ts";
import { hostKinds, startSdkHost } from "./start-bridge.ts";

const eras: readonly Eras[] = ["legacy", "modern", "both"];
const pairs = hostKinds.flatMap((kind) => eras.map((era) => [kind, era] as const));

describe.each(pairs)("a host %s and a server %s", (kind, era) => {
  test("list, call, and see every step of progress", async () => {
    await using server = startEraServer({ eras: era });
    await using host = await startSdkHost(kind, { url: server.url });
    expect(host.client.getServerVersion()).toMatchObject({ name: "era" });
    expect(host.client.getInstructions()).toBe("Be kind.");
    expect(await host.listTools()).toContain("count");
    const steps: number[] = [];
    expect(await host.call("count", { steps: 4 }, { onProgress: (step) => steps.push(step) })).toBe(
      "counted to 4",
    );
    // The SDK's newer client drops a step that arrives together with the result.
    expect(steps.slice(0, 3)).toEqual([1, 2, 3]);
  });

  test("progress of two calls at once reaches each its own", async () => {
    await using server = startEraServer({ eras: era });
    await using host = await startSdkHost(kind, { url: server.url });
    const steps: [number[], number[]] = [[], []];
    const [first, second] = await Promise.all(
      [5, 7].map((count, index) =>
        host.call("count", { steps: count }, { onProgress: (step) => void steps[index]?.push(step) }),
      ),
    );
    expect([first, second]).toEqual(["counted to 5", "counted to 7"]);
    expect(steps.map((list) => list.slice(0, 4))).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  test("a cancelled call is cancelled at the server", async () => {
    await using server = startEraServer({ eras: era });
    await using host = await startSdkHost(kind, { url: server.url });
    const giveUp = new AbortController();
    const call = host.call("wait", {}, { signal: giveUp.signal });
    await server.waitFor("waiting");
    giveUp.abort();
    await expect(call).rejects.toThrow();
    await server.waitFor("cancelled");
    expect(await host.call("count")).toBe("counted to 3");
  });

  test("a question of the server reaches the host's person, and the answer the server", async () => {
    await using server = startEraServer({ eras: era });
    await using host = await startSdkHost(kind, { url: server.url });
    expect(await host.call("ask")).toBe("Hello, Ada!");
    expect(await Promise.all([host.call("ask"), host.call("ask")])).toEqual(["Hello, Ada!", "Hello, Ada!"]);
  });

  test("the server's own error comes with its code", async () => {
    await using server = startEraServer({ eras: era });
    await using host = await startSdkHost(kind, { url: server.url });
    await expect(host.call("fail")).rejects.toMatchObject({ code: -31_999 });
  });

  test("what the host closes ends at the server", async () => {
    await using server = startEraServer({ eras: era });
    const host = await startSdkHost(kind, { url: server.url });
    const call = host.call("wait").catch(() => "ended");
    await server.waitFor("waiting");
    await host.client.close();
    await host.ended;
    expect(await call).toBe("ended");
    await server.waitFor("cancelled");
    expect(server.sessions.size).toBe(0);
  });
});
