/** What a JSON Schema says about a text. */
export interface TextRules {
  readonly format?: unknown;
  readonly pattern?: unknown;
  readonly minLength?: unknown;
  readonly maxLength?: unknown;
}

/** No longer text is made, whatever a schema demands. */
const maxSampleLength = 10_000;

/** @see https://json-schema.org/draft/2020-12/json-schema-validation#section-7.3 */
const byFormat: Readonly<Record<string, string>> = {
  "date-time": "2026-01-01T00:00:00Z",
  date: "2026-01-01",
  time: "00:00:00Z",
  duration: "PT1S",
  email: "person@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  "uri-reference": "/",
  uuid: "00000000-0000-4000-8000-000000000000",
  "json-pointer": "",
  regex: ".*",
};

const classes: Readonly<Record<string, string>> = { "\\d": "0", "\\w": "a", "\\s": " ", ".": "a" };
const atom =
  /(\\[dws]|\\[^\w\s]|\[(?:\\.|[^\]\\^])(?:\\.|[^\]\\])*\]|[^\\[\](){}|*+?^$]|\.)(\{(\d{1,4})(?:,\d{0,4})?\}|[*+?])?/y;

function characterOf(text: string): string {
  const known = classes[text];
  if (known !== undefined) return known;
  if (text.startsWith("\\")) return text.slice(1);
  if (!text.startsWith("[")) return text;
  const inner = text.slice(1, -1);
  return classes[inner.slice(0, 2)] ?? (inner.startsWith("\\") ? inner.slice(1, 2) : inner.slice(0, 1));
}

function countOf(quantifier: string | undefined, least: string | undefined): number {
  if (quantifier === undefined || quantifier === "+") return 1;
  return least === undefined ? 0 : Number(least);
}

/**
 * Makes the shortest text for an easy pattern: characters, classes like `\d` and `[a-z]`, and counts. The pattern
 * is never run: somebody else's pattern can take for ever.
 *
 * @returns undefined for anything else (groups, alternatives, negated classes, look-around)
 */
function sampleOfPattern(pattern: string): string | undefined {
  const body = pattern.replace(/^\^/, "").replace(/(?<!\\)\$$/, "");
  let text = "";
  atom.lastIndex = 0;
  while (atom.lastIndex < body.length) {
    const match = atom.exec(body);
    if (!match) return undefined;
    const [, unit = "", quantifier, least] = match;
    text += characterOf(unit).repeat(countOf(quantifier, least));
    if (text.length > maxSampleLength) return undefined;
  }
  return text;
}

/** Makes a text that fits the rules as far as they are easy: format, else pattern, else the length alone. */
export function sampleText({ format, pattern, minLength, maxLength }: TextRules): string {
  if (typeof format === "string" && Object.hasOwn(byFormat, format)) return byFormat[format] ?? "";
  const shaped = typeof pattern === "string" ? sampleOfPattern(pattern) : undefined;
  const least = typeof minLength === "number" ? Math.min(minLength, maxSampleLength) : 0;
  const most = typeof maxLength === "number" ? Math.max(maxLength, 0) : maxSampleLength;
  if (shaped !== undefined && shaped.length >= least) return shaped;
  return "text".padEnd(least, "t").slice(0, most);
}
