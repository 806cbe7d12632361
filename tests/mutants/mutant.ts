/** One check that is switched off: its name, a text that its file has exactly once, and what stands there instead. */
export type Mutation = readonly [name: string, find: string, replace: string];

/** Checks of one file. */
export interface MutantGroup {
  /** From the root, with forward slashes. */
  readonly file: string;
  /** Where they are most likely noticed, below `tests/`; these run first. */
  readonly tests: readonly string[];
  readonly mutations: readonly Mutation[];
}

/** One check of one file. */
export interface Mutant extends Omit<MutantGroup, "mutations"> {
  readonly name: string;
  readonly find: string;
  readonly replace: string;
}

export function listMutants(groups: readonly MutantGroup[]): readonly Mutant[] {
  return groups.flatMap(({ file, tests, mutations }) =>
    mutations.map(([name, find, replace]) => ({ file, tests, name, find, replace })),
  );
}

/**
 * Switches the check off in the text of its file.
 *
 * @throws Error where the text does not have it exactly once, or cannot be parsed afterwards: the list has rotted
 */
export function applyMutant({ file, name, find, replace }: Mutant, text: string): string {
  const count = text.split(find).length - 1;
  if (count !== 1) throw new Error(`${file}: ${name}: its text is there ${count} times, not once:\n${find}`);
  const mutated = text.replace(find, () => replace);
  try {
    new Bun.Transpiler({ loader: "ts" }).transformSync(mutated);
  } catch (cause) {
    throw new Error(`${file}: ${name}: what comes out cannot be parsed`, { cause });
  }
  return mutated;
}
