import { dropMember, type Draft, type Member, type Mutator, setMember, text } from "./draft.ts";
import { pickOddValue, respellNumber, wrapValue } from "./odd-values.ts";
import type { Random } from "./random.ts";
import * as setting from "./setting.ts";
import { twistText } from "./twist-text.ts";

/** Claims on which a rule hangs, present or not. */
const ruled = [
  "iss",
  "aud",
  "exp",
  "nbf",
  "iat",
  "ver",
  "tid",
  "sub",
  "scp",
  "azp",
  "appid",
  "idtyp",
  "acct",
  "idp",
  "roles",
];

/** A member that a rule hangs on; any where another mutator has spelled all names anew. */
function pickRuled(draft: Draft, random: Random): Member {
  const candidates = draft.claims.members.filter(({ name }) => ruled.includes(name.slice(1, -1)));
  return random.pick(candidates.length > 0 ? candidates : draft.claims.members);
}

/** The text in a member, where it holds one. */
function textOf(member: Member): string | undefined {
  return /^"[^\\]*"$/.test(member.value) ? member.value.slice(1, -1) : undefined;
}

function twistMember(draft: Draft, random: Random): void {
  const texts = draft.claims.members.filter(
    (member) => ruled.includes(member.name.slice(1, -1)) && textOf(member) !== undefined,
  );
  const member = texts.length > 0 ? random.pick(texts) : pickRuled(draft, random);
  member.value = text(twistText(textOf(member) ?? "", random));
}

const harmless: readonly string[] = [
  "name",
  "oid",
  "preferred_username",
  "rh",
  "aio",
  "xms_ftd",
  "wids",
  "groups",
  "scope",
  "scopes",
  "client_id",
  "__proto__",
  "constructor",
  "toString",
  "valueOf",
  "",
  "hasOwnProperty",
  "length",
  "\u00e9",
  "e\u0301",
  "jti",
  "Exp",
  "EXP",
  "Aud",
  "Idtyp",
  "Acct",
  "idp ",
  "acct\0",
  "xms_acct",
  "Scp",
  "SCP",
];

/** Changes of any claim; the rules with tables of their own are in mutate-rules.ts. */
export const claimsMutators: readonly Mutator[] = [
  { name: "claims: a text nearly the same", change: twistMember },
  {
    name: "claims: a claim left out",
    change(draft, random) {
      const { name } = pickRuled(draft, random);
      draft.claims.members = draft.claims.members.filter((member) => member.name !== name);
    },
  },
  {
    name: "claims: a claim of another type",
    change(draft, random) {
      const odd = pickOddValue(random);
      if (random.oneIn(3)) setMember(draft.claims, random.pick(ruled), odd);
      else pickRuled(draft, random).value = odd;
    },
  },
  {
    name: "claims: a claim wrapped",
    change(draft, random) {
      const member = pickRuled(draft, random);
      member.value = wrapValue(member.value, random);
    },
  },
  {
    name: "claims: two values change places",
    change(draft, random) {
      const [a, b] = [pickRuled(draft, random), pickRuled(draft, random)];
      [a.value, b.value] = [b.value, a.value];
    },
  },
  {
    name: "claims: one value in another's place",
    change(draft, random) {
      pickRuled(draft, random).value = pickRuled(draft, random).value;
    },
  },
  {
    name: "claims: a name nearly the same",
    change(draft, random) {
      const member = pickRuled(draft, random);
      member.name = text(twistText(member.name.slice(1, -1), random));
    },
  },
  {
    name: "claims: a claim moves to the header",
    change(draft, random) {
      const member = pickRuled(draft, random);
      draft.claims.members = draft.claims.members.filter((other) => other !== member);
      draft.header.members.push(member);
    },
  },
  {
    name: "claims: a claim moves to __proto__",
    change(draft, random) {
      const member = pickRuled(draft, random);
      draft.claims.members = draft.claims.members.filter((other) => other !== member);
      const outer = random.pick(["__proto__", "constructor", "claims", ""]);
      setMember(draft.claims, outer, `{${member.name}:${member.value}}`);
    },
  },
  {
    name: "claims: further claims",
    change: (draft, random) => setMember(draft.claims, random.pick(harmless), pickOddValue(random)),
  },
  {
    name: "claims: further claims that look like the ruled ones",
    change: (draft, random) => setMember(draft.claims, random.pick(harmless), pickRuled(draft, random).value),
  },
  {
    name: "claims: in another order",
    change(draft, random) {
      draft.claims.members = random.shuffle(draft.claims.members);
    },
  },
  {
    name: "claims: GUIDs in upper case",
    change(draft, random) {
      const isV1ForUri = draft.version === "1.0" && random.oneIn(2);
      if (!isV1ForUri) setMember(draft.claims, "aud", text(setting.apiClientId.toUpperCase()));
      setMember(draft.claims, "tid", text(setting.tenantId.toUpperCase()));
    },
  },
  {
    name: "claims: numbers spelled in another way",
    change(draft, random) {
      for (const member of draft.claims.members) {
        if (/^\d+$/.test(member.value)) member.value = respellNumber(Number(member.value), random);
      }
    },
  },
  {
    name: "claims: the least there can be",
    change: (draft) => ["oid", "uti", "azpacr", "appidacr"].forEach((name) => dropMember(draft.claims, name)),
  },
];
