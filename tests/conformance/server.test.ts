import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { startFixture } from "./fixture/start.ts";
import { requirements } from "./server-requirements.ts";
import { runServerConformance } from "./server-run.ts";
import { type Check, runServerSuite, type SuiteRun } from "./server-suite.ts";
import { judge } from "./server-verdict.ts";

/** Hanging scenarios end after 20 s each; a run takes 3 s. */
const runTimeoutMs = 120_000;

const suiteFolder = resolve(import.meta.dir, "../../node_modules/@modelcontextprotocol/conformance");
const rows = requirements.map((required) => [required.revision, required] as const);
const [required] = requirements;
if (!required) throw new Error("there are no requirements");

describe("the official conformance suite", () => {
  test.each(rows)(
    "%s: the server passes every scenario through the real stack, signed in",
    async (_, each) => {
      const verdict = await runServerConformance(each);
      expect(verdict.faults).toEqual([]);
      expect(verdict.rows.filter(({ kind }) => kind === "scored")).toHaveLength(each.scored.length);
    },
    runTimeoutMs,
  );

  test.each(rows)(
    "%s: the server passes every scenario without the direct path, too",
    async (_, each) => {
      const { faults } = await runServerConformance(each, { directPath: false });
      expect(faults).toEqual([]);
    },
    runTimeoutMs,
  );

  test.each(rows)("%s: scores the scenarios that are frozen here", async (revision, { scored }) => {
    const text = await Bun.file(`${suiteFolder}/requirements/${revision}.yaml`).text();
    const { server } = Bun.YAML.parse(text) as { server: string[] };
    expect(scored.toSorted()).toEqual(server.toSorted());
  });

  test.each(rows)(
    "%s: does not pass without a token",
    async (_, each) => {
      await using fixture = await startFixture();
      const { rows: outcomes } = judge(await runServerSuite(fixture.url, each.revision), each);
      const passed = outcomes.filter((row) => row.kind === "scored" && row.failed === 0 && row.passed > 0);
      expect(passed).toEqual([]);
    },
    runTimeoutMs,
  );

  test.each(rows)(
    "%s: a server that answers 404 to everything does not pass",
    async (_, each) => {
      const server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch: () => new Response(null, { status: 404 }),
      });
      try {
        const run = await runServerSuite(`http://127.0.0.1:${server.port}/mcp`, each.revision);
        expect(judge(run, each).faults.length).toBeGreaterThan(each.scored.length / 2);
      } finally {
        await server.stop(true);
      }
    },
    runTimeoutMs,
  );
});

describe("a run of the suite", () => {
  const success: Check = { id: "own", status: "SUCCESS" };
  const wire: Check = { id: "wire-schema-valid", status: "SUCCESS" };
  const good = [...required.scored, ...required.unscored].map(
    (name) => [name, [success, success, success, wire]] as const,
  );

  function run(changes: Readonly<Record<string, readonly Check[] | undefined>>, exitCode = 0): SuiteRun {
    const scenarios = new Map<string, readonly Check[]>(good);
    for (const [name, checks] of Object.entries(changes)) {
      if (checks) scenarios.set(name, checks);
      else scenarios.delete(name);
    }
    return { exitCode, scenarios };
  }

  const judged = (...given: Parameters<typeof run>) => judge(run(...given), required).faults;

  test("passes when every scenario was run and every check passed", () => {
    expect(judged({})).toEqual([]);
    expect(judged({ ping: [success, success, success, { id: "note", status: "INFO" }] })).toEqual([]);
  });

  test.each([
    ["without a scored scenario", { ping: undefined }, "ping: was not run"],
    [
      "without an unscored one that we pass",
      { "server-sse-polling": undefined },
      "server-sse-polling: was not run",
    ],
    ["with a scenario of no check", { ping: [] }, "ping: passed no check of its own"],
    ["with a scenario of the wire check alone", { ping: [wire] }, "ping: passed no check of its own"],
    [
      "with a failure",
      { ping: [success, { id: "a", status: "FAILURE", errorMessage: "b" }] },
      "ping: a FAILURE b",
    ],
    ["with a warning", { ping: [success, { id: "a", status: "WARNING" }] }, "ping: a WARNING "],
    ["with a skipped check", { ping: [success, { id: "a", status: "SKIPPED" }] }, "ping: a SKIPPED "],
    [
      "with a scenario nobody knows",
      { news: [success] },
      "news: is new; say whether we hold ourselves to it",
    ],
  ] as const)("does not pass %s", (_, changes, fault) => {
    expect(judged(changes)).toContain(fault);
  });

  test("does not pass with fewer checks than the floor", () => {
    const thin = Object.fromEntries(required.scored.map((name) => [name, [success, wire]]));
    expect(judged(thin)).toEqual(["the scored scenarios passed 60 checks, not 70"]);
  });

  test("does not pass when the suite says no", () => {
    expect(judged({}, 1)).toEqual(["the suite ended with exit code 1"]);
  });
});
