import { afterAll, describe, expect, test } from "bun:test";
import { openDoor } from "./door.ts";
import { statusesOf } from "./findings.ts";
import { startIssuer } from "./issuer.ts";
import { mutators } from "./mutants.ts";
import { describeWrong, runFuzz } from "./run.ts";
import { startSeconds } from "./setting.ts";

const seed = 20_261_123;
const count = 20_000;
const timeoutMs = 120_000;

const issuer = await startIssuer();
afterAll(() => issuer[Symbol.asyncDispose]());

async function openRun() {
  let nowMs = startSeconds * 1000;
  const setClock = (now: number) => {
    nowMs = now;
  };
  return { issuer, door: await openDoor(issuer.authority, { nowMs: () => nowMs }), seed, setClock };
}

describe("every answer to a mutated token is the one that the table gives", () => {
  test(
    `for ${count} mutants`,
    async () => {
      const report = await runFuzz({ ...(await openRun()), count });
      expect(report.wrong.slice(0, 20).map((wrong) => describeWrong(wrong, seed))).toEqual([]);
      expect(report.mutants).toBe(count);
      expect(report.signedAgain).toBeGreaterThanOrEqual(count / 2);
      expect(report.letIn).toBeGreaterThanOrEqual(count / 10);
      expect(mutators.filter(({ name }) => !report.mutatorCounts.has(name))).toEqual([]);
      expect(Object.keys(statusesOf).filter((rule) => !report.ruleCounts.has(rule))).toEqual([]);
    },
    timeoutMs,
  );
});

describe("the run itself", () => {
  test("makes the same mutants from the same seed", async () => {
    const options = { ...(await openRun()), count: 200 };
    const [first, again] = [await runFuzz(options), await runFuzz({ ...(await openRun()), count: 200 })];
    expect(again.mutatorCounts).toEqual(first.mutatorCounts);
    expect(again.ruleCounts).toEqual(first.ruleCounts);
    const other = await runFuzz({ ...(await openRun()), seed: seed + 1, count: 200 });
    expect(other.mutatorCounts).not.toEqual(first.mutatorCounts);
  });

  test.each([
    ["lets everybody in", async () => ({ status: 200 }), "got 200, right is 40"],
    ["refuses everybody", async () => ({ status: 401 }), "got 401, right is 200"],
    ["gives in", async () => ({ status: 500, reason: "unexpected" }), "got 500 unexpected"],
    ["throws", () => Promise.reject(new TypeError("a.b.c")), "got thrown: TypeError"],
  ])("sees a verifier that %s, and prints no token", async (_, decide, line) => {
    const report = await runFuzz({ ...(await openRun()), door: { decide }, count: 100 });
    const lines = report.wrong.map((wrong) => describeWrong(wrong, seed)).join("\n");
    expect(lines).toContain(line);
    expect(lines).not.toMatch(/eyJ|[A-Za-z0-9_-]{100}|a\.b\.c/);
  });
});
