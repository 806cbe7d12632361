import { describe, expect, test } from "bun:test";
import { beginDraft, encodeDraft, setMember, text } from "./draft.ts";
import { findBrokenRules, rightStatuses } from "./judge.ts";
import { readJsonObject } from "./read-json.ts";
import { startSeconds } from "./setting.ts";

const authority = { loginUrl: "http://127.0.0.1:1", stsUrl: "http://127.0.0.1:1/sts" };

describe("the oracle's reader of JSON", () => {
  test.each([
    ["{}", true],
    [' {"a" : [1, -0.5e+2, "\\u0061\\n", true, null, {}]}\n', true],
    ['{"a":1,"A":2,"":3}', true],
    ['{"a":1,"\\u0061":2}', false],
    ['{"a":[{"b":1,"b":1}]}', false],
    ['{"a":1,}', false],
    ['{"a":01}', false],
    ['{"a":NaN}', false],
    ['{"a":"\t"}', false],
    ["\ufeff{}", false],
    ["{}{}", false],
    ["[]", false],
    ["", false],
    [`{"a":${"[".repeat(15)}${"]".repeat(15)}}`, true],
    [`{"a":${"[".repeat(16)}${"]".repeat(16)}}`, false],
  ])("%j", (json, isObject) => {
    expect(readJsonObject(Buffer.from(json)) !== undefined).toBe(isObject);
  });

  test("refuses bytes that are no UTF-8", () => {
    expect(readJsonObject(Buffer.from([...Buffer.from('{"a":"'), 0xff, 0x22, 0x7d]))).toBeUndefined();
  });

  test("reads what JSON.parse reads", () => {
    const json = '{"a":[1e400,-0,1.5E-3],"b":{"\\ud83d\\ude00":"\\"\\\\\\/\\b\\f\\r\\t"},"__proto__":false}';
    const value = readJsonObject(Buffer.from(json));
    expect(value?.get("a")).toEqual([Number.POSITIVE_INFINITY, -0, 0.0015]);
    expect(value?.get("b")).toEqual(new Map([["\u{1f600}", '"\\/\b\f\r\t']]));
    expect(value?.get("__proto__")).toBe(false);
  });
});

describe("the oracle", () => {
  function judge(claim?: readonly [name: string, value: unknown], prefix = "Bearer ") {
    const draft = beginDraft({ authority, version: "2.0", nowSeconds: startSeconds });
    if (claim) setMember(draft.claims, claim[0], text(claim[1]));
    const token = `${encodeDraft(draft)}.AAAA`;
    const signedBy = (other: string) => (other === token ? ("usable" as const) : undefined);
    return findBrokenRules(prefix + token, {
      authority,
      nowSeconds: startSeconds,
      canAskForKeys: true,
      signedBy,
    });
  }

  test.each([
    ["a good token", undefined, []],
    ["one that has just expired", ["exp", startSeconds - 60], ["time"]],
    ["one that has all but expired", ["exp", startSeconds - 59.999], []],
    ["one that is valid just now", ["nbf", startSeconds + 60], []],
    ["a list of audiences", ["aud", ["c0ffee00-babe-4dad-8fed-0123456789ab"]], ["audience"]],
    ["a scope that begins alike", ["scp", "execute.all"], ["scope"]],
    ["a scope between two blanks", ["scp", "a  execute"], []],
    ["a guest", ["acct", 1], ["guest"]],
  ] satisfies [string, [string, unknown] | undefined, string[]][])("knows %s", (_, claim, broken) => {
    expect(judge(claim) as string[]).toEqual(broken);
  });

  test("takes nothing for a token but one after one blank", () => {
    expect(judge(undefined, "bEARER ")).toEqual([]);
    expect(judge(undefined, "Bearer  ")).toEqual(["authorization"]);
    expect(judge(undefined, "")).toEqual(["authorization"]);
    expect(judge(undefined, "Bearer x")).toEqual(["shape"]);
  });

  test("puts who somebody is before what he may do", () => {
    expect([...rightStatuses(["scope", "time"])]).toEqual([401]);
    expect([...rightStatuses(["scope", "app_only"])]).toEqual([403]);
    expect([...rightStatuses([])]).toEqual([200]);
  });
});
