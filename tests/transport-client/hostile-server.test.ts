import { describe, expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
import { EventReader } from "../../lib/transport/client/event-reader.ts";
import { echo, startSdkServer } from "./sdk-server.ts";
import { failureOf } from "./settled.ts";
import { listedTokens } from "./tokens.ts";

const stream = { headers: { "content-type": "text/event-stream" } };

/** Answers one method with this result, whatever it is. */
function answering(method: string, result: unknown) {
  return (_: Request, body: string) => {
    if (!body.includes(`"${method}"`)) return undefined;
    return Response.json({ jsonrpc: "2.0", id: (JSON.parse(body) as { id: number }).id, result });
  };
}

test("a first answer that can be taken up again, and never is, ends the connection attempt", async () => {
  const intercept = (request: Request) =>
    request.method === "GET"
      ? new Response(null, { status: 405 })
      : new Response("id: 1\ndata: {]\n\n", stream);
  await using server = startSdkServer({ tools: [], intercept });
  expect((await failureOf(connect({ url: server.url }))).code).toBe("connection_lost");
});

test("an event of empty lines is cut off like any other that is too large", () => {
  const reader = new EventReader(1000);
  const push = () => {
    for (let count = 0; count < 1000; count++) reader.push("data:\n");
  };
  expect(push).toThrow(expect.objectContaining({ code: "protocol_error" }));
});

describe("what the SDK stumbles over is the server's fault, in one sentence:", () => {
  test("a revision that is none", async () => {
    const result = { protocolVersion: "x\ny", capabilities: {}, serverInfo: { name: "x", version: "1" } };
    const intercept = answering("initialize", result);
    await using server = startSdkServer({ tools: [], eras: "legacy", intercept });
    const error = await failureOf(connect({ url: server.url }));
    expect(error.code).toBe("protocol_error");
    expect(error.message).not.toContain("\n");
  });

  test("a result that is null", async () => {
    const intercept = answering("tools/call", null);
    await using server = startSdkServer({ tools: [echo], eras: "legacy", intercept });
    const connection = await connect({ url: server.url });
    expect((await failureOf(connection.callTool("echo", {}))).code).toBe("protocol_error");
    await connection.close();
  });
});

test.each(["legacy", "modern"] as const)(
  "a pattern that is slow by design, for a result, does not hold up the client (%s)",
  async (eras) => {
    const slow = {
      ...echo,
      outputSchema: { type: "object", properties: { text: { type: "string", pattern: "^(a+)+$" } } },
      run: async () => ({ content: [], structuredContent: { text: `${"a".repeat(60)}!` } }),
    };
    await using server = startSdkServer({ tools: [slow], eras });
    const connection = await connect({ url: server.url });
    await connection.listTools();
    expect((await connection.callTool("echo", {})).structuredContent).toBeDefined();
    await connection.close();
  },
);

describe("a token that the server echoes is not shown", () => {
  const token = `${"h".repeat(40)}.${"c".repeat(200)}.${"s".repeat(40)}`;
  test.each([
    ["in a redirect", { status: 302, headers: { location: `http://127.0.0.1:9/${token}` } }],
    ["in a content type", { status: 200, headers: { "content-type": token } }],
  ])("%s", async (_, init) => {
    const intercept = () => new Response("x", init);
    await using server = startSdkServer({ tools: [], intercept });
    const { tokens } = listedTokens(token);
    const error = await failureOf(connect({ url: server.url, tokens }));
    expect(error.code).toBe("not_mcp");
    expect(error.message).not.toContain("hhhhhhhh");
  });
});
