import { describe, expect, test } from "bun:test";
import { applyPlan, type StepOutcome } from "../../lib/setup/apply-plan.ts";
import { AzRefusal } from "../../lib/setup/az-failure.ts";
import type { Graph, GraphChange } from "../../lib/setup/graph.ts";
import type { Step } from "../../lib/setup/step.ts";

const create: Step = {
  id: "create_api",
  sentence: "Create it.",
  action: "create it",
  change: { method: "POST", path: "/applications", body: {} },
  creates: "api",
};
const mend: Step = {
  id: "token_version",
  sentence: "Mend it.",
  action: "mend it",
  change: { method: "PATCH", path: "/applications/{{api.id}}", body: {} },
};

const created = {
  id: "60000000-0000-4000-8000-000000000001",
  appId: "60000000-0000-4000-8000-000000000002",
};

function refusal(status: number, codes: readonly string[] = []): AzRefusal {
  return new AzRefusal({ status, codes, aadsts: undefined });
}

/** Does what is asked of it with the next of the answers: an error is thrown, undefined is success. */
async function apply(steps: readonly Step[], answers: readonly (Error | undefined)[], signal?: AbortSignal) {
  const asked: GraphChange[] = [];
  const outcomes: StepOutcome[] = [];
  const graph: Graph = {
    find: () => Promise.resolve([]),
    change(change) {
      const answer = answers[asked.length];
      asked.push(change);
      return answer ? Promise.reject(answer) : Promise.resolve(created);
    },
  };
  const done = applyPlan(steps, {
    graph,
    retryAfterMs: [0, 0],
    signal,
    onOutcome: (outcome) => outcomes.push(outcome),
    consentUrl: (ids) => `https://login.example/${ids["client.appId"] ?? "unknown"}`,
  });
  const thrown = await done.then(
    () => undefined,
    (error: unknown) => error,
  );
  return { asked: asked.map(({ method, path }) => `${method} ${path}`), outcomes, thrown };
}

describe("applyPlan", () => {
  test("puts the ids of what it created where they belong", async () => {
    expect((await apply([create, mend], [])).asked).toEqual([
      "POST /applications",
      `PATCH /applications/${created.id}`,
    ]);
  });

  test("tries again what a new object or a busy directory refuses, and then goes on", async () => {
    const { asked, outcomes } = await apply(
      [create, mend],
      [undefined, refusal(404), refusal(429), undefined],
    );
    expect([asked.length, outcomes.filter(({ error }) => error).length]).toEqual([4, 0]);
  });

  test("does not make a second registration where the first may have been made", async () => {
    const { asked, thrown } = await apply([create, mend], [refusal(503)]);
    expect([asked.length, thrown]).toEqual([1, expect.objectContaining({ code: "server_failed" })]);
  });

  test("does not try again what nothing new explains, and ends there", async () => {
    const { asked, thrown } = await apply([mend, mend], [refusal(404)]);
    expect([asked.length, thrown]).toEqual([1, expect.objectContaining({ code: "server_failed" })]);
  });

  test("tells a public URL that another registration has from one on a foreign domain, and asks but once", async () => {
    const optional: Step = { ...mend, id: "public_url", isOptional: true };
    const hints = [["ObjectConflict"], ["HostNameNotOnVerifiedDomain"]].map(async (codes) => {
      const { asked, outcomes } = await apply([create, optional], [undefined, refusal(400, codes)]);
      return [
        asked.length,
        outcomes[1]?.error?.code,
        outcomes[1]?.error?.hint?.split(" ").slice(0, 4).join(" "),
      ];
    });
    expect(await Promise.all(hints)).toEqual([
      [2, "app_id_uri_refused", "Use that registration (--api-client-id),"],
      [2, "app_id_uri_refused", "Its host must be"],
    ]);
  });

  test("goes no further with an answer that holds no ids", async () => {
    const graph: Graph = {
      find: () => Promise.resolve([]),
      change: () => Promise.resolve({ id: "\u001B]0;x\u0007/../x", appId: created.appId }),
    };
    const options = { graph, retryAfterMs: [], onOutcome: () => undefined, consentUrl: () => "" };
    expect(applyPlan([create, mend], options)).rejects.toMatchObject({ code: "server_failed" });
  });

  test("notes an optional step that is refused, and goes on", async () => {
    const optional: Step = { ...mend, id: "admin_consent", isOptional: true };
    const { outcomes, thrown } = await apply([optional, mend], [refusal(403)]);
    expect(outcomes.map(({ error }) => error?.code)).toEqual(["consent_denied", undefined]);
    expect(thrown).toBeUndefined();
  });

  test("waits no longer when it is told to stop", async () => {
    const reason = new Error("stop");
    const { thrown } = await apply([create], [refusal(429)], AbortSignal.abort(reason));
    expect(thrown).toBe(reason);
  });
});
