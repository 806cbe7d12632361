import { expect, test } from "bun:test";
import { formatChoice } from "../../lib/web/page/view/format.ts";

test.each<[readonly unknown[], readonly string[]]>([
  [
    ["small", "large"],
    ["small", "large"],
  ],
  [
    [1, "1", null, "null", ""],
    ["1", '"1"', "null", '"null"', '""'],
  ],
  [
    [{ a: 1 }, [2]],
    ['{"a":1}', "[2]"],
  ],
])("the choices %j are told apart", (choices, shown) => {
  expect(choices.map((choice) => formatChoice(choice, choices))).toEqual([...shown]);
});
