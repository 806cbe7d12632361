import { afterAll, describe, expect, test } from "bun:test";
import type { ErrorCode } from "../../lib/base/errors.ts";
import { silentLog } from "../../lib/base/log.ts";
import { createPrincipal } from "../transport-server/start-server.ts";
import { openTenant, startEntraStack, testRows } from "./entra-table.ts";
import { expectAdmitted, expectRefused, parseChallenge } from "./expect-answer.ts";
import { askRaw } from "./raw-answer.ts";
import { startStack } from "./start-stack.ts";

const tenant = await openTenant();
afterAll(() => tenant.stop());
const token = await tenant.mintAccessToken();

type HeaderRow = readonly [
  name: string,
  lines: readonly string[],
  status: 200 | 400 | 401,
  reason: ErrorCode | "ada",
];

const rows: readonly HeaderRow[] = [
  ["2a.25 no header", [], 401, "missing_token"],
  ["2a.25 an empty header", ["Authorization:"], 401, "missing_token"],
  ["2a.25 another scheme", ["Authorization: Basic YWRhOg=="], 401, "missing_token"],
  ["2a.25 a token without a scheme", [`Authorization: ${token}`], 401, "missing_token"],
  ["2b.28 the usual header", [`Authorization: Bearer ${token}`], 200, "ada"],
  ["2b.28 bearer in lower case", [`authorization: bearer ${token}`], 200, "ada"],
  ["2b.28 BEARER in upper case", [`AUTHORIZATION: BEARER ${token}`], 200, "ada"],
  ["2b.28 white space around the whole value", [`Authorization: \t Bearer ${token} \t`], 200, "ada"],
  [
    "2b.28 two headers",
    [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`],
    400,
    "malformed_authorization",
  ],
  [
    "2b.28 two headers, the first empty of a token",
    ["Authorization: Bearer", `Authorization: Bearer ${token}`],
    400,
    "malformed_authorization",
  ],
  [
    "2b.28 two headers, the second another scheme",
    [`Authorization: Bearer ${token}`, "Authorization: Basic YTo="],
    400,
    "malformed_authorization",
  ],
  [
    "2b.28 two headers, the first another scheme",
    ["Authorization: Basic YTo=", `Authorization: Bearer ${token}`],
    401,
    "missing_token",
  ],
  [
    "2b.28 two tokens in one header",
    [`Authorization: Bearer ${token}, Bearer ${token}`],
    400,
    "malformed_authorization",
  ],
  [
    "2b.28 two tokens after one scheme",
    [`Authorization: Bearer ${token} ${token}`],
    400,
    "malformed_authorization",
  ],
  ["2b.28 two spaces", [`Authorization: Bearer  ${token}`], 400, "malformed_authorization"],
  ["2b.28 a tab in place of the space", [`Authorization: Bearer\t${token}`], 401, "missing_token"],
  ["2b.28 a tab after the space", [`Authorization: Bearer \t${token}`], 400, "malformed_authorization"],
  ["2b.28 the scheme twice", [`Authorization: Bearer Bearer ${token}`], 400, "malformed_authorization"],
  ["2b.28 no token", ["Authorization: Bearer"], 400, "malformed_authorization"],
  ["2b.28 a comma after the token", [`Authorization: Bearer ${token},`], 400, "malformed_authorization"],
  ["2b.28 the token in quotes", [`Authorization: Bearer "${token}"`], 400, "malformed_authorization"],
  ["2b.28 a parameter", [`Authorization: Bearer token="${token}"`], 400, "malformed_authorization"],
  [
    "2b.28 a character beyond ASCII",
    [`Authorization: Bearer ${token}\u00e9`],
    400,
    "malformed_authorization",
  ],
  [
    "2b.28 the token in another header",
    [`X-Authorization: Bearer ${token}`, `Proxy-Authorization: Bearer ${token}`],
    401,
    "missing_token",
  ],
  ["2b.28 the token in a cookie", [`Cookie: access_token=${token}`], 401, "missing_token"],
  ["2b.10 16 001 characters", [`Authorization: Bearer ${"a".repeat(16_001)}`], 401, "malformed_token"],
];

describe("the Authorization header on a bare connection", () => {
  test.each(rows.map((row) => [row[0], row] as const))("%s", async (_, [, lines, status, outcome]) => {
    await using stack = startEntraStack(tenant);
    const answer = await askRaw(stack, lines);
    if (outcome === "ada") expect((await expectAdmitted(answer)).objectId).toEndWith("0e0001");
    else await expectRefused(stack, answer, { status, reason: outcome }, token);
  });

  test("2b.10 a token may have 16 000 characters and no more", async () => {
    await using stack = startEntraStack(tenant);
    const lengthOf = async (paddingLength: number) =>
      (await tenant.mintAccessToken({ paddingLength })).length;
    const paddingLength = Math.floor(((16_000 - (await lengthOf(1))) / 4) * 3);
    const fits = await tenant.mintAccessToken({ paddingLength });
    expect(fits.length).toBeWithin(15_990, 16_001);
    await expectAdmitted(await askRaw(stack, [`Authorization: Bearer ${fits}`]));
    const tooLong = await tenant.mintAccessToken({ paddingLength: paddingLength + 10 });
    expect(tooLong.length).toBeGreaterThan(16_000);
    const refusal = { status: 401, reason: "malformed_token", says: ["16 000"] } as const;
    await expectRefused(stack, await askRaw(stack, [`Authorization: Bearer ${tooLong}`]), refusal);
  });

  test.each([
    ["2b.10 a header beyond 16 KB", [`Authorization: Bearer ${"a".repeat(20_000)}`], 431],
    ["2b.10 a token of 2 MB", [`Authorization: Bearer ${"a".repeat(2_000_000)}`], 431],
    ["2b.10 a hundred thousand segments", [`Authorization: Bearer ${".".repeat(100_000)}`], 431],
    ["2b.28 a folded header", ["Authorization: Bearer", ` ${token}`], 400],
    ["2b.28 a NUL in the token", [`Authorization: Bearer ${token}\u0000x`], 400],
    ["2b.28 a space before the colon", [`Authorization : Bearer ${token}`], 400],
  ])("%s does not get past the HTTP parser", async (_, lines, status) => {
    await using stack = startEntraStack(tenant);
    const answer = await askRaw(stack, lines);
    expect([answer.status, await answer.text()]).toEqual([status, ""]);
  });
});

describe("a token elsewhere", () => {
  test.each([
    ["2b.28 in the query", `?access_token=${token}`],
    ["2b.28 in the query, by another name", `?token=${token}&authorization=Bearer%20${token}`],
  ])("%s is never read", async (_, query) => {
    await using stack = startEntraStack(tenant);
    await expectRefused(
      stack,
      await askRaw(stack, [], `/mcp${query}`),
      { status: 401, reason: "missing_token" },
      token,
    );
  });

  test.each([
    ["2b.28 in a form", "application/x-www-form-urlencoded", `access_token=${token}`],
    [
      "2b.28 in JSON",
      "application/json",
      JSON.stringify({ access_token: token, authorization: `Bearer ${token}` }),
    ],
  ])("%s is never read", async (_, type, body) => {
    await using stack = startEntraStack(tenant);
    const answer = await fetch(stack.url, { method: "POST", headers: { "content-type": type }, body });
    await expectRefused(stack, answer, { status: 401, reason: "missing_token" }, token);
  });

  test("2b.28 in the query does no harm to the one in the header", async () => {
    await using stack = startEntraStack(tenant);
    const bad = await tenant.mintAccessToken({ person: "ben", scopes: ["read"] });
    const answer = await stack.ask({ authorization: `Bearer ${token}` }, `${stack.url}?access_token=${bad}`);
    expect((await expectAdmitted(answer)).displayName).toBe("Ada Lindqvist");
  });
});

describe("every method", () => {
  test.each(["GET", "POST", "DELETE", "PUT", "OPTIONS"])("2a.25 %s needs a token", async (method) => {
    await using stack = startEntraStack(tenant);
    const answer = await fetch(stack.url, { method });
    await expectRefused(stack, answer, { status: 401, reason: "missing_token" });
  });

  test("2a.25 HEAD needs a token", async () => {
    await using stack = startEntraStack(tenant);
    const answer = await fetch(stack.url, { method: "HEAD" });
    expect(answer.status).toBe(401);
    expect(parseChallenge(answer.headers.get("www-authenticate")).map(([name]) => name)).toEqual([
      "scope",
      "resource_metadata",
    ]);
  });
});

describe("answers with --terse-errors", () => {
  // The runner of the rows expects neither `reason` nor any description where the server is terse.
  testRows(
    tenant,
    [
      ["401", { lifetimeSeconds: -120 }, 401, "token_expired"],
      ["401 before any key is needed", () => "abc", 401, "malformed_token"],
      [
        "403 insufficient_scope keeps its word and its scope, 2a.26",
        { scopes: ["read"] },
        403,
        "insufficient_scope",
      ],
      ["403 access_denied", { person: "gia" }, 403, "guest_not_allowed"],
      ["who comes in", {}, 200, "ada"],
    ],
    { isTerse: true },
  );

  test.each([
    ["401 without a token", [], 401, "missing_token"],
    ["400", ["Authorization: Bearer"], 400, "malformed_authorization"],
  ] satisfies HeaderRow[])("%s", async (_, lines, status, reason) => {
    await using stack = startEntraStack(tenant, { isTerse: true });
    await expectRefused(stack, await askRaw(stack, lines), { status, reason });
  });

  test("leave the reason to the log", async () => {
    const lines: string[] = [];
    const log = { ...silentLog, info: (line: string) => lines.push(line) };
    await using stack = startEntraStack(tenant, { isTerse: true, log });
    await (await stack.askWith(await tenant.mintAccessToken({ scopes: ["read"] }))).text();
    const sentence = 'insufficient_scope: The token lacks the scope execute; it has "read".';
    expect(lines).toEqual([expect.stringContaining(sentence)]);
    expect(lines[0]).toContain(tenant.tenantId);
  });

  test("leave nothing in the log that a token could draw on a terminal", async () => {
    const lines: string[] = [];
    const log = { ...silentLog, info: (line: string) => lines.push(line) };
    await using stack = startEntraStack(tenant, { log });
    const claims = { oid: null, sub: "\u001B[2J\r\nforged line", scp: "" };
    await (await stack.askWith(await tenant.mintAccessToken({ claims }))).text();
    expect(lines).toEqual([
      expect.stringMatching(/^Refused: insufficient_scope: The token [ -~]+ \(caller [ -~]+\)$/),
    ]);
    expect(lines[0]).not.toContain("[2J");
  });
});

describe("a failure of the server itself", () => {
  test("is 500 without a challenge, and says nothing of its cause", async () => {
    const verifier = {
      verify: async () => Promise.reject(new Error("the secret cause")),
      isReady: () => true,
      warmUp: async () => {},
      issuers: () => [],
    };
    await using stack = startStack({ verifier, scopes: [] });
    const answer = await stack.askWith("abc");
    expect(answer.status).toBe(500);
    expect(answer.headers.get("www-authenticate")).toBeNull();
    const error = { code: -32603, message: "The server failed.", data: { reason: "unexpected" } };
    expect(await answer.json()).toEqual({ jsonrpc: "2.0", error });
  });

  test("lets nobody in without a token, whatever the verifier would say", async () => {
    const verifier = {
      verify: async () => createPrincipal("ada"),
      isReady: () => true,
      warmUp: async () => {},
      issuers: () => [],
    };
    await using stack = startStack({ verifier, scopes: ["api://x/execute"] });
    await expectRefused(stack, await stack.ask({}), { status: 401, reason: "missing_token" });
    await expectAdmitted(await stack.askWith("abc"));
  });
});
