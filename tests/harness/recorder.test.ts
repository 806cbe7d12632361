import { describe, expect, test } from "bun:test";
import { findLeaks } from "./recorder.ts";

const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ";

describe("the search for secrets", () => {
  test.each([
    ["as it is", `token: ${token}.`],
    ["broken by a terminal", `${token.slice(0, 20)}\r\n  ${token.slice(20)}`],
    ["in colours", `${token.slice(0, 30)}\u001B[31m${token.slice(30)}\u001B[0m`],
    ["as its signature alone", "c2lnbmF0dXJlLXNpZ25hdHVyZQ"],
  ])("finds one %s", (_, text) => {
    expect(findLeaks([{ source: "mcp-client", text }], [token])).toEqual([
      "mcp-client printed a secret that begins with eyJhbG",
    ]);
  });

  test("does not take other text for one", () => {
    const texts = [{ source: "mcp-client", text: "eyJhbGciOiJSUzI1NiJ9 and nothing more" }];
    expect(findLeaks(texts, [token])).toEqual([]);
  });
});
