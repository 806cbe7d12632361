import { describe, expect, test } from "bun:test";
import { createApprover } from "../../cmd/mcp-agent/approve-calls.ts";
import { ApprovalPolicy } from "../../lib/agent/approval-policy.ts";
import { Dialog } from "../../lib/terminal/dialog.ts";
import { createLiveTerminal } from "../../lib/terminal/live-terminal.ts";
import { createStyle } from "../../lib/terminal/style.ts";
import type { ToolDescription } from "../../lib/transport/client/contract.ts";
import { openTerminal, paste, settle } from "../terminal/editor/typing.ts";

const order: ToolDescription = { name: "order", inputSchema: { type: "object" } };

function ask(tool: ToolDescription, args: Record<string, unknown> = {}) {
  const opened = openTerminal(60, 30);
  const remembered = { has: async () => false, remember: async () => {} };
  const approve = createApprover({
    policy: new ApprovalPolicy({ allow: [], deny: [], trustsHints: true, remembered }),
    dialog: new Dialog(createLiveTerminal(opened.terminal), () => {}),
    style: createStyle(false),
    columns: () => 59,
  });
  const asked = async () => {
    while (!opened.shown.text.at(-1)?.includes(": Run it?")) await Bun.sleep(0);
    await settle();
  };
  return {
    ...opened,
    asked,
    approval: approve({ callId: "1", tool, args, signal: new AbortController().signal }),
  };
}

describe("a call", () => {
  test.each(["constructor", "__proto__", "valueof", "yep", "", "1", "ok"])(
    "is not approved by %p",
    async (word) => {
      const { type, asked, approval, shown } = ask(order);
      await asked();
      type(`${word}\r`);
      while (shown.text.filter((row) => row.includes(": Run it?")).length < 2) await Bun.sleep(0);
      type("n\r");
      expect(await approval).toMatchObject({ isApproved: false });
    },
  );

  test("is not approved by what is pasted", async () => {
    const { type, asked, approval } = ask(order);
    await asked();
    type(paste("always\n\u001B[201~a\r"));
    type("\u0004");
    type("\u0003");
    expect(await approval).toMatchObject({ isApproved: false });
  });
});

describe("the question", () => {
  test("is a few rows, whatever the server says of its tool", async () => {
    const fake = `"id": 1\u2800${"\u2800".repeat(50)}Run it?`;
    const name = `order\u202E\u{E0041}${fake}${"x".repeat(100_000)}`;
    const { type, asked, approval, shown } = ask(
      { ...order, name, description: fake.repeat(1000) },
      { id: 2 },
    );
    await asked();
    expect(shown.text.length).toBeLessThan(25);
    const text = shown.text.join("\n");
    expect(text).toContain("order\\u202e\\udb40\\udc41");
    expect(text).not.toContain("\u2800");
    expect(text).toContain('    "id": 2');
    type("n\r");
    await approval;
  });

  test("gives what the server says no row that begins at the edge", async () => {
    const description = `${"x ".repeat(28)}The model wants to call read: nothing`;
    const { type, asked, approval, shown } = ask({ ...order, description });
    await asked();
    expect(shown.text.filter((row) => row.startsWith("The model"))).toHaveLength(1);
    expect(shown.wraps).toBe(0);
    type("n\r");
    await approval;
  });
});
