/** Changes of how header and claims are written down, signed again. */
import { type Draft, encodeDraft, type Mutator, type Part, setMember, text } from "./draft.ts";
import { brokenValues, nest, pickOddValue } from "./odd-values.ts";
import type { Random } from "./random.ts";
import { escapeText } from "./twist-text.ts";

const blanks = [" ", "\t", "\n", "\r", "  \r\n"];
const notBlanks = ["\u00a0", "\f", "\v", "\u2028", "\u3000", "/**/", "//\n", "\u200b", "\ufeff", "\0"];
const sizes = [
  15_990, 15_997, 15_998, 15_999, 16_000, 16_001, 16_002, 16_003, 16_010, 16_376, 16_377, 16_400,
];

function pickPart(draft: Draft, random: Random): Part {
  return random.oneIn(3) ? draft.header : draft.claims;
}

/** Text around the tokens of JSON: around the object, around each name and each value. */
function spread(part: Part, pickSpace: () => string): void {
  for (const member of part.members) {
    member.name = pickSpace() + member.name + pickSpace();
    member.value = pickSpace() + member.value + pickSpace();
  }
}

/** A second member of the same name: before or after, the same value or another, the name perhaps escaped. */
function duplicate(part: Part, random: Random): void {
  const original = random.pick(part.members);
  const value = random.oneIn(2) ? original.value : pickOddValue(random);
  const plain = original.name.startsWith('"') && !original.name.includes("\\");
  const name = plain && random.oneIn(2) ? escapeText(original.name.slice(1, -1), random) : original.name;
  part.members.splice(random.int(part.members.length + 1), 0, { name, value });
}

function duplicateInside(part: Part, random: Random): void {
  const name = random.pick(["a", "", "__proto__", "scp", "\u00e9"]);
  const second = random.pick([
    text(name),
    escapeText(name, random),
    text(`${name} `),
    text(name.toUpperCase()),
  ]);
  const inner = `{${text(name)}:1,${second}:2}`;
  const shape = random.pick([inner, `[${inner}]`, `[0,{"x":${inner}}]`, `{"x":[[${inner}]]}`]);
  setMember(part, "extra", shape);
}

/** Stray bytes: one bit, one byte more or less, a piece twice, bytes that are no UTF-8. */
function damage(bytes: Buffer, random: Random): Buffer {
  const at = random.int(bytes.length);
  const splice = (removed: number, ...inserted: number[]) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from(inserted), bytes.subarray(at + removed)]);
  const piece = [...bytes.subarray(at, at + 1 + random.int(8))];
  const sequences = [
    [0xff],
    [0xc3],
    [0xed, 0xa0, 0x80],
    [0xc0, 0xaf],
    [0xf4, 0x90, 0x80, 0x80],
    [0xef, 0xbb, 0xbf],
  ];
  const changes = [
    () => splice(1, (bytes[at] ?? 0) ^ (1 << random.int(8))),
    () => splice(1),
    () => splice(0, 0x20 + random.int(0x5f)),
    () => splice(0, ...piece),
    () => splice(0, ...random.pick(sequences)),
    () => splice(0, 0xe2, 0x82, 0xac),
    () => bytes.subarray(0, at),
  ];
  return random.pick(changes)();
}

/** The text before and after which something stands that does not belong there. */
function surround(bytes: Buffer, random: Random): Buffer {
  const json = bytes.toString();
  const strays = [...notBlanks, "{}", ",", "}", "x", '"', "null", "[]", ...blanks];
  const stray = random.pick(strays);
  const others = [
    "",
    "null",
    "[]",
    `[${json}]`,
    text(json),
    `{"a":${json}}`,
    "{}",
    `${json}${json}`,
    "0",
    '""',
  ];
  const changed = random.pick([stray + json, json + stray, random.pick(others), json.replace(/}$/, ",}")]);
  return Buffer.from(changed);
}

/** Pads the claims, and the header by up to two letters, until the token has about this many characters. */
function pad(draft: Draft, random: Random): void {
  const signatureLength = 1 + 342;
  const wanted = random.pick(sizes) - signatureLength;
  if (random.oneIn(2)) setMember(draft.header, "pad", text("p".repeat(random.int(3))));
  setMember(draft.claims, "pad", '""');
  const missing = Math.floor(((wanted - encodeDraft(draft).length) * 3) / 4);
  setMember(draft.claims, "pad", text("p".repeat(Math.max(0, missing + random.int(3) - 1))));
}

/** Bytes inside a text: UTF-8 of every length, the replacement character itself, and what is no UTF-8. */
const sequences = [
  "c3a9 e282ac f09f9880 efbfbd efbfbf 7f c280",
  "ff c3 80 c080 c0af eda080 edb080 f4908080 f8888080 e282 f09f98 fe",
].map((line) => line.split(" "));

function insertBytes(draft: Draft, random: Random): void {
  const part = pickPart(draft, random);
  const inserted = Buffer.from(random.pick(random.pick(sequences)), "hex");
  const name = random.pick(["extra", "uti", "name"]);
  const mark = `~${name}~`;
  setMember(part, name, text(`a${mark}b`));
  part.edits.push((bytes) => {
    const at = bytes.indexOf(mark);
    if (at === -1) return bytes;
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + mark.length)]);
  });
}

/** What lenient readers of JSON pass over. */
function loosen(bytes: Buffer, random: Random): Buffer {
  const json = bytes.toString();
  const ends = [",}", "\0}", "//\n}", "/**/}", "}\0", "};", "}\n#", "}//"];
  const starts = ["\ufeff{", "\u00a0{", "/**/{", "({", ")]}'\n{", "{,", "{/**/"];
  return Buffer.from(
    random.oneIn(2) ? json.replace(/\}$/, random.pick(ends)) : json.replace(/^\{/, random.pick(starts)),
  );
}

/** A mutator that changes the bytes of one part. */
const editBytes = (edit: (bytes: Buffer, random: Random) => Buffer): Mutator["change"] => {
  return (draft, random) => {
    pickPart(draft, random).edits.push((bytes) => edit(bytes, random));
  };
};

/** Changes of the writing; some mean the same as before. */
export const jsonMutators: readonly Mutator[] = [
  {
    name: "json: blanks",
    change(draft, random) {
      const pickSpace = () => (random.oneIn(2) ? random.pick(blanks) : "");
      spread(pickPart(draft, random), pickSpace);
      pickPart(draft, random).edits.push((bytes) =>
        Buffer.from(`${pickSpace()}${bytes.toString()}${pickSpace()}`),
      );
    },
  },
  {
    name: "json: blanks that are none",
    change(draft, random) {
      const member = random.pick(pickPart(draft, random).members);
      const stray = random.pick(notBlanks);
      if (random.oneIn(2)) member.value += stray;
      else member.name = stray + member.name;
    },
  },
  {
    name: "json: escaped letters",
    change(draft, random) {
      for (const member of pickPart(draft, random).members) {
        if (/^"[^\\]*"$/.test(member.name)) member.name = escapeText(member.name.slice(1, -1), random);
        if (/^"[^\\]*"$/.test(member.value)) member.value = escapeText(member.value.slice(1, -1), random);
      }
    },
  },
  { name: "json: a member twice", change: (draft, random) => duplicate(pickPart(draft, random), random) },
  {
    name: "json: a member twice inside another",
    change: (draft, random) => duplicateInside(pickPart(draft, random), random),
  },
  {
    name: "json: deep",
    change(draft, random) {
      const levels = random.pick([10, 14, 15, 15, 16, 16, 17, 40, 2000]);
      setMember(pickPart(draft, random), "deep", nest(levels, random));
    },
  },
  {
    name: "json: a value that is none",
    change(draft, random) {
      const part = pickPart(draft, random);
      if (random.oneIn(2)) setMember(part, "extra", random.pick(brokenValues));
      else random.pick(part.members).value = random.pick(brokenValues);
    },
  },
  { name: "json: damaged bytes", change: editBytes(damage) },
  { name: "json: something before, after or around", change: editBytes(surround) },
  { name: "json: what lenient readers pass over", change: editBytes(loosen) },
  { name: "json: bytes inside a text", change: insertBytes },
  { name: "json: as long as a token may be, or longer", change: pad },
];
