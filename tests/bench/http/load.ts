// Sends requests over connections that stay open, as a process of its own; the plan comes as JSON from standard
// input, the report goes to standard output. The bytes are prepared, so that it costs far less than any server.
import { percentileOf } from "../statistics.ts";
import { type Answer, createAnswerReader } from "./answer-reader.ts";
import { idDigits, type LoadPlan, type LoadReport, type LoadStep } from "./plan.ts";

const maxTimes = 1 << 21;

/** The bytes of a request, ready to be sent with one id after the other. */
function prepare({ text, status }: LoadStep) {
  const placeholder = "#".repeat(idDigits);
  const filled = text.replaceAll("{{id}}", placeholder);
  const bytes = Buffer.from(filled, "latin1");
  const places: number[] = [];
  for (let at = filled.indexOf(placeholder); at !== -1; at = filled.indexOf(placeholder, at + 1))
    places.push(at);
  const hasSession = filled.includes("{{session}}");
  return {
    status,
    /** Whether the answer carries the id, too. */
    hasId: status === 200 && places.length > 0,
    fill(id: string, session: string): Buffer {
      for (const place of places) bytes.write(id, place, "latin1");
      if (!hasSession) return bytes;
      return Buffer.from(bytes.toString("latin1").replaceAll("{{session}}", session), "latin1");
    },
  };
}

interface Progress {
  /** Whether one more script is to be sent. */
  isWanted(): boolean;
  nextId(): string;
  add(startedAt: number): void;
  fail(answer: Answer | undefined): void;
}

/** Runs one connection until nothing more is wanted. */
function runConnection(port: number, script: readonly LoadStep[], progress: Progress): Promise<void> {
  const steps = script.map(prepare);
  const read = createAnswerReader();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let index = 0;
  let startedAt = 0;
  let session = "";
  let id = "";

  function send(socket: Bun.Socket): void {
    if (index === 0) {
      if (!progress.isWanted()) {
        socket.end();
        return resolve();
      }
      startedAt = performance.now();
    }
    id = progress.nextId();
    const bytes = steps[index]?.fill(id, session) ?? Buffer.alloc(0);
    if (socket.write(bytes) !== bytes.length) throw new Error("a request did not fit into the connection");
  }

  function take(answer: Answer): void {
    const step = steps[index];
    const isGood = answer.status === step?.status && (!step.hasId || answer.body.includes(id));
    if (!isGood) progress.fail(answer);
    if (steps.length > 1 && index === 0) session = /\r\nmcp-session-id: *(\S+)/i.exec(answer.head)?.[1] ?? "";
    index = (index + 1) % steps.length;
    if (index === 0) progress.add(startedAt);
  }

  void Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: send,
      data(socket, piece) {
        const answer = read(piece.toString("latin1"));
        if (!answer) return;
        take(answer);
        send(socket);
      },
      close() {
        if (progress.isWanted()) progress.fail(undefined);
        resolve();
      },
      error: (_, error) => reject(error),
    },
  }).catch(reject);
  return promise;
}

async function run({ port, scripts, ms, count }: LoadPlan): Promise<LoadReport> {
  const times = new Float64Array(maxTimes);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const until = ms === undefined ? Infinity : startedAt + ms;
  let [done, sent, failures, lastId] = [0, 0, 0, 10 ** (idDigits - 1)];
  const progress: Progress = {
    isWanted: () => performance.now() < until && sent < (count ?? Infinity) && (sent++, true),
    nextId: () => String(++lastId),
    add(since) {
      times[Math.min(done++, maxTimes - 1)] = (performance.now() - since) * 1000;
    },
    fail(answer) {
      if (failures++ === 0) process.stderr.write(`${answer?.head ?? "cut off"}\n`);
    },
  };
  await Promise.all(scripts.map((script) => runConnection(port, script, progress)));
  const endedAt = performance.now();
  const { user, system } = process.cpuUsage(cpuBefore);
  const measured = [...times.subarray(0, Math.min(done, maxTimes))];
  return {
    done,
    failures,
    ms: endedAt - startedAt,
    p50Us: percentileOf(measured, 0.5),
    p99Us: percentileOf(measured, 0.99),
    cpuMs: (user + system) / 1000,
  };
}

if (import.meta.main) {
  const plan = (await Bun.stdin.json()) as LoadPlan;
  process.stdout.write(JSON.stringify(await run(plan)));
  process.exit(0);
}
