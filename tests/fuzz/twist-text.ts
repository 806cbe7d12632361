import type { Random } from "./random.ts";

/** Letters that look like others (Cyrillic, Greek, full width) and those that fold to ASCII when the case changes. */
const lookAlikes: readonly (readonly [string, string])[] = [
  ["a", "\u0430"],
  ["e", "\u0435"],
  ["o", "\u03bf"],
  ["c", "\u0441"],
  ["x", "\u0445"],
  ["i", "\u0131"],
  ["s", "\u017f"],
  ["k", "\u212a"],
  ["-", "\u2010"],
  [":", "\uff1a"],
  ["/", "\u2044"],
  [".", "\u3002"],
  ["0", "\uff10"],
  ["1", "l"],
  [" ", "\u00a0"],
];
const strayCharacters = [
  " ",
  "\t",
  "\n",
  "\r\n",
  "\0",
  "\u200b",
  "\ufeff",
  "\u00a0",
  "\u0301",
  "/",
  ".",
  ",",
  "x",
];

const swapCase = (value: string) =>
  [...value].map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));

type Twist = (value: string, random: Random) => string;

const twists: Readonly<Record<string, Twist>> = {
  upper: (value) => value.toUpperCase(),
  "other case": (value) => swapCase(value).join(""),
  "one letter's case": (value, random) => {
    const at = random.int(value.length);
    return value.slice(0, at) + swapCase(value.slice(at, at + 1)).join("") + value.slice(at + 1);
  },
  "stray at the start": (value, random) => random.pick(strayCharacters) + value,
  "stray at the end": (value, random) => value + random.pick(strayCharacters),
  "stray inside": (value, random) => {
    const at = random.int(value.length + 1);
    return value.slice(0, at) + random.pick(strayCharacters) + value.slice(at);
  },
  "first cut": (value) => value.slice(1),
  "last cut": (value) => value.slice(0, -1),
  empty: () => "",
  doubled: (value) => value + value,
  "with another": (value, random) => `${value}${random.pick([" ", ",", ";", "\0"])}${value}`,
  "look-alike": (value, random) => {
    const [from, to] = random.pick(
      lookAlikes.filter(([letter]) => value.includes(letter)).concat([["", ""]]),
    );
    return value.replace(from, to);
  },
  "full width": (value) =>
    value.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  "per cent": (value) =>
    value.replace(/[^a-z0-9]|[a-c]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  wildcard: (_, random) => random.pick(["*", ".*", "%", "null", "undefined", "{tenantid}", "__proto__"]),
};

/** Turns text into text that is nearly the same. */
export function twistText(value: string, random: Random): string {
  const twist = random.pick(Object.values(twists));
  return twist(value, random);
}

/** Spells text in JSON with needless escapes; it means the same. */
export function escapeText(value: string, random: Random): string {
  const escapeUnit = (unit: string) => {
    const digits = unit.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${random.oneIn(2) ? digits.toUpperCase() : digits}`;
  };
  const units = value.split("").map((unit) => {
    if (random.oneIn(3) || unit < " ") return escapeUnit(unit);
    if (unit === "/" && random.oneIn(2)) return "\\/";
    return unit === '"' || unit === "\\" ? `\\${unit}` : unit;
  });
  return `"${units.join("")}"`;
}
