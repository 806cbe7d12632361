import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DeniedTokens, openDeniedTokens } from "../../lib/auth/server/denied-tokens.ts";
import { silentLog } from "../../lib/base/log.ts";
import { people } from "../../lib/devtenant/people.ts";
import {
  claimsOf,
  type EntraRow,
  expectOutcome,
  openTenant,
  type StackChanges,
  startEntraStack,
} from "./entra-table.ts";
import { expectAdmitted } from "./expect-answer.ts";

const tenant = await openTenant();
afterAll(() => tenant.stop());

function open(changes: StackChanges = {}) {
  const stack = startEntraStack(tenant, changes);
  return {
    stack,
    async expect(token: string, ...expected: [EntraRow[2], EntraRow[3]]): Promise<void> {
      await expectOutcome({ tenant, stack }, token, expected);
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

describe("a remembered token", () => {
  test("2b.29 ends when it expires", async () => {
    await using server = open();
    const token = await tenant.mintAccessToken({ lifetimeSeconds: 600 });
    await server.expect(token, 200, "ada");
    tenant.clock.advanceSeconds(600 + 59);
    await server.expect(token, 200, "ada");
    tenant.clock.advanceSeconds(1);
    await server.expect(token, 401, "token_expired");
  });

  test("2b.29 is not another one that differs in its last character", async () => {
    await using server = open();
    const token = await tenant.mintAccessToken();
    await server.expect(token, 200, "ada");
    await server.expect(`${token.slice(0, -1)}${token.endsWith("A") ? "Q" : "A"}`, 401, "bad_signature");
    const [header, claims] = token.split(".");
    await server.expect(`${header}.${claims}.AAAA`, 401, "bad_signature");
    await server.expect(token, 200, "ada");
  });

  test("2b.29 a refusal is not remembered as a welcome, and a welcome does not help another caller", async () => {
    await using server = open();
    const [ada, ben] = [
      await tenant.mintAccessToken(),
      await tenant.mintAccessToken({ person: "ben", scopes: ["read"] }),
    ];
    for (let i = 0; i < 2; i++) {
      await server.expect(ben, 403, "insufficient_scope");
      await server.expect(ada, 200, "ada");
    }
  });
});

/** A deny file, and the wait until it was read again. */
async function openDenyFile() {
  const folder = await mkdtemp(join(tmpdir(), "denied-"));
  const path = join(folder, "denied");
  await writeFile(path, "# nobody yet\n");
  const denied = await openDeniedTokens({ path, log: silentLog, intervalMs: 5 });
  return {
    denied,
    async deny(tokenId: string): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      denied.watch(tokenId, resolve);
      await writeFile(path, `# stolen\n${tokenId}\n`);
      await promise;
    },
    async [Symbol.asyncDispose]() {
      denied.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Tokens that are denied from the start. */
function denyAll(...tokenIds: unknown[]): DeniedTokens {
  return { has: (id) => tokenIds.includes(id), watch: () => () => {}, close() {} };
}

describe("a denied token", () => {
  test("2b.29 is refused at once although it was remembered, and no other token is", async () => {
    await using file = await openDenyFile();
    await using server = open({ deniedTokens: file.denied });
    const [stolen, other] = [await tenant.mintAccessToken(), await tenant.mintAccessToken()];
    await server.expect(stolen, 200, "ada");
    await file.deny(String(claimsOf(stolen)["uti"]));
    await server.expect(stolen, 401, "token_revoked");
    await server.expect(other, 200, "ada");
  });

  test("2b.29 is refused at its first request, too, and before it is said what it lacks", async () => {
    const tokens = denyAll("u-1");
    await using server = open({ deniedTokens: tokens });
    await server.expect(await tenant.mintAccessToken({ claims: { uti: "u-1" } }), 401, "token_revoked");
    await server.expect(
      await tenant.mintAccessToken({ claims: { uti: "u-1", scp: "" } }),
      401,
      "token_revoked",
    );
    await server.expect(await tenant.mintAccessToken({ claims: { uti: "u-2" } }), 200, "ada");
  });

  test("2b.29 that has expired is expired, and one that is forged is forged", async () => {
    await using server = open({ deniedTokens: denyAll("u-1") });
    const claims = { uti: "u-1" };
    await server.expect(
      await tenant.mintAccessToken({ claims, lifetimeSeconds: -120 }),
      401,
      "token_expired",
    );
    await server.expect(await tenant.mintAccessToken({ claims, key: "foreign" }), 401, "bad_signature");
  });

  test("2b.29 a token without a uti is none of them", async () => {
    await using server = open({ deniedTokens: denyAll(undefined, "", "undefined") });
    const answer = await server.stack.askWith(await tenant.mintAccessToken({ claims: { uti: null } }));
    expect(await expectAdmitted(answer)).not.toHaveProperty("tokenId");
  });
});

describe("a session", () => {
  const initialize = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
  });
  const list = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" });
  const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };

  /** One request of the older revisions; its status, and the session it opened. */
  async function send(url: string, token: string, { id, method = "POST", body = list }: SessionRequest) {
    const session = id === undefined ? {} : { "mcp-session-id": id };
    const headers = { ...json, ...session, authorization: `Bearer ${token}` };
    const answer = await fetch(url, { method, headers, ...(method === "POST" ? { body } : {}) });
    const text = method === "GET" && answer.ok ? "" : await answer.text();
    await answer.body?.cancel().catch(() => {});
    return { status: answer.status, text, id: answer.headers.get("mcp-session-id") ?? undefined };
  }

  interface SessionRequest {
    readonly id: string | undefined;
    readonly method?: string;
    readonly body?: string;
  }

  test.each([
    ["another person", { person: "gia" }],
    ["another person with the same sub", { claims: { oid: people.ben.objectId } }],
    ["the same person with another client", { claims: { azp: "dec0de00-0000-4000-8000-0000000000c2" } }],
    ["the same person without oid", { claims: { oid: null } }],
    ["an application", { kind: "app", claims: { roles: ["run"] } }],
  ] as const)("2b.29, 2a.30 does not exist for %s", async (_, overrides) => {
    await using server = open({ allowGuests: true, appRoles: ["run"] });
    const { stack } = server;
    const ada = await tenant.mintAccessToken({ claims: { sub: "ada" } });
    const { id } = await send(stack.url, ada, { id: undefined, body: initialize });
    const other = await tenant.mintAccessToken(overrides);
    for (const method of ["POST", "GET", "DELETE"]) {
      const answer = await send(stack.url, other, { id, method });
      expect([answer.status, JSON.parse(answer.text).error.data.reason]).toEqual([404, "session_not_found"]);
    }
    expect((await send(stack.url, ada, { id })).status).toBe(200);
  });

  test("2b.29 goes on with its caller's next token, of either version", async () => {
    await using server = open();
    const { stack } = server;
    const { id } = await send(stack.url, await tenant.mintAccessToken(), { id: undefined, body: initialize });
    for (const version of ["1.0", "2.0"] as const) {
      expect((await send(stack.url, await tenant.mintAccessToken({ version }), { id })).status).toBe(200);
    }
  });

  test("2b.29 opens no door: its id without a good token is nothing", async () => {
    await using server = open();
    const { stack } = server;
    const { id } = await send(stack.url, await tenant.mintAccessToken(), { id: undefined, body: initialize });
    const expired = await tenant.mintAccessToken({ lifetimeSeconds: -120 });
    expect((await send(stack.url, expired, { id })).status).toBe(401);
    expect(
      (await fetch(stack.url, { method: "DELETE", headers: { "mcp-session-id": String(id) } })).status,
    ).toBe(401);
  });
});
