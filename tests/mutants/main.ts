import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { listAllMutants } from "./list.ts";
import { applyMutant, type Mutant } from "./mutant.ts";

/**
 * Switches off one check of its list at a time, in copies of the tree, and wants the tests to notice. A
 * word as argument takes only the mutants whose file or name has it.
 */

const root = resolve(import.meta.dir, "../..");
const copied = ["cmd", "lib", "tests", "package.json", "tsconfig.json"];

/** All that must notice; what a mutant names itself runs before. */
const allTests = ["verification", "auth-server", "transport-server/gate.test.ts"];

/** A mutant that never ends is noticed as well. */
const timeLimitMs = 240_000;

type Verdict =
  | { readonly kind: "killed"; readonly by: string }
  | { readonly kind: "survived" }
  | { readonly kind: "broken"; readonly output: string };

/** A copy of the tree, so that the checkout stays as it is. */
async function copyTree(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mutants-"));
  for (const name of copied) await cp(join(root, name), join(folder, name), { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Runs tests in a copy until the first one fails. */
async function runTests(folder: string, tests: readonly string[]): Promise<Verdict> {
  const child = Bun.spawn({
    cmd: [
      process.execPath,
      "test",
      "--bail",
      "--timeout",
      "20000",
      ...tests.map((test) => `./tests/${test}`),
    ],
    cwd: folder,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    timeout: timeLimitMs,
    killSignal: "SIGKILL",
  });
  const output = await child.stderr.text();
  const exitCode = await child.exited;
  if (exitCode === 0) return { kind: "survived" };
  if (child.signalCode === "SIGKILL") return { kind: "killed", by: "the time limit" };
  const by = /^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/m.exec(output)?.[1];
  return by === undefined ? { kind: "broken", output } : { kind: "killed", by };
}

async function judge(folder: string, { file, tests }: Mutant, mutated: string): Promise<Verdict> {
  const path = join(folder, file);
  const original = await Bun.file(path).text();
  await Bun.write(path, mutated);
  try {
    const first = await runTests(folder, tests);
    return first.kind === "survived" ? await runTests(folder, allTests) : first;
  } finally {
    await Bun.write(path, original);
  }
}

function describeVerdict({ file, name }: Mutant, verdict: Verdict): string {
  const what = `${file.replace(/^lib\//, "")}: ${name}`;
  if (verdict.kind === "killed") return `killed    ${what}  <- ${verdict.by}`;
  return verdict.kind === "survived" ? `SURVIVED  ${what}` : `BROKEN    ${what}\n${verdict.output}`;
}

interface Prepared {
  readonly mutant: Mutant;
  readonly mutated: string;
}

/** @throws Error where the list no longer fits the sources */
async function prepare(wanted: string | undefined): Promise<readonly Prepared[]> {
  const prepared: Prepared[] = [];
  const rotten: string[] = [];
  for (const mutant of listAllMutants()) {
    try {
      const text = await Bun.file(join(root, mutant.file)).text();
      prepared.push({ mutant, mutated: applyMutant(mutant, text) });
    } catch (error) {
      rotten.push(String(error));
    }
  }
  if (rotten.length > 0) throw new Error(`The list does not fit the sources any more.\n${rotten.join("\n")}`);
  return prepared.filter(({ mutant }) => `${mutant.file}: ${mutant.name}`.includes(wanted ?? ""));
}

/** @returns verdicts of all, each written as it comes */
async function judgeAll(
  folders: readonly string[],
  prepared: readonly Prepared[],
): Promise<readonly Verdict[]> {
  const waiting = [...prepared];
  const verdicts: Verdict[] = [];
  const work = async (folder: string) => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const verdict = await judge(folder, next.mutant, next.mutated);
      verdicts.push(verdict);
      process.stdout.write(`${describeVerdict(next.mutant, verdict)}\n`);
    }
  };
  await Promise.all(folders.map(work));
  return verdicts;
}

async function run(wanted: string | undefined): Promise<boolean> {
  const prepared = await prepare(wanted);
  const lanes = Math.max(1, Math.min(4, availableParallelism(), prepared.length));
  const folders = await Promise.all(Array.from({ length: lanes }, copyTree));
  try {
    const [folder = ""] = folders;
    const untouched = await runTests(folder, allTests);
    if (untouched.kind !== "survived")
      throw new Error(`The tests fail without any mutant: ${JSON.stringify(untouched)}`);
    const verdicts = await judgeAll(folders, prepared);
    const killed = verdicts.filter(({ kind }) => kind === "killed").length;
    process.stdout.write(`${prepared.length} mutants, ${killed} killed, ${verdicts.length - killed} not\n`);
    return prepared.length > 0 && killed === prepared.length;
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
  }
}

process.exitCode = (await run(process.argv[2])) ? 0 : 1;
