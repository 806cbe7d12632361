import type { Door } from "./door.ts";
import type { Rule } from "./findings.ts";
import type { Issuer } from "./issuer.ts";
import { findBrokenRules, rightStatuses } from "./judge.ts";
import { createMutants, type Mutant, mutantsPerMoment, type Presentation } from "./mutants.ts";

/** What is to be run. */
export interface RunOptions {
  readonly issuer: Issuer;
  readonly door: Door;
  readonly seed: number;
  readonly count: number;
  /** Index of the first mutant, default 0. */
  readonly first?: number | undefined;
  /** Sets the clock of the door, milliseconds since the Unix epoch. */
  setClock(nowMs: number): void;
  /** Told now and then how many mutants are done. */
  onProgress?(done: number): void;
}

/** An answer that the table does not allow. Holds no token. */
export interface WrongDecision {
  readonly index: number;
  readonly names: readonly string[];
  readonly isBase: boolean;
  /** Seconds after the mutant was made. */
  readonly afterSeconds: number;
  readonly broken: readonly Rule[];
  readonly right: readonly number[];
  /** Status and reason, or what was thrown. */
  readonly got: string;
}

/** What came of a run. */
export interface RunReport {
  readonly mutants: number;
  readonly signedAgain: number;
  /** Mutants that are let in when they are first presented. */
  readonly letIn: number;
  readonly decisions: number;
  readonly wrong: readonly WrongDecision[];
  /** How often each mutator and each rule came up. */
  readonly mutatorCounts: ReadonlyMap<string, number>;
  readonly ruleCounts: ReadonlyMap<string, number>;
  /** Milliseconds that each answer took, ascending. */
  readonly answerMs: Float64Array;
}

/** An unknown key may cause so many fetches in so many seconds (DESIGN 5). */
const keyFetches = 3;
const keyWindowSeconds = 300;
const progressEvery = mutantsPerMoment * 256;

function countIn(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

class Run {
  readonly #options: RunOptions;
  readonly #answerMs: number[] = [];
  readonly #wrong: WrongDecision[] = [];
  readonly #mutatorCounts = new Map<string, number>();
  readonly #ruleCounts = new Map<string, number>();
  #mutants = 0;
  #signedAgain = 0;
  #letIn = 0;
  /** When unknown keys came up lately, in seconds; each may have cost a fetch. */
  #unknownKeysAt: number[] = [];

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** Presents the mutants of one moment, in the order of time. */
  async present(mutants: readonly Mutant[]): Promise<void> {
    for (const mutant of mutants) this.#count(mutant);
    const all = mutants.flatMap((mutant) =>
      mutant.presentations.map((presentation) => ({ mutant, presentation })),
    );
    all.sort((a, b) => a.presentation.atSeconds - b.presentation.atSeconds);
    for (const { mutant, presentation } of all) await this.#decide(mutant, presentation);
  }

  report(): RunReport {
    return {
      mutants: this.#mutants,
      signedAgain: this.#signedAgain,
      letIn: this.#letIn,
      decisions: this.#answerMs.length,
      wrong: this.#wrong,
      mutatorCounts: this.#mutatorCounts,
      ruleCounts: this.#ruleCounts,
      answerMs: Float64Array.from(this.#answerMs).toSorted(),
    };
  }

  #judge(mutant: Mutant, { authorization, atSeconds }: Presentation): readonly Rule[] {
    const recently = this.#unknownKeysAt.filter((at) => at >= atSeconds - keyWindowSeconds);
    return findBrokenRules(authorization, {
      authority: this.#options.issuer.authority,
      nowSeconds: atSeconds,
      canAskForKeys: recently.length < keyFetches,
      signedBy: (token) => mutant.signed.get(token),
    });
  }

  #noteUnknownKey(atSeconds: number): void {
    this.#unknownKeysAt = [...this.#unknownKeysAt.slice(1 - keyFetches), atSeconds];
  }

  #count(mutant: Mutant): void {
    this.#mutants++;
    if (mutant.isSignedAgain) this.#signedAgain++;
    for (const name of new Set(mutant.names)) countIn(this.#mutatorCounts, name);
    const own = mutant.presentations.find(({ isBase }) => !isBase);
    const broken = own ? this.#judge(mutant, own) : [];
    if (broken.length === 0) this.#letIn++;
    for (const rule of new Set(broken)) countIn(this.#ruleCounts, rule);
  }

  async #decide(mutant: Mutant, presentation: Presentation): Promise<void> {
    const broken = this.#judge(mutant, presentation);
    if (broken.some((rule) => rule === "key" || rule === "key_unasked")) {
      this.#noteUnknownKey(presentation.atSeconds);
    }
    const right = rightStatuses(broken);
    this.#options.setClock(presentation.atSeconds * 1000);
    const { status, got } = await this.#ask(presentation.authorization);
    if (status !== undefined && right.has(status)) return;
    const { index, names } = mutant;
    const [start] = mutant.presentations;
    const afterSeconds = presentation.atSeconds - (start?.atSeconds ?? 0);
    const { isBase } = presentation;
    this.#wrong.push({ index, names, isBase, afterSeconds, broken, right: [...right], got });
  }

  /** Asks the door and takes the time. What is no decision has no status. */
  async #ask(authorization: string | null): Promise<{ status?: number; got: string }> {
    const startedAt = performance.now();
    try {
      const { status, reason } = await this.#options.door.decide(authorization);
      this.#answerMs.push(performance.now() - startedAt);
      const got = `${status} ${reason ?? ""}`.trim();
      return reason === "unexpected" ? { got } : { status, got };
    } catch (error) {
      // The message might quote the token.
      return { got: `thrown: ${error instanceof Error ? error.name : typeof error}` };
    }
  }
}

/** Makes mutants, presents each and compares every answer with the table. */
export async function runFuzz(options: RunOptions): Promise<RunReport> {
  const { issuer, seed, count, first = 0, onProgress } = options;
  const run = new Run(options);
  const createMutant = createMutants(issuer, seed);
  const end = first + count;
  const createMoment = (from: number) => {
    const length = Math.min(mutantsPerMoment - (from % mutantsPerMoment), end - from);
    return Promise.all(Array.from({ length }, (_, offset) => createMutant(from + offset)));
  };
  for (let done = 0; done < count;) {
    // All are signed before the first is presented: signing meanwhile would delay the answers that are timed.
    const mutants = await createMoment(first + done);
    await run.present(mutants);
    done += mutants.length;
    if (done % progressEvery === 0) onProgress?.(done);
  }
  return run.report();
}

/** A wrong decision as one line, with how to see it again. */
export function describeWrong(wrong: WrongDecision, seed: number): string {
  const { index, names, isBase, afterSeconds, broken, right, got } = wrong;
  const what = isBase ? "the good token beside it" : "it";
  const later = afterSeconds > 0 ? ` ${afterSeconds} s later` : "";
  const rules = broken.length > 0 ? broken.join(", ") : "none";
  return (
    `mutant ${index} (seed ${seed}) [${names.join(" + ")}]: ${what}${later} got ${got}, ` +
    `right is ${right.join(" or ")} (rules broken: ${rules})`
  );
}
