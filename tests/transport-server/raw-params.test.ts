import { describe, expect, test } from "bun:test";
import { openRaw, revisions, toolsCall, toolsList } from "./raw-request.ts";

describe.each([...revisions])("params, %s", (revision) => {
  test.each([
    ["made up", "x"],
    ["empty", ""],
    ["a number", 5],
    ["null", null],
  ])("pagination cursor that is %s: -32602", async (_, cursor) => {
    await using raw = await openRaw(revision);
    const { code, body } = await raw.send({ ...toolsList, params: { cursor } });
    expect(code).toBe(-32602);
    expect(body).toContain("There is no page of tools for this cursor.");
  });

  test("without a pagination cursor all tools are on one page", async () => {
    await using raw = await openRaw(revision);
    const { body } = await raw.send(toolsList);
    expect(body).toContain('"random_number_tool"');
    expect(body).not.toContain("nextCursor");
  });

  test.each([
    ["arguments that are a list", { arguments: [] }],
    ["arguments that are a text", { arguments: "x" }],
    ["arguments that are null", { arguments: null }],
    ["no name", { name: undefined }],
    ["a name that is a number", { name: 5 }],
  ])("tools/call with %s: -32602", async (_, changes) => {
    await using raw = await openRaw(revision);
    const { code, body } = await raw.send({ ...toolsCall, params: { ...toolsCall.params, ...changes } });
    expect(code).toBe(-32602);
    // The SDK of the newer revision answers before the binder can.
    if (revision === "2025-11-25") expect(body).toContain("tools/call takes a name, which is a string");
  });

  test("arguments that a tool does not take are an error of the tool, not of the protocol", async () => {
    await using raw = await openRaw(revision);
    const params = { name: "random_number_tool", arguments: { min: "x" } };
    const { status, code, body } = await raw.send({ ...toolsCall, params });
    expect([status, code]).toEqual([200, undefined]);
    expect(body).toContain('"isError":true');
  });
});
