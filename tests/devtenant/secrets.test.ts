import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Log } from "../../lib/base/log.ts";
import { SecretRegistry } from "../../lib/devtenant/secret-registry.ts";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import type { AccessTokenOverrides } from "../../lib/devtenant/token-overrides.ts";
import { begin, decide, poll, postEntra, postForm, readJson, refresh } from "./sign-in.ts";

const lines: string[] = [];
const note = (line: string) => void lines.push(line);
const log: Log = { error: note, warn: note, info: note, debug: note };

let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant({ log });
});
afterAll(() => tenant.stop());

/** Members of answers that hold nothing secret. */
const harmless = new Set([
  "token_type",
  "scope",
  "expires_in",
  "ext_expires_in",
  "client_info",
  "verification_uri",
  "interval",
  "message",
]);

test("every secret of every answer is registered under its kind", async () => {
  const { deviceCode, userCode, answer } = await begin(tenant, `${tenant.scope} openid offline_access email`);
  await decide(tenant, { user_code: userCode });
  const signedIn = await readJson(await poll(tenant, deviceCode, { client_info: "1" }));
  const refreshed = await readJson(await refresh(tenant, signedIn["refresh_token"]));
  const given = [answer, signedIn, refreshed].flatMap(Object.entries);
  const secrets = given.filter(([name]) => !harmless.has(name)).map(([kind, value]) => ({ kind, value }));
  expect(secrets.map(({ kind }) => kind)).toEqual([
    "user_code",
    "device_code",
    "access_token",
    "refresh_token",
    "id_token",
    "access_token",
    "refresh_token",
    "id_token",
  ]);
  expect(tenant.secrets.all()).toHaveLength(secrets.length);
  expect(tenant.secrets.all()).toEqual(expect.arrayContaining(secrets));
});

test("tokens minted for tests are registered too", async () => {
  const tokens = [await tenant.mintAccessToken(), await tenant.mintAccessToken({ key: "none" })];
  for (const value of tokens) {
    expect(tenant.secrets.all()).toContainEqual({ kind: "access_token", value });
  }
});

test.each([
  { segments: 100_000 },
  { paddingLength: 1_600_000 },
  { suffix: "garbage" },
  { signature: "noncanonical" },
  { rawClaims: { segment: "e30=" } },
] satisfies AccessTokenOverrides[])(
  "the lie %j is found in what others print, at little cost",
  async (lie) => {
    const token = await tenant.mintAccessToken(lie);
    expect(tenant.secrets.findIn(`printed: ${token}`)).toEqual(["access_token"]);
    expect(tenant.secrets.all().at(-1)?.value.length).toBeLessThan(2000);
  },
);

test("a registry that is full forgets the oldest, says so, and searches no more", () => {
  const registry = new SecretRegistry(1000);
  for (const name of ["first", "second", "third"]) registry.add("access_token", name.padEnd(200, "."));
  expect(registry.forgotten).toBe(0);
  expect(registry.findIn("first".padEnd(200, "."))).toEqual(["access_token"]);
  registry.add("access_token", "fourth".padEnd(200, "."));
  expect(registry.forgotten).toBe(1);
  expect(registry.all().map(({ value }) => value.replaceAll(".", ""))).toEqual(["second", "third", "fourth"]);
  expect(() => registry.findIn("x")).toThrow(expect.objectContaining({ code: "usage" }));
});

test("30 000 tokens fit", () => {
  const registry = new SecretRegistry();
  for (let round = 0; round < 30_000; round++) registry.add("access_token", `${round}`.padEnd(1500, "."));
  expect([registry.all().length, registry.forgotten]).toEqual([30_000, 0]);
});

test("an empty secret is none", () => {
  const registry = new SecretRegistry();
  registry.add("access_token", "");
  expect(registry.findIn("anything")).toEqual([]);
});

test("a search finds secrets by kind and passes over user codes", async () => {
  const { deviceCode, userCode } = await begin(tenant);
  expect(tenant.secrets.findIn(`x${deviceCode}y ${deviceCode}`)).toEqual(["device_code"]);
  expect(tenant.secrets.findIn(`code ${userCode}`)).toEqual([]);
  expect(tenant.secrets.findIn("nothing")).toEqual([]);
});

test("no refusal, page or log line holds a secret", async () => {
  const { deviceCode, userCode } = await begin(tenant);
  const page = await postForm(tenant.devicePageUrl, { user_code: userCode });
  const done = await decide(tenant, { user_code: userCode });
  const { refresh_token } = await readJson(await poll(tenant, deviceCode));
  await refresh(tenant, refresh_token);
  const refusals = [
    await poll(tenant, deviceCode),
    await poll(tenant, deviceCode, { scope: deviceCode }),
    await refresh(tenant, refresh_token),
    await postEntra(tenant, "token", { grant_type: "x", refresh_token: String(refresh_token) }),
  ];
  const shown = await Promise.all([page, done, ...refusals].map((response) => response.text()));
  expect(tenant.secrets.findIn([...shown, ...lines].join("\n"))).toEqual([]);
  expect(lines).toContain("Dev tenant: Ada Lindqvist signed in by device code.");
});
