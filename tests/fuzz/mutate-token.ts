/** Changes of a token that is signed already, and how it is presented. */
import { type Mutator, setMember, text } from "./draft.ts";
import type { Random } from "./random.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const strays = [
  "=",
  "==",
  " ",
  "\n",
  "\t",
  "+",
  "/",
  "~",
  "%",
  "\0",
  "\u00e9",
  "A",
  "AA",
  "AAA",
  ".",
  "-",
  "_",
  ",",
];

function replaceAt(value: string, at: number, removed: number, inserted: string): string {
  return value.slice(0, at) + inserted + value.slice(at + removed);
}

/** Changes one of the three segments. */
function editSegment(token: string, index: number, edit: (segment: string) => string): string {
  return token
    .split(".")
    .map((segment, at) => (at === index ? edit(segment) : segment))
    .join(".");
}

/** The last letter with other stray bits: it decodes to the same bytes. */
function changeStrayBits(segment: string, random: Random): string {
  const spare = { 2: 16, 3: 4 }[segment.length % 4] ?? 1;
  const last = alphabet.indexOf(segment.at(-1) ?? "");
  return segment.slice(0, -1) + alphabet[(last - (last % spare) + random.int(spare)) % 64];
}

function changeBytes(segment: string, random: Random): string {
  const bytes = Buffer.from(segment, "base64url");
  const at = random.int(bytes.length);
  const flipped = Buffer.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(8));
  const filled = Buffer.alloc(bytes.length, random.pick([0, 1, 255]));
  const longer = Buffer.concat([Buffer.from([0]), bytes]);
  const choices = [
    flipped,
    flipped,
    filled,
    longer,
    bytes.subarray(1),
    bytes.subarray(0, -1),
    bytes.toReversed(),
  ];
  return Buffer.from(random.pick(choices)).toString("base64url");
}

/** A mutator of the signed token. */
const editToken = (edit: (token: string, random: Random, base: string) => string): Mutator["change"] => {
  return (draft, random) => {
    draft.tokenEdits.push((token, base) => edit(token, random, base));
  };
};

/** Changes after signing. None of them makes a token that the authority has signed, but for those that do nothing. */
export const tokenMutators: readonly Mutator[] = [
  {
    name: "token: another letter",
    change: editToken((token, random) =>
      replaceAt(token, random.int(token.length), 1, alphabet[random.int(64)] ?? "A"),
    ),
  },
  {
    name: "token: a letter more",
    change: editToken((token, random) =>
      replaceAt(token, random.int(token.length + 1), 0, random.pick(strays)),
    ),
  },
  {
    name: "token: a letter less",
    change: editToken((token, random) => replaceAt(token, random.int(token.length), 1, "")),
  },
  {
    name: "token: the case of a letter",
    change: editToken((token, random) => {
      const at = random.int(token.length);
      const letter = token.charAt(at);
      const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
      return replaceAt(token, at, 1, other);
    }),
  },
  { name: "token: in another case", change: editToken((token) => token.toLowerCase()) },
  {
    name: "token: cut short",
    change: editToken((token, random) => token.slice(0, random.int(token.length))),
  },
  {
    name: "token: other segments",
    change: editToken((token, random) => {
      const [header = "", claims = "", signature = ""] = token.split(".");
      const parts = [header, claims, signature, "", "e30", "AAAA"];
      const count = random.pick([0, 1, 2, 3, 3, 3, 4, 5, 1000]);
      return Array.from({ length: count }, () => random.pick(parts)).join(".");
    }),
  },
  {
    name: "token: something at a segment's end",
    change: editToken((token, random) =>
      editSegment(token, random.int(3), (segment) => segment + random.pick(strays)),
    ),
  },
  {
    name: "token: stray bits at a segment's end",
    change: editToken((token, random) =>
      editSegment(token, random.int(3), (segment) => changeStrayBits(segment, random)),
    ),
  },
  {
    name: "token: the plain alphabet of base64, padded",
    change: editToken((token, random) => {
      const toPlain = (segment: string) => Buffer.from(segment, "base64url").toString("base64");
      return random.oneIn(2)
        ? token.split(".").map(toPlain).join(".")
        : editSegment(token, random.int(3), toPlain);
    }),
  },
  {
    name: "signature: other bytes",
    change: editToken((token, random) => editSegment(token, 2, (segment) => changeBytes(segment, random))),
  },
  {
    name: "signature: other bytes, on a token of any length",
    change(draft, random) {
      setMember(draft.claims, "pad", text("p".repeat(random.int(12_000))));
      if (random.oneIn(4)) return;
      draft.tokenEdits.push((token) => editSegment(token, 2, (segment) => changeBytes(segment, random)));
    },
  },
  {
    name: "signature: none",
    change(draft, random) {
      if (random.oneIn(2)) setMember(draft.header, "alg", text(random.pick(["none", "None", "NONE"])));
      draft.tokenEdits.push((token) => token.slice(0, token.lastIndexOf(".") + random.int(2)));
    },
  },
  {
    name: "signature: of another token",
    change(draft, random) {
      draft.isAmongBase = true;
      draft.signer = { type: "base" };
      const subject = random.pick(["mallory", "alicf", "Alice", "alice ", "root"]);
      setMember(draft.claims, "sub", text(subject));
    },
  },
  {
    name: "segments: from another token",
    change: editToken((token, random, base) => {
      const others = base.split(".");
      return editSegment(token, random.int(3), (segment) => random.pick(others) ?? segment);
    }),
  },
  {
    name: "presented: between two of a good token",
    change(draft) {
      draft.isAmongBase = true;
    },
  },
  {
    name: "presented: twice",
    change(draft) {
      draft.repeatsAfter.push(0);
    },
  },
  {
    name: "presented: again once it has expired",
    change(draft, random) {
      const secondsLeft = random.pick([0.5, 1, 2, 3]);
      setMember(draft.claims, "exp", text(draft.nowSeconds - 60 + secondsLeft));
      draft.repeatsAfter.push(0, 1, 1, 2);
    },
  },
  {
    // Its exp is still to come, so that a memory takes it, and must let go of it when the skew has passed, too.
    name: "presented: again when it is remembered and has expired",
    change(draft, random) {
      const secondsLeft = random.pick([0.5, 1, 2, 3]);
      setMember(draft.claims, "exp", text(draft.nowSeconds + secondsLeft));
      draft.repeatsAfter.push(0, 61, 1, 1);
    },
  },
  {
    name: "presented: again once it is valid",
    change(draft, random) {
      const secondsToGo = random.pick([0.5, 1, 2, 3]);
      setMember(draft.claims, random.pick(["nbf", "iat"]), text(draft.nowSeconds + 60 + secondsToGo));
      draft.repeatsAfter.push(1, 1, 2);
    },
  },
];
