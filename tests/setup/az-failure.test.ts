import { describe, expect, test } from "bun:test";
import { AzRefusal, explainRefusal, readAzFailure } from "../../lib/setup/az-failure.ts";

const body = (code: string, details?: readonly { code: string }[]) =>
  JSON.stringify({ error: { code, message: "Never shown {not} this) ", ...(details && { details }) } });

describe("readAzFailure", () => {
  test("reads status and codes of what az rest prints", () => {
    const text = `ERROR: Bad Request(${body("Request_BadRequest", [{ code: "InvalidLength" }])})\n`;
    expect(readAzFailure(text)).toEqual({
      status: 400,
      codes: ["Request_BadRequest", "InvalidLength"],
      aadsts: undefined,
    });
  });

  test("reads them through the colours of a terminal, and behind warnings", () => {
    const text = `WARNING: old\n\u001B[91mERROR: Forbidden(${body("Authorization_RequestDenied")})\u001B[0m`;
    expect(readAzFailure(text)).toMatchObject({ status: 403, codes: ["Authorization_RequestDenied"] });
  });

  test.each([
    "",
    "ERROR: something",
    "ERROR: Forbidden(<html>)",
    "ERROR: Odd({}",
    'ERROR: Odd({"error":[1]})',
  ])("knows nothing of %p", (text) => {
    expect(readAzFailure(text).codes).toEqual([]);
  });
});

test("readAzFailure looks at a long text once, however often an error begins in it", () => {
  const measure = (count: number) => {
    const text = "ERROR: a({".repeat(count);
    const begin = performance.now();
    for (let round = 0; round < 5; round += 1) readAzFailure(text);
    return performance.now() - begin;
  };
  measure(2000);
  expect(measure(40_000) / Math.max(measure(4000), 0.1)).toBeLessThan(60);
});

describe("explainRefusal", () => {
  const explain = (stderr: string) => explainRefusal(new AzRefusal(readAzFailure(stderr)), "do it");

  test.each([
    [`ERROR: Forbidden(${body("Authorization_RequestDenied")})`, "setup_denied"],
    [`ERROR: Too Many Requests(${body("TooManyRequests")})`, "rate_limited"],
    [`ERROR: Unauthorized(${body("InvalidAuthenticationToken")})`, "sign_in_required"],
    ["ERROR: AADSTS50076: multi-factor", "sign_in_required"],
    [`ERROR: Bad Gateway(${body("x")})`, "server_failed"],
    ["Traceback", "server_failed"],
  ])("gives %p a code of ours and says what to do", (stderr, code) => {
    const error = explain(stderr);
    expect([error.code, error.hint === undefined]).toEqual([code as typeof error.code, false]);
  });

  test("shows codes, and no other text of theirs", () => {
    const shown = explain(`ERROR: Bad Request(${body("Some_Code", [{ code: "\u001B]0;no code\u0007(" }])})`);
    expect(shown.message).toBe("Microsoft Graph did not do it (HTTP 400, Some_Code).");
  });
});
