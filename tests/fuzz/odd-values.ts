import { text } from "./draft.ts";
import type { Random } from "./random.ts";

/** JSON texts that no rule asks for: other types, edges of numbers, names with a meaning in JavaScript. */
const oddValues: readonly string[] = [
  "null",
  "true",
  "false",
  "0",
  "-0",
  "1",
  "-1",
  "2",
  "1.0",
  "1e400",
  "-1e400",
  "1e308",
  "5e-324",
  "9007199254740993",
  "0.1",
  '""',
  '" "',
  '"0"',
  '"1"',
  '"NaN"',
  '"Infinity"',
  '"null"',
  "[]",
  "{}",
  "[null]",
  "[[]]",
  '{"":null}',
  '"\\u0000"',
  '"\\ud83d\\ude00"',
  '"\u00e9\u4e2d\u{1f600}"',
  '"[object Object]"',
  '{"__proto__":{"a":1}}',
  '{"toString":null}',
  '{"length":1,"0":"execute"}',
  '{"valueOf":1}',
];

/** What is no JSON, in the place of a value. */
export const brokenValues: readonly string[] = [
  "",
  "NaN",
  "Infinity",
  "-Infinity",
  "undefined",
  "01",
  "+1",
  "1.",
  ".5",
  "0x10",
  "1e",
  "1_0",
  "--1",
  "- 1",
  "'text'",
  '"open',
  '"\\x41"',
  '"\\u00g0"',
  '"\\u12"',
  '"\t"',
  '"\n"',
  '"\0"',
  "nul",
  "TRUE",
  "True",
  "1n",
  "[1,]",
  "[,1]",
  "[1",
  "1]",
  '{"a":1,}',
  '{"a"}',
  "{a:1}",
  '{"a":}',
  '{"a":1,"a":2}',
  '{"a":1;"b":2}',
  "{1:2}",
  "1//",
  "1/**/",
  "1 2",
  "\u00a01",
  "\f1",
  "\v1",
  "\ufeff1",
  "\u20281",
  '"\\\n"',
  "`x`",
  "{'a':1}",
  '""""',
];

/** A JSON value that has nothing to do with what stood there. */
export function pickOddValue(random: Random): string {
  return random.pick(oddValues);
}

/** The value in a wrapping of another type. */
export function wrapValue(value: string, random: Random): string {
  const wrappings = [
    `[${value}]`,
    `[${value},${value}]`,
    `["other",${value}]`,
    `[[${value}]]`,
    `{"0":${value},"length":1}`,
    `{"value":${value}}`,
    `{${value.startsWith('"') ? value : text(value)}:true}`,
    text(value),
  ];
  return random.pick(wrappings);
}

/** A number spelled in another way; all mean the same. */
export function respellNumber(value: number, random: Random): string {
  const spellings = [`${value}.0`, `${value}e0`, `${value}E+0`, `${value}.000e-0`, `${value / 1000}e3`];
  // Decimal fractions times a power of ten are exact only where reading them back says so.
  return random.pick(spellings.filter((spelling) => Number(spelling) === value));
}

/** `levels` arrays and objects inside one another. */
export function nest(levels: number, random: Random): string {
  let value = random.pick(["1", '"x"', "null"]);
  for (let level = 0; level < levels; level++) value = random.oneIn(2) ? `[${value}]` : `{"a":${value}}`;
  return value;
}
