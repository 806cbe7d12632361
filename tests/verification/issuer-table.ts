import { expect, test } from "bun:test";
import {
  createIssuerAuthority,
  type IssuerAuthorityOptions,
} from "../../lib/auth/server/issuer-authority.ts";
import { defaultKeyStoreTimes } from "../../lib/auth/server/key-store.ts";
import { createTokenVerifier, type TokenVerifierOptions } from "../../lib/auth/server/verify-token.ts";
import type { AccessPolicy } from "../../lib/auth/server/check-permission.ts";
import type { ErrorCode } from "../../lib/base/errors.ts";
import { silentLog } from "../../lib/base/log.ts";
import type { SignatureAlgorithm } from "../../lib/config/signature-algorithms.ts";
import { ManualClock } from "../devtenant/sign-in.ts";
import { type DocumentServer, startDocumentServer } from "./document-server.ts";
import { expectAdmitted, expectRefused } from "./expect-answer.ts";
import { type Stack, startStack } from "./start-stack.ts";
import { makeKey, signToken, type TestKey } from "./test-keys.ts";

export const audience = "https://mcp.example.com/mcp";

/** Any issuer of the tests: its documents, its key, its clock. Its `iss` is `https://login.example.com/tools`. */
export interface TestIssuer extends DocumentServer {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly key: TestKey;
  readonly clock: ManualClock;
  /** Publishes these keys in place of all others. */
  publish(...keys: readonly (TestKey | Readonly<Record<string, unknown>>)[]): void;
}

export function openIssuer(key: TestKey = makeKey("RS256")): TestIssuer {
  const server = startDocumentServer();
  const issuer: TestIssuer = Object.assign(server, {
    issuer: "https://login.example.com/tools",
    jwksUri: `${server.origin}/keys`,
    key,
    clock: new ManualClock(),
    publish(...keys: readonly (TestKey | Readonly<Record<string, unknown>>)[]) {
      const published = keys.map((each) => ("jwk" in each ? each["jwk"] : each));
      server.documents.set("/keys", () => Response.json({ keys: published }));
    },
  });
  issuer.publish(key);
  return issuer;
}

/** What a row's server has otherwise than by default. */
export type IssuerChanges = Partial<IssuerAuthorityOptions & AccessPolicy> &
  Partial<Pick<TokenVerifierOptions, "deniedTokens" | "maxRemembered">>;

/** Starts a server that lets in callers of the issuer. */
export function startIssuerStack(issuer: TestIssuer, changes: IssuerChanges = {}): Stack {
  const { clock } = issuer;
  const { requiredScopes = ["tools:run"], appRoles = [], allowedClients = [], allowGuests = false } = changes;
  const authority = createIssuerAuthority({
    issuer: issuer.issuer,
    jwksUri: issuer.jwksUri,
    audiences: [audience],
    algorithms: ["RS256"],
    clock,
    log: silentLog,
    skewSeconds: 60,
    keyTimes: defaultKeyStoreTimes,
    fetchTimeoutMs: 5000,
    ...changes,
  });
  const verifier = createTokenVerifier({
    authority,
    policy: { requiredScopes, appRoles, allowedClients, allowGuests },
    deniedTokens: changes.deniedTokens,
    maxRemembered: changes.maxRemembered ?? 100,
    clock,
  });
  return startStack({ verifier, scopes: requiredScopes, clock, deniedTokens: changes.deniedTokens });
}

/** What is odd about a token; without any member it is a good one, by RS256. */
export interface IssuerSent {
  /** How it is signed, and `alg` unless the header says otherwise. */
  readonly algorithm?: SignatureAlgorithm;
  readonly key?: TestKey;
  /** Null removes a member. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Null removes a member. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

function withoutNull(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

/** Header and claims of a token by RFC 9068. */
export function partsOf(issuer: TestIssuer, { algorithm = "RS256", header, claims }: IssuerSent = {}) {
  const now = Math.floor(issuer.clock.nowMs() / 1000);
  const good = {
    iss: issuer.issuer,
    aud: audience,
    sub: "ada",
    client_id: "cli",
    scope: "tools:run",
    jti: "j-1",
  };
  return {
    header: withoutNull({ alg: algorithm, typ: "at+jwt", kid: "key-1", ...header }),
    claims: withoutNull({ ...good, iat: now, nbf: now, exp: now + 3600, ...claims }),
  };
}

export function mint(issuer: TestIssuer, sent: IssuerSent = {}): string {
  const { algorithm = "RS256", key = issuer.key } = sent;
  return signToken(key, algorithm, partsOf(issuer, sent));
}

/** One case, as for Entra; who came in is its `sub`. */
export type IssuerRow = readonly [
  name: string,
  sent: IssuerSent | ((issuer: TestIssuer) => IssuerSent | string),
  status: 200 | 401 | 403 | 503,
  outcome: ErrorCode | "ada" | "cli",
  says?: readonly string[],
];

/** Judges the answer to one token. */
export async function expectOutcome(
  stack: Stack,
  token: string,
  [status, outcome, says]: readonly [IssuerRow[2], IssuerRow[3], IssuerRow[4]?],
): Promise<void> {
  const answer = await stack.askWith(token);
  if (status === 200) {
    const principal = await expectAdmitted(answer);
    expect(principal.subject).toBe(outcome);
    expect(principal).not.toHaveProperty("tenantId");
    return;
  }
  const reason = outcome as ErrorCode;
  await expectRefused(stack, answer, { status, reason, ...(says ? { says } : {}) }, token);
}

/** Makes a test of each row: a fresh server, one request over a socket, the whole answer. */
export function testRows(issuer: TestIssuer, rows: readonly IssuerRow[], changes: IssuerChanges = {}): void {
  test.each(rows.map((row) => [row[0], row] as const))("%s", async (_, [, sent, ...expected]) => {
    const made = typeof sent === "function" ? sent(issuer) : sent;
    await using stack = startIssuerStack(issuer, changes);
    await expectOutcome(stack, typeof made === "string" ? made : mint(issuer, made), expected);
  });
}
