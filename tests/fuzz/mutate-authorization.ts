/** Changes of the `Authorization` header around a good token. */
import type { Mutator } from "./draft.ts";

const schemes = [
  "bearer",
  "BEARER",
  "BeArEr",
  "bEARER",
  "Bearer",
  "Basic",
  "DPoP",
  "Digest",
  "Negotiate",
  "Bear",
  "Bearerr",
  "Token",
  "JWT",
  "",
  "Bearer:",
  "\uff22earer",
  "B\u0435arer",
  "\u00a0Bearer",
  " Bearer",
  "\tBearer",
  "Bearer\0",
];
const separators = [
  "",
  "  ",
  "\t",
  " \t",
  "\n",
  "\r\n ",
  "\u00a0",
  "+",
  "%20",
  ":",
  "=",
  " =",
  "\u2003",
  "\0",
  " Bearer ",
  ' "',
];
const ends = [
  " ",
  "\t",
  "\n",
  "\r\n",
  "\0",
  "=",
  "==",
  " x",
  ",",
  ", Bearer x",
  ";",
  '"',
  "\u00a0",
  "\u200b",
  "~",
  "?",
  "#",
  "&access_token=x",
  " realm=x",
  "=a",
  "%3D",
];
const whole = [
  null,
  null,
  "",
  " ",
  "Bearer",
  "Bearer ",
  "bearer",
  "Bearer  ",
  "Bearer .",
  "Bearer ..",
  "Bearer ...",
  "Bearer =",
  "Bearer a",
  "Bearer a.b",
  "Bearer a.b.c",
  "Bearer null",
  "Bearer undefined",
  "Bearer [object Object]",
  "Bearer {}",
  "Basic YTpi",
  "Bearer e30.e30.e30",
  "\0",
  "Bearer \u{1f511}",
  "Bearer\r\nX-Evil: 1",
  "Bearer ~~~",
  `Bearer ${"a".repeat(16_377)}`,
  `Bearer ${"a".repeat(16_378)}`,
  `Bearer ${".".repeat(9_000)}`,
  "Bearer e30",
];

function split(authorization: string): readonly [scheme: string, token: string] {
  const at = authorization.indexOf(" ");
  return [authorization.slice(0, at), authorization.slice(at + 1)];
}

/** Changes of the header as text; null stands for none. */
export const authorizationMutators: readonly Mutator[] = [
  {
    name: "authorization: the scheme",
    change(draft, random) {
      draft.authorizationEdits.push((value) => `${random.pick(schemes)} ${split(value)[1]}`);
    },
  },
  {
    name: "authorization: the scheme in another case",
    change(draft, random) {
      const scheme = random.pick(schemes.slice(0, 5));
      draft.authorizationEdits.push((value) => `${scheme} ${split(value)[1]}`);
    },
  },
  {
    name: "authorization: what separates",
    change(draft, random) {
      draft.authorizationEdits.push((value) => split(value).join(random.pick(separators)));
    },
  },
  {
    name: "authorization: something behind",
    change(draft, random) {
      draft.authorizationEdits.push((value) => value + random.pick(ends));
    },
  },
  {
    name: "authorization: a token of other text",
    change(draft, random) {
      const value = random.pick(whole);
      draft.authorizationEdits.push(() => value);
    },
  },
  {
    name: "authorization: two of them",
    change(draft, random) {
      const separator = random.pick([", ", ",", " ", "\n", "\r\n", "; ", ""]);
      const other = random.pick(["Bearer x", "Basic YTpi", ""]);
      const isFirst = random.oneIn(2);
      draft.authorizationEdits.push((value) => {
        const second = other === "" ? value : other;
        return isFirst ? value + separator + second : second + separator + value;
      });
    },
  },
  {
    name: "authorization: without a scheme",
    change(draft) {
      draft.authorizationEdits.push((value) => split(value)[1]);
    },
  },
  {
    name: "authorization: token in quotes or brackets",
    change(draft, random) {
      const [open, close] = random.pick([
        ['"', '"'],
        ["<", ">"],
        ["'", "'"],
        ["token=", ""],
        ["(", ")"],
      ] as const);
      draft.authorizationEdits.push((value) => `Bearer ${open}${split(value)[1]}${close}`);
    },
  },
];
