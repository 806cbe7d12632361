import { join } from "node:path";
import type { BareAnswer } from "../rivals/bare.ts";
import type { RivalName } from "./scenarios.ts";
import { startSubject, type Subject } from "./subject.ts";

const bench = join(import.meta.dir, "..");
const dist = join(bench, "../../dist");

/** Bounds so high that nothing of the load meets them, and on, so that what they cost is measured. */
const wide = Object.entries({
  "address-rate": 1_000_000,
  "address-burst": 1_000_000,
  "caller-rate": 1_000_000,
  "caller-burst": 1_000_000,
  "caller-calls": 100_000,
  "caller-sessions": 100_000,
  "max-sessions": 1_000_000,
}).flatMap(([flag, value]) => [`--${flag}`, String(value)]);

/** `mcp-server --dev` as compiled, and a token that it takes. */
export async function startOurs(reverseSeconds: number): Promise<Subject & { readonly token: string }> {
  const key = crypto.randomUUID();
  const subject = await startSubject({
    command: [
      join(dist, "mcp-server"),
      "--dev",
      "--port",
      "0",
      "--reverse-seconds",
      String(reverseSeconds),
      ...wide,
    ],
    env: { MCP_DEV_CONTROL_KEY: key },
    announces: /Endpoint\s+http:\/\/[^:]+:(\d+)/,
  });
  const page = /Sign in\s+at (http\S+)/.exec(subject.readOutput())?.[1] ?? "";
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(new URL("/control/tokens", page), { method: "POST", headers, body: "{}" });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return { ...subject, token };
}

const announces = /port (\d+)/;

/** The bare server, with what it is to answer. */
export function startBare(answers: Readonly<Record<string, BareAnswer>>): Promise<Subject> {
  return startSubject({
    command: [process.execPath, join(bench, "rivals/bare.ts"), JSON.stringify(answers)],
    announces,
  });
}

/** One of the SDK's own servers. */
export async function startRival(name: RivalName): Promise<Subject> {
  const modern = [process.execPath, join(bench, "rivals/sdk-modern.ts")];
  if (name === "sdk-modern") return startSubject({ command: modern, announces });
  if (name === "sdk-modern-tuned") return startSubject({ command: [...modern, "tuned"], announces });
  const naming = "bench-[name].mjs";
  const source = join(bench, "rivals/sdk-express.ts");
  const built = await Bun.build({ entrypoints: [source], target: "node", outdir: dist, naming });
  if (!built.success) throw new AggregateError(built.logs);
  return startSubject({ command: ["node", join(dist, "bench-sdk-express.mjs")], announces });
}
