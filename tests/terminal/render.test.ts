import { describe, expect, test } from "bun:test";
import { measureWidth } from "../../lib/terminal/fit.ts";
import { renderResult } from "../../lib/terminal/render-result.ts";
import { describeSignature, renderTool, renderToolList } from "../../lib/terminal/render-tools.ts";
import { hostileTexts } from "./hostile.ts";

const unsafe = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;
const escapes = /\u001B\[\d+m/g;

const reverse = {
  name: "reverse_tool",
  description: "Reverses a text, grapheme by grapheme, so that flags and emoji survive it.",
  inputSchema: {
    type: "object",
    properties: { query: { type: "string", description: "The text to reverse." } },
    required: ["query"],
  },
  outputSchema: {
    type: "object",
    properties: { reversed_query: { type: "string" } },
    required: ["reversed_query"],
  },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false, title: "x" },
};

const rich = {
  name: "rich",
  inputSchema: {
    type: "object",
    properties: {
      mode: { type: "string", enum: ["fast", "slow"], default: "fast" },
      tags: { type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } },
      count: { type: ["integer", "null"] },
      any: true,
      key: { const: 1 },
    },
    required: ["count", "key"],
  },
};

test("a signature names required arguments first, and marks the others", () => {
  expect(describeSignature(reverse)).toBe("reverse_tool(query: string)");
  expect(describeSignature(rich)).toBe(
    "rich(count: integer | null, key: 1, mode?: string, tags?: (string | null)[], any?: any)",
  );
  expect(describeSignature({ name: "bare", inputSchema: {} })).toBe("bare()");
});

test("a list shows each tool with its description, wrapped", () => {
  const list = renderToolList([reverse, { name: "bare", inputSchema: {} }], { columns: 40, color: false });
  expect(list).toBe(
    [
      "reverse_tool(query: string)",
      "  Reverses a text, grapheme by grapheme,",
      "  so that flags and emoji survive it.",
      "",
      "bare()",
      "",
    ].join("\n"),
  );
  expect(renderToolList([], { columns: 40, color: false })).toBe("The server has no tools.\n");
});

test("a tool in detail shows arguments, result and what the server claims", () => {
  expect(renderTool(reverse, { columns: 80, color: false })).toBe(
    `reverse_tool(query: string)
  Reverses a text, grapheme by grapheme, so that flags and emoji survive it.

ARGUMENTS
  query: string, required
    The text to reverse.

RESULT
  reversed_query: string, required

The server says that it only reads and stays within the server.
`,
  );
});

test("a tool that may change things shows all that the server claims", () => {
  const annotations = { readOnlyHint: false, destructiveHint: false, idempotentHint: true };
  const shown = renderTool({ ...reverse, annotations }, { columns: 200, color: false });
  expect(shown).toEndWith(
    "The server says that it may change things, only adds, and does no more when it is called again.\n",
  );
});

test("an argument shows its default and its choices", () => {
  const shown = renderTool(rich, { columns: 80, color: false });
  expect(shown).toContain('  mode: string, optional, default "fast"\n    One of "fast", "slow".\n');
});

test("colour changes nothing but the colour", () => {
  const layout = { columns: 60 };
  const colored = renderTool(reverse, { ...layout, color: true });
  expect(colored).toContain("\u001B[36mreverse_tool\u001B[39m(query");
  expect(colored.replace(escapes, "")).toBe(renderTool(reverse, { ...layout, color: false }));
});

describe.each([20, 80])("on %d columns", (columns) => {
  test.each(hostileTexts)("a tool whose server %s is shown without harm", (_, text) => {
    const schema = {
      type: "object",
      properties: { [text]: { type: text, description: text, default: text, enum: [text] } },
      required: [text],
    };
    const tool = { name: text, title: text, description: text, inputSchema: schema, outputSchema: schema };
    const layout = { columns, color: false };
    const shown = renderTool(tool, layout) + renderToolList([tool], layout);
    expect(shown).not.toMatch(unsafe);
    const widest = Math.max(...shown.split("\n").map(measureWidth));
    expect(widest).toBeLessThanOrEqual(columns);
  });
});

test("a schema that goes deep or round is cut", () => {
  const deep: Record<string, unknown> = { type: "array" };
  deep["items"] = deep;
  const signature = describeSignature({
    name: "deep",
    inputSchema: { properties: { deep, odd: 7 }, required: "x" },
  });
  expect(signature).toBe("deep(deep?: any[][][][], odd?: any)");
});

describe("a result", () => {
  const text = (value: string) => ({ type: "text", text: value });
  const structuredContent = { reversed_query: "!tneilc" };

  test("whose text repeats the structured content is shown once", () => {
    const result = { content: [text('{"reversed_query": "!tneilc"}')], structuredContent, isError: false };
    expect(renderResult(result, { isTerminal: false })).toBe('{"reversed_query": "!tneilc"}\n');
    expect(renderResult(result, { isTerminal: true })).toBe('{\n  "reversed_query": "!tneilc"\n}\n');
  });

  test("whose text says something else is shown with the structured content", () => {
    const result = { content: [text("Here it is:")], structuredContent, isError: false };
    expect(renderResult(result, { isTerminal: false })).toBe('Here it is:\n{"reversed_query":"!tneilc"}\n');
  });

  test("names pictures, sounds and files with type and size", () => {
    const data = Buffer.from(new Uint8Array(12_345)).toString("base64");
    const result = {
      content: [
        { type: "image", mimeType: "image/png", data },
        { type: "audio", mimeType: "audio/wav", data: "AAA=" },
        { type: "resource", resource: { uri: "file:///a.pdf", mimeType: "application/pdf", blob: data } },
        { type: "resource", resource: { uri: "file:///a.txt", text: "inside" } },
        { type: "resource_link", name: "a", uri: "file:///a" },
        { type: "hologram\u001B[2J" },
      ],
      isError: false,
    };
    expect(renderResult(result, { isTerminal: false }).split("\n")).toEqual([
      "[image image/png, 12.3 kB]",
      "[audio audio/wav, 2 B]",
      "[resource file:///a.pdf application/pdf, 12.3 kB]",
      "inside",
      "[link a file:///a]",
      "[content of the unknown type hologram]",
      "",
    ]);
  });

  test("with nothing in it is nothing", () => {
    expect(renderResult({ content: [], isError: false }, { isTerminal: true })).toBe("");
  });

  test.each(hostileTexts)(
    "from a server that %s is harmless on a terminal and unchanged in a pipe",
    (_, value) => {
      const result = { content: [text(value)], structuredContent: { value }, isError: false };
      expect(renderResult(result, { isTerminal: true })).not.toMatch(unsafe);
      expect(renderResult(result, { isTerminal: false })).toBe(`${value}\n${JSON.stringify({ value })}\n`);
    },
  );
});
