import { describe, expect, test } from "bun:test";
import type { Option, Origin } from "../../lib/config/option.ts";
import { parseValue } from "../../lib/config/parse-value.ts";

const fromFlag: Origin = { kind: "flag", name: "--x" };
const fromVariable: Origin = { kind: "environment", name: "X" };
const help = "For tests.";
const integer: Option = { kind: "number", integer: true, min: -5, max: 2 ** 60, help };
const number: Option = { kind: "number", integer: false, min: 0, max: 1.5, help };
const list: Option = {
  kind: "list",
  help,
  check: (word) => (word === "bad" ? "takes nothing bad." : undefined),
};
const choice: Option = { kind: "choice", choices: ["red", "green"], help };

describe("a value", () => {
  test.each([
    [integer, "7", 7],
    [integer, "+7", 7],
    [integer, "-5", -5],
    [integer, " 7 ", 7],
    [number, "1.5", 1.5],
    [number, "0", 0],
    [{ kind: "switch", help }, "true", true],
    [{ kind: "switch", help }, "1", true],
    [{ kind: "switch", help }, "YES", true],
    [{ kind: "switch", help }, "on", true],
    [{ kind: "switch", help }, "false", false],
    [{ kind: "switch", help }, "0", false],
    [{ kind: "switch", help }, "no", false],
    [{ kind: "switch", help }, "off", false],
    [{ kind: "switch", help }, "", false],
    [list, "a,b  c,,d ", ["a", "b", "c", "d"]],
    [choice, "green", "green"],
    [{ kind: "text", help }, " as it is ", " as it is "],
  ] satisfies [Option, string, unknown][])("%o reads %j", (option, text, value) => {
    expect(parseValue(option, text, fromFlag)).toEqual(value);
  });

  test.each([
    [integer, "7.5", /whole number from -5 to/],
    [integer, "-6", /whole number/],
    [integer, "1152921504606846976", /whole number/],
    [integer, "1e3", /whole number/],
    [integer, "0x10", /whole number/],
    [integer, "", /whole number/],
    [number, "1.6", /a number from 0 to 1\.5/],
    [number, "Infinity", /a number/],
    [number, ".5.", /a number/],
    [{ kind: "switch", help }, "maybe", /takes true or false, not "maybe"/],
    [list, "good,bad", /takes nothing bad/],
    [list, "", /names nothing; it takes a list\./],
    [list, " \t", /names nothing/],
    [{ ...list, hint: "SCOPE,..." }, " ,, ", /names nothing; it takes SCOPE,\.\.\.\.$/],
    [choice, "gren", /takes one of red, green, not "gren"\. Did you mean "green"\?/],
  ] satisfies [Option, string, RegExp][])("%o refuses %j", (option, text, message) => {
    expect(() => parseValue(option, text, fromFlag)).toThrow(message);
  });

  test("is a usage error in a flag and a configuration error elsewhere; both name their place", () => {
    expect(() => parseValue(integer, "x", fromFlag)).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringMatching(/^--x takes/) }),
    );
    expect(() => parseValue(integer, "x", fromVariable)).toThrow(
      expect.objectContaining({ code: "invalid_config", message: expect.stringMatching(/^X takes/) }),
    );
  });
});
