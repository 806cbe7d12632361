import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";

const dist = join(import.meta.dir, "../../../dist");

/** A server process that is measured. */
export interface Subject {
  readonly pid: number;
  readonly port: number;
  /** CPU time that it has used until now, all threads, in milliseconds. Linux alone. */
  readCpuMs(): number;
  /** Resident memory in KiB. Linux alone. */
  readMemory(): number;
  /** What it has printed. */
  readOutput(): string;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SubjectOptions {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its port in what it prints. */
  readonly announces: RegExp;
}

const msPerTick = 10;

/** Starts a server; what it prints goes to a file, so that its log costs it what a log costs. */
export async function startSubject({ command, env = {}, announces }: SubjectOptions): Promise<Subject> {
  const path = join(dist, `bench-${crypto.randomUUID()}.log`);
  const output = openSync(path, "w");
  const child = Bun.spawn([...command], {
    cwd: dist,
    env: { PATH: process.env["PATH"] ?? "", HOME: dist, NODE_ENV: "production", ...env },
    stdio: ["ignore", output, output],
  });
  const readOutput = () => readFileSync(path, "utf8");
  let port: string | undefined;
  while (port === undefined) {
    if (child.exitCode !== null) throw new Error(`${command.join(" ")} ended:\n${readOutput()}`);
    await Bun.sleep(10);
    port = announces.exec(readOutput())?.[1];
  }
  return {
    pid: child.pid,
    port: Number(port),
    readOutput,
    readCpuMs() {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) * msPerTick;
    },
    readMemory: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? Number.NaN),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      await Bun.file(path).delete();
    },
  };
}
