import { dropMember, type Draft, type Mutator, setMember, text } from "./draft.ts";
import { keyNames, kidOf, type Signer } from "./issuer.ts";
import { pickOddValue, wrapValue } from "./odd-values.ts";
import { twistText } from "./twist-text.ts";

const algorithms = [
  "none",
  "None",
  "NONE",
  "HS256",
  "HS384",
  "HS512",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "EdDSA",
  "Ed25519",
  "rs256",
  "Rs256",
  "RSA256",
  "RS256 ",
  " RS256",
  "RS-256",
  "RS2560",
  "RSA-OAEP",
  "dir",
  "",
];
const types = [
  "JWT",
  "jwt",
  "Jwt",
  "at+jwt",
  "AT+JWT",
  "At+Jwt",
  "application/at+jwt",
  "application/jwt",
  "Application/AT+JWT",
  "APPLICATION/JWT",
];
const wrongTypes = [
  "",
  "JWS",
  "JOSE",
  "dpop+jwt",
  "id+jwt",
  "logout+jwt",
  "secevent+jwt",
  "at +jwt",
  "at+jwt;v=1",
  "at-jwt",
  "application/at+JWT ",
  "application//jwt",
  "application/dpop+jwt",
  "text/jwt",
  "xjwt",
  "jwtx",
  "application/",
  "appl\u0131cation/jwt",
  "\u00e4t+jwt",
  "at+jwt\0",
  "jwt, at+jwt",
  "at jwt",
  "+jwt",
  "a",
  "applicationjwt",
];
const forbidden: Readonly<Record<string, readonly string[]>> = {
  crit: ['["exp"]', '["b64"]', "[]", "null", '""', '["kid"]', "{}", "false"],
  jwk: ['{"kty":"RSA","n":"AQAB","e":"AQAB"}', "null", "{}", '""', "[]", "0"],
  jku: ['"http://127.0.0.1:1/keys"', '"file:///etc/passwd"', "null", '""', "[]"],
  x5u: ['"http://127.0.0.1:1/x5u"', "null", '""', "{}"],
  x5c: ['["MIIB"]', "[]", "null", '""'],
};
const keyIds = [
  "../../etc/passwd",
  "' OR 1=1 --",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  " ",
  "key-0",
  "key-1\0",
  "KEY-1",
  "key-1 ",
  " key-1",
  "key\u20101",
  "undefined",
  "null",
  "0",
  "*",
  "k".repeat(128),
  "k".repeat(129),
  "k".repeat(5000),
  "\u{1f511}".repeat(64),
  "\u{1f511}".repeat(65),
  "\n",
  "\u001b[31m",
];
const members = ["alg", "typ", "kid"];
const oddSigners: readonly (readonly [alg: string, signer: Signer])[] = [
  ["RS384", { type: "rs384" }],
  ["RS512", { type: "rs512" }],
  ["PS256", { type: "ps256" }],
  ["HS256", { type: "hmac", secret: "pem" }],
  ["HS256", { type: "hmac", secret: "modulus" }],
  ["HS256", { type: "hmac", secret: "empty" }],
];

function setText(draft: Draft, name: string, value: string): void {
  setMember(draft.header, name, text(value));
}

/** Changes of the header, most of them signed again. */
export const headerMutators: readonly Mutator[] = [
  {
    name: "header: another algorithm, signed with RS256",
    change: (draft, random) => setText(draft, "alg", random.pick(algorithms)),
  },
  {
    name: "header: another algorithm, signed with it",
    change(draft, random) {
      const [alg, signer] = random.pick(oddSigners);
      setText(draft, "alg", random.oneIn(4) ? "RS256" : alg);
      draft.signer = signer;
    },
  },
  { name: "header: a typ of JWTs", change: (draft, random) => setText(draft, "typ", random.pick(types)) },
  {
    name: "header: a typ of others",
    change: (draft, random) => setText(draft, "typ", random.pick(wrongTypes)),
  },
  {
    name: "header: crit, jwk, jku, x5u, x5c",
    change(draft, random) {
      const name = random.pick(Object.keys(forbidden));
      setMember(draft.header, name, random.pick(forbidden[name] ?? []));
    },
  },
  {
    name: "header: names that nearly are the forbidden ones",
    change(draft, random) {
      const name = random.pick([
        "CRIT",
        "Crit",
        "crit ",
        "Jwk",
        "JKU",
        "x5t",
        "x5t#S256",
        "x5",
        "jwks",
        "X5C",
      ]);
      setText(draft, name, "x");
    },
  },
  { name: "header: another key id", change: (draft, random) => setText(draft, "kid", random.pick(keyIds)) },
  {
    name: "header: a key id that nobody knows",
    change: (draft, random) => setText(draft, "kid", `key-${random.int(1_000_000)}`),
  },
  {
    name: "header: another key and its id",
    change(draft, random) {
      const key = random.pick(keyNames);
      setText(draft, "kid", kidOf[key]);
      draft.signer = { type: "rs256", key };
    },
  },
  {
    name: "header: the second key",
    change(draft) {
      setText(draft, "kid", kidOf.longest);
      draft.signer = { type: "rs256", key: "longest" };
    },
  },
  {
    name: "header: another key than its id says",
    change(draft, random) {
      setText(draft, "kid", kidOf[random.pick(keyNames)]);
      draft.signer = { type: "rs256", key: random.pick(keyNames) };
    },
  },
  {
    name: "header: a member left out",
    change: (draft, random) => dropMember(draft.header, random.pick(members)),
  },
  {
    name: "header: a member of another type",
    change: (draft, random) => setMember(draft.header, random.pick(members), pickOddValue(random)),
  },
  {
    name: "header: a member that is null, empty or a list",
    change(draft, random) {
      const name = random.pick(members);
      const value = random.pick(["null", '""', "[]", "{}", '["RS256"]', '["JWT"]', "false", "0"]);
      setMember(draft.header, name, value);
    },
  },
  {
    name: "header: a member wrapped",
    change(draft, random) {
      const member = random.pick(draft.header.members);
      member.value = wrapValue(member.value, random);
    },
  },
  {
    name: "header: a text nearly the same",
    change(draft, random) {
      const [name, value] = random.pick([
        ["alg", "RS256"],
        ["typ", "JWT"],
        ["typ", "at+jwt"],
        ["kid", kidOf.usable],
      ] as const);
      setText(draft, name, twistText(value, random));
    },
  },
  {
    name: "header: further members",
    change(draft, random) {
      const names = [
        "x5t",
        "foo",
        "__proto__",
        "constructor",
        "",
        "alg2",
        "Alg",
        "KID",
        "\u00e9",
        "exp",
        "iss",
      ];
      setMember(draft.header, random.pick(names), pickOddValue(random));
    },
  },
  {
    name: "header: in another order",
    change(draft, random) {
      draft.header.members = random.shuffle(draft.header.members);
    },
  },
];
