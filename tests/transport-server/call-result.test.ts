import { describe, expect, test } from "bun:test";
import { toCallResult } from "../../lib/transport/server/call-result.ts";
import { eras, openSession, quick, send } from "./waiting-server.ts";
import { startServer } from "./start-server.ts";

test("a result on MCP's wire has the members that MCP knows", () => {
  const content = [{ type: "text", text: "a" }] as const;
  expect(toCallResult({ content, isError: true, failure: "timeout" })).toEqual({
    content: [...content],
    isError: true,
  });
  const structuredContent = { a: 1 };
  expect(toCallResult({ content, structuredContent, isError: false })).toEqual({
    content: [...content],
    structuredContent,
    isError: false,
  });
});

describe("a call with bad arguments", () => {
  test.each([...eras])("is a tool error without a member of our own in %s", async (era) => {
    await using server = startServer(quick, undefined);
    const session = era === "2025-11-25" ? { session: await openSession(server.url, undefined) } : {};
    const params = { name: "random_number_tool", arguments: {} };
    const response = await send(server.url, {
      era,
      method: "tools/call",
      params,
      token: undefined,
      ...session,
    });
    const text = await response.text();
    expect(text).toContain('"isError":true');
    expect(text).not.toContain("failure");
  });
});
