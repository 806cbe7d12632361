import { beginDraft, type Draft, encodeDraft, type Mutator } from "./draft.ts";
import type { Issuer, KeyName } from "./issuer.ts";
import { authorizationMutators } from "./mutate-authorization.ts";
import { claimsMutators } from "./mutate-claims.ts";
import { headerMutators } from "./mutate-header.ts";
import { jsonMutators } from "./mutate-json.ts";
import { ruleMutators } from "./mutate-rules.ts";
import { tokenMutators } from "./mutate-token.ts";
import { createRandom, type Random } from "./random.ts";
import { startSeconds, type Version, versions } from "./setting.ts";

/** A request with a mutant, or with the good token that it began as, at one moment. */
export interface Presentation {
  readonly authorization: string | null;
  readonly atSeconds: number;
  readonly isBase: boolean;
}

/** One mutant: what was done to it and how it is presented. */
export interface Mutant {
  readonly index: number;
  /** Names of its mutators, in order. */
  readonly names: readonly string[];
  /** Whether it differs from the base in what is signed, and is signed again with a usable key. */
  readonly isSignedAgain: boolean;
  readonly presentations: readonly Presentation[];
  /** Tokens that the authority has signed for it with RS256. */
  readonly signed: ReadonlyMap<string, KeyName>;
}

const contentMutators = [...ruleMutators, ...claimsMutators, ...jsonMutators, ...headerMutators];
const outerMutators = [...tokenMutators, ...authorizationMutators];
/** Every mutator. */
export const mutators: readonly Mutator[] = [...contentMutators, ...outerMutators];

/** So many mutants are made at one moment and share a good token; then the clock moves on. */
export const mutantsPerMoment = 32;
/** Longer than any of {@link Draft.repeatsAfter} takes. */
const secondsPerMoment = 100;

function pickMutators(random: Random): readonly Mutator[] {
  const count = random.pick([1, 1, 1, 1, 2, 2, 3]);
  const inner = random.oneIn(3) ? ruleMutators : contentMutators;
  const candidates = random.oneIn(3) ? outerMutators : random.oneIn(4) ? mutators : inner;
  return Array.from({ length: count }, () => random.pick(candidates));
}

interface Base {
  readonly token: string;
  readonly input: string;
}

/** Makes the mutants of one seed, each from its index alone. */
export function createMutants(issuer: Issuer, seed: number): (index: number) => Promise<Mutant> {
  const bases = new Map<Version, { nowSeconds: number; base: Promise<Base> }>();

  const signBase = async (draft: Draft): Promise<Base> => {
    const input = encodeDraft(draft);
    return { input, token: `${input}.${await issuer.sign(input, { type: "rs256", key: "usable" })}` };
  };
  const baseOf = (draft: Draft): Promise<Base> => {
    const known = bases.get(draft.version);
    if (known?.nowSeconds === draft.nowSeconds) return known.base;
    const base = signBase(draft);
    bases.set(draft.version, { nowSeconds: draft.nowSeconds, base });
    return base;
  };
  const sign = async ({ signer }: Draft, input: string, base: Base): Promise<string> => {
    if (input === base.input && signer.type === "rs256" && signer.key === "usable") return base.token;
    const signature =
      signer.type === "base"
        ? base.token.slice(base.token.lastIndexOf(".") + 1)
        : await issuer.sign(input, signer);
    return `${input}.${signature}`;
  };

  return async (index) => {
    const random = createRandom(seed, index);
    const moment = Math.floor(index / mutantsPerMoment);
    const nowSeconds = startSeconds + moment * secondsPerMoment;
    const version = random.pick(versions);
    const begin = () => beginDraft({ authority: issuer.authority, version, nowSeconds });
    const base = await baseOf(begin());
    const draft = begin();
    draft.isAmongBase = random.oneIn(6);
    if (random.oneIn(8)) draft.repeatsAfter.push(0);
    const chosen = pickMutators(random);
    for (const { change } of chosen) change(draft, random);
    const input = encodeDraft(draft);
    const token = await sign(draft, input, base);
    const edited = draft.tokenEdits.reduce((value, edit) => edit(value, base.token), token);
    const signed = new Map<string, KeyName>([[base.token, "usable"]]);
    if (draft.signer.type === "rs256") signed.set(token, draft.signer.key);
    const signer = signed.get(edited);
    return {
      index,
      names: chosen.map(({ name }) => name),
      isSignedAgain: edited !== base.token && (signer === "usable" || signer === "longest"),
      presentations: present(draft, edited, base.token),
      signed,
    };
  };
}

function present(draft: Draft, token: string, base: string): readonly Presentation[] {
  const edit = (value: string | null, change: Draft["authorizationEdits"][number]) =>
    value === null ? null : change(value);
  const authorization = draft.authorizationEdits.reduce(edit, `Bearer ${token}` as string | null);
  let atSeconds = draft.nowSeconds;
  const good = () => ({ authorization: `Bearer ${base}`, atSeconds, isBase: true });
  const presentations = [{ authorization, atSeconds, isBase: false }];
  for (const seconds of draft.repeatsAfter.slice(0, 5)) {
    atSeconds += seconds;
    presentations.push({ authorization, atSeconds, isBase: false });
  }
  return draft.isAmongBase
    ? [{ ...good(), atSeconds: draft.nowSeconds }, ...presentations, good()]
    : presentations;
}
