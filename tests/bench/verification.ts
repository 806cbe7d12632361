// Measures what it costs to decide about a token, against jose's bare `jwtVerify` of the same token. The subjects
// take turns within each round, so that other load on the machine meets all of them alike; medians are compared.
import { jwtVerify } from "jose";
import type { TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import { AppError, type ErrorCode } from "../../lib/base/errors.ts";
import { apiClientId, startEntraIssuer, tenantId } from "../auth-server/entra-issuer.ts";
import { createEntraVerifier } from "../auth-server/entra-verifier.ts";
import { medianOf } from "./statistics.ts";

const rounds = 101;
const repetitions = 40;
const warmUpRounds = 100;

/** What is measured, and what it may cost. */
interface Subject {
  readonly name: string;
  readonly run: () => Promise<unknown>;
  /** In microseconds. */
  readonly maxMicroseconds?: number;
  /** As a multiple of jose's `jwtVerify`. */
  readonly maxRatio?: number;
}

/** What Entra puts into a token beside what is checked: about 1.5 KB of token, as in a tenant. */
const usualClaims = {
  aio: "A".repeat(120),
  azpacr: "0",
  name: "Alice Example",
  preferred_username: "alice@contoso.onmicrosoft.com",
  rh: "1.".padEnd(60, "b"),
  roles: ["Tools.Run"],
  sid: crypto.randomUUID(),
  uti: "u".repeat(22),
  xms_ftd: "c".repeat(80),
};

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function refusing(verifier: TokenVerifier, token: string, code: ErrorCode): () => Promise<void> {
  return async () => {
    const outcome = await verifier.verify(token).catch((error: unknown) => error);
    if (!(outcome instanceof AppError) || outcome.code !== code) throw new Error(`not refused with ${code}`);
  };
}

function malformedSubjects(verifier: TokenVerifier, token: string): readonly Subject[] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const tokens: readonly (readonly [name: string, token: string, code: ErrorCode])[] = [
    ["no JWT at all", "x".repeat(token.length), "malformed_token"],
    ["two segments", `${header}.${payload}`, "malformed_token"],
    ["16 000 characters", "x".repeat(16_000), "malformed_token"],
    ["header that is no JSON", `${"x".repeat(header.length)}.${payload}.${signature}`, "malformed_token"],
    ["alg none", `${encode({ alg: "none" })}.${payload}.${signature}`, "unsupported_algorithm"],
    ["a jku", `${encode({ alg: "RS256", jku: "x" })}.${payload}.${signature}`, "unsupported_header"],
  ];
  return tokens.map(([name, text, code]) => ({
    name: `malformed: ${name}`,
    run: refusing(verifier, text, code),
    maxRatio: 0.1,
  }));
}

async function openSubjects(
  issuer: Awaited<ReturnType<typeof startEntraIssuer>>,
): Promise<readonly Subject[]> {
  const { cloud, pair } = issuer;
  const remembering = createEntraVerifier({ cloud });
  // Holds one token: of two that take turns each is verified anew, and remembered.
  const replacing = createEntraVerifier({ cloud, maxRemembered: 1 });
  const forgetful = createEntraVerifier({ cloud, maxRemembered: 0 });
  const token = await issuer.mint("2.0", { claims: usualClaims });
  const other = await issuer.mint("2.0", { claims: { ...usualClaims, uti: "v".repeat(22) } });
  let turn = 0;
  const twice = Buffer.from(token.split(".")[1] ?? "", "base64url")
    .toString()
    .replace("{", '{"aud":"x",');
  const ambiguous = token.replace(/\..*\./, `.${Buffer.from(twice).toString("base64url")}.`);
  const wrongAudience = await issuer.mint("2.0", { claims: { ...usualClaims, aud: tenantId } });
  const expired = await issuer.mint("2.0", { claims: { ...usualClaims, exp: 1 } });
  const expected = {
    algorithms: ["RS256"],
    issuer: `${cloud.loginUrl}/${tenantId}/v2.0`,
    audience: apiClientId,
  };
  process.stdout.write(`A token of ${token.length} characters, RS256, 2048 bits\n`);
  return [
    { name: "jose jwtVerify", run: () => jwtVerify(token, pair.publicKey, expected) },
    { name: "fresh", run: () => forgetful.verify(token), maxRatio: 1.2 },
    { name: "fresh, then remembered", run: () => replacing.verify(turn++ % 2 === 0 ? token : other) },
    { name: "remembered", run: () => remembering.verify(token), maxMicroseconds: 5 },
    ...malformedSubjects(remembering, token),
    // Whoever finds these must have read all claims, so that no goal is set for them.
    { name: "a claim twice", run: refusing(remembering, ambiguous, "malformed_token") },
    { name: "wrong audience", run: refusing(remembering, wrongAudience, "wrong_audience") },
    { name: "expired", run: refusing(remembering, expired, "token_expired") },
  ];
}

/** Microseconds for one time. */
async function measure({ run }: Subject): Promise<number> {
  const startedAt = performance.now();
  for (let repetition = 0; repetition < repetitions; repetition++) await run();
  return ((performance.now() - startedAt) * 1000) / repetitions;
}

async function measureAll(subjects: readonly Subject[]): Promise<readonly number[]> {
  const times = subjects.map((): number[] => []);
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [index, subject] of subjects.entries()) {
      const microseconds = await measure(subject);
      if (round >= 0) times[index]?.push(microseconds);
    }
  }
  return times.map(medianOf);
}

function describeGoal({ maxMicroseconds, maxRatio }: Subject): string {
  if (maxMicroseconds !== undefined) return `< ${maxMicroseconds} µs`;
  return maxRatio === undefined ? "" : `< ${maxRatio}x`;
}

function isMissed({ maxMicroseconds, maxRatio }: Subject, microseconds: number, ratio: number): boolean {
  return !(microseconds < (maxMicroseconds ?? Infinity) && ratio < (maxRatio ?? Infinity));
}

await using issuer = await startEntraIssuer();
const subjects = await openSubjects(issuer);
const medians = await measureAll(subjects);
const [jose = Number.NaN] = medians;
process.stdout.write(`${"one token".padEnd(38)}${"median µs".padStart(10)}${"ratio".padStart(8)}  goal\n`);
for (const [index, subject] of subjects.entries()) {
  const microseconds = medians[index] ?? Number.NaN;
  const ratio = microseconds / jose;
  const missed = isMissed(subject, microseconds, ratio);
  const cells = [microseconds.toFixed(1).padStart(10), ratio.toFixed(3).padStart(8)];
  const goal = `${describeGoal(subject)}${missed ? " MISSED" : ""}`;
  process.stdout.write(`${subject.name.padEnd(38)}${cells.join("")}  ${goal}`.trimEnd() + "\n");
  if (missed) process.exitCode = 1;
}
