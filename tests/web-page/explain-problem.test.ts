import { expect, test } from "bun:test";
import { explainProblem } from "../../lib/web/page/api/explain-problem.ts";
import { readProblem, toProblem } from "../../lib/web/page/api/problem.ts";
import { isPopupAnswer } from "../../lib/web/page/sign-in/popup-answer.ts";

const explain = (code: string, status: number) =>
  explainProblem({ type: "", title: "", status, detail: "", code });

test.each<[string, number, string]>([
  ["insufficient_scope", 403, "other_account"],
  ["some_new_refusal", 403, "other_account"],
  ["token_expired", 401, "sign_in"],
  ["rate_limited", 429, "retry"],
  ["some_new_failure", 503, "retry"],
  ["tool_failed", 500, "none"],
  ["toString", 400, "none"],
])("%s with status %i is helped by %s", (code, status, remedy) => {
  expect(explain(code, status)).toMatchObject({ remedy, title: expect.stringMatching(/^[A-Z]/) });
});

test.each([["nothing"], [null], [[]], [7], [{ code: 7, detail: {} }]])(
  "%j in the place of a problem is told by its status",
  (body) => {
    expect(readProblem(body, 502)).toEqual({
      type: "about:blank",
      title: "HTTP 502",
      status: 502,
      detail: "The server answered with status 502.",
      code: "http_502",
    });
  },
);

test("what nobody foresaw is told without its text", () => {
  expect(JSON.stringify(toProblem(new Error("secret")))).not.toContain("secret");
});

test.each([
  ["#code=a&state=b%7Cpopup", true],
  ["#state=popup", true],
  ["#code=a&state=b", false],
  ["#code=a&state=popup%7Cb", false],
  ["", false],
])("%j is an answer for the page that opened the window: %p", (hash, isAnswer) => {
  expect(isPopupAnswer(hash)).toBe(isAnswer);
});
