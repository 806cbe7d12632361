import { describe, expect, test } from "bun:test";
import { createHeaderReader, decodeClaims, splitToken } from "../../lib/auth/server/decode-token.ts";
import { parseStrictObject } from "../../lib/auth/server/strict-json.ts";
import { AppError } from "../../lib/base/errors.ts";

const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const header = { alg: "RS256", typ: "JWT", kid: "key-1" };

function codeOf(token: string): string {
  try {
    const segments = splitToken(token);
    createHeaderReader(["RS256"])(segments.header);
    decodeClaims(segments);
    return "decoded";
  } catch (error) {
    return error instanceof AppError ? error.code : "unexpected";
  }
}

const withHeader = (changes: Record<string, unknown>) =>
  codeOf(`${encode({ ...header, ...changes })}.${encode({ a: 1 })}.AAAA`);

describe("a token is taken apart", () => {
  test.each([
    ["an empty key id", { kid: "" }, "unknown_key"],
    ["a key id of 128 characters", { kid: "k".repeat(128) }, "decoded"],
    ["a key id of 129 characters", { kid: "k".repeat(129) }, "unknown_key"],
    ["typ in lower case", { typ: "jwt" }, "decoded"],
    ["typ AT+JWT", { typ: "AT+JWT" }, "decoded"],
    ["typ that is no text", { typ: 1 }, "unsupported_header"],
    ["alg in lower case", { alg: "rs256" }, "unsupported_algorithm"],
    ["no alg", { alg: undefined }, "unsupported_algorithm"],
  ])("with %s: %#", (_, changes, outcome) => {
    expect(withHeader(changes)).toBe(outcome);
  });

  test("with 16 000 characters and no more", () => {
    // No base64url text has a length of 4n + 1, so the claims are chosen to leave another rest.
    const starts = [1, 11, 111].map((a) => `${encode(header)}.${encode({ a })}.`);
    const start = starts.find(({ length }) => (16_000 - length) % 4 > 1) ?? "";
    expect(codeOf(start + "A".repeat(16_000 - start.length))).toBe("decoded");
    expect(codeOf(start + "A".repeat(16_001 - start.length))).toBe("malformed_token");
  });

  test("with one spelling of each segment: no stray bits, no other alphabet, no UTF-16", () => {
    const claims = encode('{"a":11}');
    expect(claims).toEndWith("0");
    expect(codeOf(`${encode(header)}.${claims}.AAAA`)).toBe("decoded");
    expect(codeOf(`${encode(header)}.${claims.slice(0, -1)}1.AAAA`)).toBe("malformed_token");
    for (const last of ["AA", "AAE", "AAAA"]) {
      expect(codeOf(`${encode(header)}.${claims}.${last}`)).toBe("decoded");
    }
    for (const last of ["AB", "AAB", "AAC", "A", "AAAA=", "AA==", " AAAA", "AA AA", "AAAAA"]) {
      expect(codeOf(`${encode(header)}.${claims}.${last}`)).toBe("malformed_token");
    }
    const standard = Buffer.from('{"a":"\u07ff\u07ff?"}').toString("base64").replaceAll("=", "");
    expect(standard).toMatch(/[+/]/);
    expect(codeOf(`${encode(header)}.${standard}.AAAA`)).toBe("malformed_token");
    expect(codeOf(`${encode(header)}.${claims}.AA+A`)).toBe("malformed_token");
    const notUtf8 = Buffer.from([...Buffer.from('{"a":"'), 0xff, ...Buffer.from('"}')]).toString("base64url");
    expect(codeOf(`${encode(header)}.${notUtf8}.AAAA`)).toBe("malformed_token");
  });
});

test("the reader of headers remembers a good one and takes no other for it", () => {
  const read = createHeaderReader(["RS256"]);
  const [good, other] = [encode(header), encode({ ...header, kid: "key-2" })];
  const bad = encode({ ...header, alg: "none" });
  for (let times = 0; times < 2; times++) {
    expect(read(good)).toEqual({ algorithm: "RS256", kid: "key-1" });
    expect(read(good)).toEqual({ algorithm: "RS256", kid: "key-1" });
    expect(() => read(bad)).toThrow("not with RS256");
    expect(() => read(bad)).toThrow("not with RS256");
    expect(read(other)).toEqual({ algorithm: "RS256", kid: "key-2" });
  }
});

describe("strict JSON", () => {
  test.each([
    ['{"a":1,"b":{"a":2},"c":[{"a":3}]}', true],
    ['{"a":1 , "b" : 2}', true],
    ['{"a":"b","b":"a"}', true],
    ['{"a":"x\\"","b":"a"}', true],
    ['{"a":"\\\\","b":"a"}', true],
    ['{"a":["b","b","b"]}', true],
    ['{"a":":x","b":[":",":"]}', true],
    ['{"a":"\\":","b":"\\\\"}', true],
    ['{":":":"}', true],
    ["{}", true],
    ['{"a":":x","a":1}', false],
    ['{":":1,":":2}', false],
    ['{"__proto__":1,"__proto__":1}', false],
    ['{"a":1,"a":1}', false],
    [`{"a"${" ".repeat(100)}:1,"a":2}`, false],
    ['{"a" :1,"b":2,"a"\n:1}', false],
    ['{"a":1,"b":{"x":1,"x":2}}', false],
    ['{"a\\"":1,"a\\"":2}', false],
    ['{"b":{},"a":1,"a":2}', false],
    ['{"\\u0061":1,"a":2}', false],
    ["[]", false],
    ['"a"', false],
    ["null", false],
    ["", false],
    ['{"a":1}x', false],
    [`${'{"a":'.repeat(16)}1${"}".repeat(16)}`, true],
    [`${'{"a":'.repeat(17)}1${"}".repeat(17)}`, false],
  ])("%j is an object with unique members: %p", (text, isTaken) => {
    expect(parseStrictObject(text) !== undefined).toBe(isTaken);
  });
});
