import { describe, expect, test } from "bun:test";
import { AppError } from "../../lib/base/errors.ts";
import { toErrorAnswer } from "../../lib/transport/server/error-answer.ts";

const error = new AppError("shutting_down", "The server is stopping.", { retryAfterSeconds: 5 });

describe("the answer to a request that reached no tool", () => {
  test("carries the error's status, code and reason, and when to come again", async () => {
    const answer = toErrorAnswer(error, 7);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const data = { reason: "shutting_down" };
    expect(await answer.json()).toEqual({
      jsonrpc: "2.0",
      error: { code: -32603, message: "The server is stopping.", data },
      id: 7,
    });
  });

  test.each([[0], [""], ["a"]])("names the request %j", async (id) => {
    expect(await toErrorAnswer(error, id).json()).toMatchObject({ id });
  });

  // MCP's schema allows a string or a number here, or no member at all.
  test("has no id where there is no request", async () => {
    const body = (await toErrorAnswer(error).json()) as object;
    expect(Object.keys(body)).toEqual(["jsonrpc", "error"]);
  });
});
