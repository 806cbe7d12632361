import { describe, expect, test } from "bun:test";
import {
  ApprovalPolicy,
  type ApprovalRules,
  checkPatterns,
  fingerprintTool,
  matchesPattern,
} from "../../lib/agent/approval-policy.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { ToolDescription } from "../../lib/transport/client/contract.ts";

const schema = { type: "object", properties: { a: { type: "string" } } };
const tool = (name: string, more: Partial<ToolDescription> = {}): ToolDescription => ({
  name,
  inputSchema: schema,
  ...more,
});
const reading = { annotations: { readOnlyHint: true } };

function createRules(rules: Partial<ApprovalRules> = {}) {
  const kept = new Set<string>();
  const remembered = {
    has: async (name: string, fingerprint: string) => kept.has(`${name} ${fingerprint}`),
    remember: async (name: string, fingerprint: string) => void kept.add(`${name} ${fingerprint}`),
  };
  return { allow: [], deny: [], trustsHints: true, remembered, ...rules };
}

test.each([
  ["*", "anything/at:all", true],
  ["get_*", "get_one", true],
  ["get_*", "forget_one", false],
  ["g?t", "get", true],
  ["g?t", "gt", false],
  ["a.b", "axb", false],
  ["[a]", "a", false],
  ["(a|b)$", "(a|b)$", true],
  ["*", "two\nlines", true],
  ["?", "👩", true],
  ["Get", "get", false],
  ["*a*b", "xaxbxab", true],
  ["*a?b*", "aab", true],
  ["*a?b*", "ab", false],
  ["**", "", true],
  ["a*", "ba", false],
  ["*.x", ".x.y.x", true],
])("the pattern %p and the name %p: %p", (pattern, name, expected) => {
  expect(matchesPattern(pattern, name)).toBe(expected);
});

test("a long name takes no long time, whatever the pattern", () => {
  expect(matchesPattern("*a*a*a*a*a*a*b", "a".repeat(5000))).toBe(false);
  expect(matchesPattern("*a*a*a*a*a*a*b", `${"a".repeat(5000)}b`)).toBe(true);
});

test.each(["delete_all", "Delete_All", "DELETE_x", "de\u200Blete_x", "ｄｅｌｅｔｅ_x", "delete\u{E0041}_x"])(
  "--deny delete_* stands for %j, --allow does not",
  async (name) => {
    const denying = new ApprovalPolicy(createRules({ allow: ["*"], deny: ["delete_*"] }));
    expect(await denying.judge(tool(name))).toBe("deny");
    const allowing = new ApprovalPolicy(createRules({ allow: ["DELETE_*"] }));
    expect(await allowing.judge(tool(name))).toBe(name.startsWith("DELETE_") ? "run" : "ask");
    checkPatterns({ allow: [], deny: ["delete_*"] }, [tool(name)]);
  },
);

describe("a call", () => {
  test.each([
    ["of a tool that only reads runs", {}, tool("t", reading), "run"],
    ["of any other is asked about", {}, tool("t"), "ask"],
    [
      "of one that says that it does not only read, too",
      {},
      tool("t", { annotations: { readOnlyHint: false } }),
      "ask",
    ],
    [
      "is asked about where the claim is no claim",
      {},
      tool("t", { annotations: { readOnlyHint: "true" } }),
      "ask",
    ],
    ["is asked about where claims count for nothing", { trustsHints: false }, tool("t", reading), "ask"],
    ["that is allowed runs", { allow: ["t*"] }, tool("t"), "run"],
    ["that is denied does not", { deny: ["t"] }, tool("t", reading), "deny"],
    ["that is allowed and denied does not", { allow: ["*"], deny: ["?"] }, tool("t"), "deny"],
  ] as const)("%s", async (_, rules, called, verdict) => {
    expect(await new ApprovalPolicy(createRules(rules)).judge(called)).toBe(verdict);
  });

  test("approved for the session runs until the tool is changed", async () => {
    const policy = new ApprovalPolicy(createRules());
    policy.approveForSession(tool("t"));
    expect(await policy.judge(tool("t"))).toBe("run");
    expect(await policy.judge(tool("u"))).toBe("ask");
    expect(await policy.judge(tool("t", { description: "Now does more." }))).toBe("ask");
  });

  test("approved for good runs in the next session, too, until the tool is changed", async () => {
    const rules = createRules();
    await new ApprovalPolicy(rules).approveAlways(tool("t"));
    const next = new ApprovalPolicy(rules);
    expect(await next.judge(tool("t"))).toBe("run");
    expect(await next.judge(tool("t", { inputSchema: { type: "object" } }))).toBe("ask");
    expect(await new ApprovalPolicy({ ...rules, deny: ["t"] }).judge(tool("t"))).toBe("deny");
  });
});

test("a fingerprint holds what a person could know, in whatever order it comes", () => {
  const one = tool("t", { description: "d", annotations: { a: 1, b: [{ c: 1, d: 2 }] } });
  const same = tool("t", { annotations: { b: [{ d: 2, c: 1 }], a: 1 }, description: "d" });
  expect(fingerprintTool(one)).toBe(fingerprintTool(same));
  for (const other of [{ title: "x" }, { description: "e" }, { annotations: {} }, { inputSchema: {} }]) {
    expect(fingerprintTool({ ...one, ...other })).not.toBe(fingerprintTool(one));
  }
});

test.each([
  ["--allow", { allow: ["ordr"], deny: [] }, /--allow "ordr" stands for no tool/, /Did you mean "order"/],
  ["--deny", { allow: ["*"], deny: ["order", "rm_*"] }, /--deny "rm_\*" stands for no tool/, /\/tools/],
])("%s with a pattern that stands for no tool is an error", (_, patterns, message, hint) => {
  try {
    checkPatterns(patterns, [tool("order")]);
    throw new Error("it was taken");
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(AppError);
    expect((thrown as AppError).exitCode).toBe(2);
    expect((thrown as AppError).message).toMatch(message);
    expect((thrown as AppError).hint).toMatch(hint);
  }
});

test("patterns that stand for a tool are taken, and * always", () => {
  expect(() => checkPatterns({ allow: ["o*"], deny: ["*r"] }, [tool("order")])).not.toThrow();
  expect(() => checkPatterns({ allow: ["*"], deny: [] }, [])).not.toThrow();
});
