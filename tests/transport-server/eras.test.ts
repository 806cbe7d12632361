import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { sleep } from "../../lib/base/abort.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { type ClientKind, clientKinds, connectSdk } from "./sdk-clients.ts";
import { createPrincipal, startServer } from "./start-server.ts";

const alice = createPrincipal("alice");
const access = [
  ["without authentication", undefined, undefined],
  ["with authentication", [alice], "alice"],
] as const;
const paths = ["", "/"] as const;

const rows = clientKinds.flatMap((kind) =>
  access.flatMap(([how, principals, token]) =>
    paths.map((path) => [kind, how, `/mcp${path}`, principals, token] as const),
  ),
);

/** A tool whose steps the test releases one by one. */
function createSteppedTool() {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const tool = defineTool({
    name: "stepped",
    title: "Stepped",
    description: "Takes a step when it is told to.",
    input: z.strictObject({}),
    output: z.strictObject({ steps: z.int() }),
    async run(_, { reportProgress }) {
      for (const [index, gate] of gates.entries()) {
        await gate.promise;
        reportProgress({ progress: index + 1, total: gates.length });
      }
      return { steps: gates.length };
    },
  });
  return { tool, release: (step: number) => gates[step]?.resolve() };
}

describe("both eras", () => {
  test.each(rows)("%s, %s, at %s: lists and calls both tools", async (kind, _, path, principals, token) => {
    await using server = startServer(builtInTools({ reverseSeconds: 0 }), principals);
    const client = await connectSdk(kind, `${server.origin}${path}`, token);
    expect(await client.listTools()).toEqual(["reverse_tool", "random_number_tool"]);
    const progress: number[] = [];
    const reversed = await client.call(
      "reverse_tool",
      { query: "abc" },
      { onProgress: (p) => progress.push(p) },
    );
    expect(reversed.structuredContent).toEqual({ reversed_query: "cba" });
    expect(reversed.content).toEqual([{ type: "text", text: '{"reversed_query":"cba"}' }]);
    expect(progress).toEqual([0, 1, 2, 3, 4, 5]);
    const random = await client.call("random_number_tool", { min: 7, max: 7 });
    expect(random.structuredContent).toEqual({ random_number: 7 });
    await client.close();
  });

  test.each([...clientKinds])("%s sees progress step by step", async (kind: ClientKind) => {
    const { tool, release } = createSteppedTool();
    await using server = startServer([tool], undefined);
    const client = await connectSdk(kind, server.url, undefined);
    const seen: number[] = [];
    release(0);
    const result = await client.call(
      "stepped",
      {},
      {
        // The next step is taken only after the last one was seen here: nothing can have been held back.
        onProgress(progress) {
          seen.push(progress);
          release(progress);
        },
      },
    );
    expect(seen).toEqual([1, 2, 3]);
    expect(result.structuredContent).toEqual({ steps: 3 });
    await client.close();
  });

  test.each([...clientKinds])("%s gets a protocol error for an unknown tool", async (kind: ClientKind) => {
    await using server = startServer(builtInTools({ reverseSeconds: 0 }), undefined);
    const client = await connectSdk(kind, server.url, undefined);
    await expect(client.call("reverse_tol", {})).rejects.toMatchObject({ code: -32602 });
    await client.close();
  });

  test.each([...clientKinds])("%s cancels a call and the tool stops", async (kind: ClientKind) => {
    const stopped = Promise.withResolvers<string>();
    const tool = defineTool({
      name: "endless",
      title: "Endless",
      description: "Runs until it is cancelled.",
      input: z.strictObject({}),
      output: z.strictObject({}),
      async run(_, { signal, reportProgress }) {
        reportProgress({ progress: 1 });
        await sleep(1_000_000, { signal }).catch(() => stopped.resolve("stopped"));
        return {};
      },
    });
    await using server = startServer([tool], undefined);
    const client = await connectSdk(kind, server.url, undefined);
    const caller = new AbortController();
    const call = client.call("endless", {}, { signal: caller.signal, onProgress: () => caller.abort() });
    await expect(call).rejects.toThrow();
    expect(await stopped.promise).toBe("stopped");
    await client.close();
  });
});

// Bun ends a connection after 10 s without a byte, and the SDK's clients give up after 60 s.
describe("a tool that is silent for 30 s", () => {
  const silent = defineTool({
    name: "silent",
    title: "Silent",
    description: "Says nothing for 30 s.",
    input: z.strictObject({}),
    output: z.strictObject({ done: z.boolean() }),
    async run(_, { signal }) {
      await sleep(30_000, { signal });
      return { done: true };
    },
  });

  test.concurrent.each([...clientKinds])(
    "is not cut off for %s",
    async (kind: ClientKind) => {
      await using server = startServer([silent], undefined);
      const client = await connectSdk(kind, server.url, undefined);
      expect((await client.call("silent", {})).structuredContent).toEqual({ done: true });
      await client.close();
    },
    50_000,
  );
});
