import { describe, expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
import { listTools } from "../../lib/transport/client/list-tools.ts";
import { echo, type SdkServerOptions, startSdkServer } from "./sdk-server.ts";
import { failureOf } from "./settled.ts";
import { listedTokens } from "./tokens.ts";

const tool = { name: "a", inputSchema: { type: "object" } };

type Result = Readonly<Record<string, unknown>>;

/** Answers tools/list with what a function makes of its parameters; everything else as the SDK does. */
function answering(resultOf: (params: Result) => Result | undefined): SdkServerOptions {
  return {
    tools: [echo],
    intercept(_, body) {
      if (!body.includes('"tools/list"')) return undefined;
      const { id, params } = JSON.parse(body) as { id: number; params: Result };
      const result = resultOf(params);
      return result && Response.json({ jsonrpc: "2.0", id, result });
    },
  };
}

const complete = (members: Result) => ({
  resultType: "complete",
  ttlMs: 0,
  cacheScope: "private",
  ...members,
});

describe("the tools of a server", () => {
  test("are listed with one request, and none to say hello", async () => {
    await using server = startSdkServer({ tools: [echo], eras: "modern" });
    const tools = await listTools({ url: server.url });
    expect(server.seen.map(({ rpcMethod }) => rpcMethod)).toEqual(["tools/list"]);
    const connection = await connect({ url: server.url });
    expect(tools).toEqual(await connection.listTools());
    await connection.close();
  });

  test("are listed from all pages", async () => {
    const options = answering(({ cursor }) => {
      const next = cursor === undefined ? "1" : cursor === "1" ? "2" : undefined;
      const tools = [{ ...tool, name: `of ${String(cursor)}` }];
      return complete({ tools, ...(next !== undefined && { nextCursor: next }) });
    });
    await using server = startSdkServer(options);
    const names = (await listTools({ url: server.url })).map(({ name }) => name);
    expect(names).toEqual(["of undefined", "of 1", "of 2"]);
    expect(server.count("server/discover")).toBe(0);
  });

  test("are listed with a token, which is renewed when it is refused", async () => {
    await using server = startSdkServer({
      tools: [echo],
      intercept: (request) =>
        request.headers.get("authorization") === "Bearer good"
          ? undefined
          : new Response(null, { status: 401 }),
    });
    const { tokens } = listedTokens("bad", "good");
    expect(await listTools({ url: server.url, tokens })).toHaveLength(1);
    expect(server.seen.map(({ authorization }) => authorization)).toEqual(["Bearer bad", "Bearer good"]);
  });

  test("are the SDK's to list where the server speaks the older revisions", async () => {
    await using server = startSdkServer({ tools: [echo], eras: "legacy" });
    expect((await listTools({ url: server.url })).map(({ name }) => name)).toEqual(["echo"]);
    expect(server.count("initialize")).toBe(1);
  });

  test.each<[string, Result]>([
    ["no type of result", { tools: [tool] }],
    ["another type of result", { resultType: "input_required", tools: [tool] }],
    ["no list", complete({ tools: {} })],
    ["a tool without a name", complete({ tools: [{ ...tool, name: 1 }] })],
    ["a tool without a schema", complete({ tools: [{ name: "a" }] })],
    ["a schema of no object", complete({ tools: [{ ...tool, inputSchema: { type: "string" } }] })],
    ["a title that is no text", complete({ tools: [{ ...tool, title: 1 }] })],
    ["an odd hint", complete({ tools: [{ ...tool, annotations: { readOnlyHint: "yes" } }] })],
    [
      "an argument in a header",
      complete({
        tools: [
          {
            ...tool,
            inputSchema: { type: "object", properties: { a: { type: "string", "x-mcp-header": "A" } } },
          },
        ],
      }),
    ],
    ["an odd cursor", complete({ tools: [tool], nextCursor: 1 })],
  ])("are the SDK's to list where the answer has %s", async (_, result) => {
    let asked = 0;
    await using server = startSdkServer(answering(() => (asked++ === 0 ? result : undefined)));
    expect((await listTools({ url: server.url })).map(({ name }) => name)).toEqual(["echo"]);
    expect(server.count("server/discover")).toBe(1);
  });

  test.each<[number, string]>([
    [401, "sign_in_required"],
    [403, "access_denied"],
    [429, "rate_limited"],
  ])("are not asked for twice after a refusal with %d", async (status, code) => {
    await using server = startSdkServer({ tools: [], intercept: () => new Response(null, { status }) });
    expect((await failureOf(listTools({ url: server.url }))).code as string).toBe(code);
    expect(server.seen).toHaveLength(1);
  });

  test("are not asked for over plain http with a token", async () => {
    const { tokens } = listedTokens("t");
    const error = await failureOf(listTools({ url: "http://mcp.example.test/mcp", tokens }));
    expect(error.code).toBe("untrusted_destination");
  });
});
