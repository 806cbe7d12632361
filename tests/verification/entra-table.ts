import { expect, test } from "bun:test";
import type { ErrorCode } from "../../lib/base/errors.ts";
import { people, type PersonId } from "../../lib/devtenant/people.ts";
import { daemonObjectId } from "../../lib/devtenant/registration.ts";
import { type DevTenant, type DevTenantOptions, startDevTenant } from "../../lib/devtenant/start.ts";
import type { AccessTokenOverrides } from "../../lib/devtenant/token-overrides.ts";
import { createEntraVerifier, type VerifierChanges } from "../auth-server/entra-verifier.ts";
import { ManualClock } from "../devtenant/sign-in.ts";
import { expectAdmitted, expectRefused } from "./expect-answer.ts";
import { type Stack, type StackOptions, startStack } from "./start-stack.ts";

/** A dev tenant and the clock that it shares with the servers that trust it. */
export interface TestTenant extends DevTenant {
  readonly clock: ManualClock;
}

export async function openTenant(options: DevTenantOptions = {}): Promise<TestTenant> {
  const clock = new ManualClock();
  return Object.assign(await startDevTenant({ clock, ...options }), { clock });
}

/** An App ID URI beside `api://<client id>`, as Microsoft recommends it for MCP servers. */
export const mcpUri = "https://mcp.contoso.com/mcp";

/** What a row's server has otherwise than by default. */
export type StackChanges = Partial<Omit<VerifierChanges, "clock">> & Pick<StackOptions, "isTerse">;

/** Starts a server that lets in callers of the dev tenant. */
export function startEntraStack(tenant: TestTenant, changes: StackChanges = {}): Stack {
  const { clock } = tenant;
  const cloud = { loginUrl: tenant.origin, stsUrl: tenant.stsUrl };
  const { apiClientId, tenantId } = tenant;
  const appIdUris = [`api://${apiClientId}`, mcpUri];
  const own = { cloud, clock, tenants: [tenantId], apiClientId, appIdUris };
  return startStack({
    ...changes,
    verifier: createEntraVerifier({ ...own, ...changes }),
    scopes: [tenant.scope],
    clock,
  });
}

/** Who can come in. */
export type CallerName = PersonId | "daemon";

/** What is odd about the token, or the token itself. */
export type Sent =
  | AccessTokenOverrides
  | ((tenant: TestTenant) => AccessTokenOverrides | string | Promise<AccessTokenOverrides | string>);

/**
 * One case: its number in the checklist and its name, what is sent, the status, and why it is refused or who came
 * in; last what the sentence must say where it has to help.
 */
export type EntraRow = readonly [
  name: string,
  sent: Sent,
  status: 200 | 400 | 401 | 403 | 503,
  outcome: ErrorCode | CallerName,
  says?: readonly string[],
];

export async function mintFor(tenant: TestTenant, sent: Sent): Promise<string> {
  const made = typeof sent === "function" ? await sent(tenant) : sent;
  return typeof made === "string" ? made : tenant.mintAccessToken(made);
}

/** Claims of a token, whoever signed it. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

/** The caller whom a token of the dev tenant speaks for, written down without the server's help. */
export async function expectCaller(tenant: TestTenant, answer: Response, token: string, name: CallerName) {
  const { azp, appid, sub, iss, uti, exp, scp } = claimsOf(token);
  const objectId = name === "daemon" ? daemonObjectId : people[name].objectId;
  const clientApp = String(azp ?? appid).toLowerCase();
  expect(await expectAdmitted(answer)).toMatchObject({
    key: `${tenant.tenantId}:${objectId}:${clientApp}`,
    tenantId: tenant.tenantId,
    objectId,
    clientApp,
    subject: sub,
    scopes: String(scp ?? "")
      .split(" ")
      .filter(Boolean),
    issuer: iss,
    tokenId: uti,
    expiresAtSeconds: exp,
  });
}

/** Judges the answer to one token. */
export async function expectOutcome(
  { tenant, stack }: { readonly tenant: TestTenant; readonly stack: Stack },
  token: string,
  [status, outcome, says]: readonly [EntraRow[2], EntraRow[3], EntraRow[4]?],
): Promise<void> {
  const answer = await stack.askWith(token);
  if (status === 200) return expectCaller(tenant, answer, token, outcome as CallerName);
  await expectRefused(
    stack,
    answer,
    { status, reason: outcome as ErrorCode, ...(says ? { says } : {}) },
    token,
  );
}

/** Makes a test of each row: a fresh server, one request over a socket, the whole answer. */
export function testRows(tenant: TestTenant, rows: readonly EntraRow[], changes: StackChanges = {}): void {
  test.each(rows.map((row) => [row[0], row] as const))("%s", async (_, [, sent, ...expected]) => {
    const token = await mintFor(tenant, sent);
    await using stack = startEntraStack(tenant, changes);
    await expectOutcome({ tenant, stack }, token, expected);
  });
}
