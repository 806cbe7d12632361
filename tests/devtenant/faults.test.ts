import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import {
  begin,
  decide,
  poll,
  postEntra,
  readJson,
  readRefusal,
  refresh,
  refusal,
  signIn,
} from "./sign-in.ts";

let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant();
});
afterEach(() => tenant.faults.clear());
afterAll(() => tenant.stop());

const keysUrl = () => `${tenant.origin}/${tenant.tenantId}/discovery/v2.0/keys`;
const configurationUrl = () => `${tenant.origin}/${tenant.tenantId}/v2.0/.well-known/openid-configuration`;
const verifies = (token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(keysUrl()))).then(
    () => true,
    () => false,
  );

test("a rollover signs with a new key and keeps the old one, unless it is withdrawn", async () => {
  const first = await tenant.mintAccessToken();
  await tenant.rolloverKeys();
  const second = await tenant.mintAccessToken();
  expect([await verifies(first), await verifies(second)]).toEqual([true, true]);
  await tenant.rolloverKeys({ withdrawPrevious: true });
  const third = await tenant.mintAccessToken();
  expect([await verifies(first), await verifies(second), await verifies(third)]).toEqual([
    false,
    false,
    true,
  ]);
});

test("the JWKS fails with 500, or is HTML", async () => {
  tenant.faults.set({ jwks: "error" });
  expect((await fetch(keysUrl())).status).toBe(500);
  tenant.faults.set({ jwks: "html" });
  const page = await fetch(keysUrl());
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
});

test("slow_down comes so many times and ends", async () => {
  const { deviceCode, userCode } = await begin(tenant);
  await decide(tenant, { user_code: userCode });
  tenant.faults.set({ slowDownPolls: 2 });
  const slowDown = refusal(400, "slow_down", 50196);
  expect(await readRefusal(await poll(tenant, deviceCode))).toEqual(slowDown);
  expect(await readRefusal(await poll(tenant, deviceCode))).toEqual(slowDown);
  expect((await poll(tenant, deviceCode)).status).toBe(200);
});

test("429 comes so many times, with Retry-After, from both endpoints", async () => {
  const { refresh_token } = await signIn(tenant);
  tenant.faults.set({ throttledRequests: 2, retryAfterSeconds: 7 });
  const throttled = refusal(429, "temporarily_unavailable", 90055);
  for (const response of [
    await postEntra(tenant, "devicecode", { scope: tenant.scope }),
    await refresh(tenant, refresh_token),
  ]) {
    expect(response.headers.get("retry-after")).toBe("7");
    expect(await readRefusal(response)).toEqual(throttled);
  }
  expect((await refresh(tenant, refresh_token)).status).toBe(200);
});

test("Conditional Access blocks a poll and a refresh, with suberror and claims", async () => {
  const { refresh_token } = await signIn(tenant);
  const { deviceCode } = await begin(tenant);
  tenant.faults.set({ conditionalAccessBlocks: 2 });
  const blocked = {
    error_codes: [53003],
    suberror: "message_only",
    claims: expect.stringContaining("capolids"),
  };
  expect(await (await poll(tenant, deviceCode)).json()).toMatchObject({ ...blocked, error: "access_denied" });
  const refreshed = await refresh(tenant, refresh_token);
  expect(await refreshed.json()).toMatchObject({ ...blocked, error: "invalid_grant" });
  expect((await refresh(tenant, refresh_token)).status).toBe(200);
});

test("public client flows can be off", async () => {
  tenant.faults.set({ publicClientFlowsOff: true });
  const response = await postEntra(tenant, "devicecode", { scope: tenant.scope });
  expect(await readRefusal(response)).toEqual(refusal(401, "invalid_client", 7000218));
});

test.each([
  ["expired", 700082],
  ["revoked", 50173],
] as const)("refresh is refused as %s", async (refuseRefresh, code) => {
  const { refresh_token } = await signIn(tenant);
  tenant.faults.set({ refuseRefresh });
  const response = await refresh(tenant, refresh_token);
  expect(await readRefusal(response)).toEqual(refusal(400, "invalid_grant", code));
});

test("a used refresh token that comes again revokes its descendants on request", async () => {
  const { refresh_token } = await signIn(tenant);
  const { refresh_token: other } = await signIn(tenant);
  const next = (await readJson(await refresh(tenant, refresh_token)))["refresh_token"];
  tenant.faults.set({ revokeOnReuse: true });
  expect((await readRefusal(await refresh(tenant, refresh_token))).codes).toEqual([54005]);
  expect(await readRefusal(await refresh(tenant, next))).toEqual(refusal(400, "invalid_grant", 50173));
  expect((await refresh(tenant, other)).status).toBe(200);
});

/** Sends two refreshes, of which one is held, and gives them once the other has passed. */
async function holdOneOfTwo() {
  const [one, other] = [await signIn(tenant), await signIn(tenant)];
  await fetch(configurationUrl());
  tenant.faults.set({ holdRefreshUntilClients: 2 });
  await fetch(configurationUrl());
  const before = tenant.counts.token.refresh_token["ok"] ?? 0;
  const sent = [refresh(tenant, one["refresh_token"]), refresh(tenant, other["refresh_token"])];
  await Promise.any(sent);
  // Were it not held, it would have come through while this third one did.
  await signIn(tenant);
  expect(tenant.counts.token.refresh_token["ok"]).toBe(before + 1);
  return sent;
}

test("the first refresh is held until so many clients have arrived; others are not", async () => {
  const sent = await holdOneOfTwo();
  await fetch(configurationUrl());
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 200]);
});

test("clear releases a refresh that is held", async () => {
  const sent = await holdOneOfTwo();
  tenant.faults.clear();
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 200]);
});

test("a refresh is held no longer than the limit", async () => {
  const { refresh_token } = await signIn(tenant);
  tenant.faults.set({ holdRefreshUntilClients: 5, holdLimitMs: 1 });
  expect((await refresh(tenant, refresh_token)).status).toBe(200);
});

test("protocol answers can be late, and pages are not", async () => {
  tenant.faults.set({ delayMs: 5 });
  expect((await fetch(configurationUrl())).status).toBe(200);
  tenant.faults.set({ delayMs: 20_000 });
  const caller = new AbortController();
  let isPending = true;
  const late = fetch(configurationUrl(), { signal: caller.signal })
    .catch(() => undefined)
    .finally(() => (isPending = false));
  for (let round = 0; round < 5; round++) await fetch(tenant.devicePageUrl);
  expect(isPending).toBe(true);
  caller.abort();
  await late;
});

test.each([{ delayMs: -1 }, { jwks: "gone" }, { slowDownPolls: 1.5 }, { nonsense: 1 }])(
  "faults.set refuses %j",
  (settings) => {
    expect(() => tenant.faults.set(settings as object)).toThrow(expect.objectContaining({ code: "usage" }));
  },
);
