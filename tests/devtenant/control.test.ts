import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { noFaults } from "../../lib/devtenant/fault-settings.ts";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { begin, readJson } from "./sign-in.ts";

let open: DevTenant;
let closed: DevTenant;
beforeAll(async () => {
  [open, closed] = await Promise.all([
    startDevTenant({ controlKey: "a key" }),
    startDevTenant({ controlKey: "" }),
  ]);
});
afterEach(() => open.faults.clear());
afterAll(async () => {
  await Promise.all([open.stop(), closed.stop()]);
});

function control(name: string, init: { method?: string; body?: unknown } = {}) {
  const { method = "GET", body } = init;
  return fetch(`${open.origin}/control/${name}`, {
    method,
    headers: { Authorization: "Bearer a key", "Content-Type": "application/json" },
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
  });
}

test.each([undefined, "Bearer", "Bearer ", "Bearer undefined", "Bearer a", "Bearer a key2", "Basic a key"])(
  "the authorization %p opens nothing, with a control key or without",
  async (authorization) => {
    const headers: Record<string, string> =
      authorization === undefined ? {} : { Authorization: authorization };
    for (const tenant of [open, closed]) {
      for (const name of ["counts", "secrets"]) {
        expect((await fetch(`${tenant.origin}/control/${name}`, { headers })).status).toBe(404);
      }
      for (const name of ["faults", "tokens"]) {
        const init = { method: "POST", headers, body: '{"delayMs":1}' };
        expect((await fetch(`${tenant.origin}/control/${name}`, init)).status).toBe(404);
      }
    }
    expect(open.faults.settings).toEqual(noFaults);
    expect(open.secrets.all()).toEqual([]);
  },
);

test("another key, method or name is 404", async () => {
  expect((await control("nothing")).status).toBe(404);
  expect((await control("counts", { method: "POST", body: {} })).status).toBe(404);
});

test("faults are switched on one by one and off all at once", async () => {
  const first = await control("faults", { method: "POST", body: { jwks: "error", slowDownPolls: 3 } });
  expect(await first.json()).toEqual({ ...noFaults, jwks: "error", slowDownPolls: 3 });
  await control("faults", { method: "POST", body: { jwks: "ok" } });
  expect(open.faults.settings).toEqual({ ...noFaults, slowDownPolls: 3 });
  const cleared = await control("faults", { method: "DELETE" });
  expect(await cleared.json()).toEqual({ ...noFaults });
});

test.each([
  [{ nonsense: 1 }, "nonsense"],
  [{ slowDownPolls: 1, constructor: 1 }, "constructor"],
  [{ slowDownPolls: "1" }, "slowDownPolls"],
  [{ delayMs: 20_001 }, "delayMs"],
  [{ holdLimitMs: 0 }, "holdLimitMs"],
  [{ jwks: null }, "jwks"],
  [{ revokeOnReuse: 1 }, "revokeOnReuse"],
  [{ jwks: "toString" }, "jwks"],
  [{ hideGoodKeys: "yes" }, "hideGoodKeys"],
  [{ rolloverKeys: true }, "rolloverKeys"],
])("the faults %j are refused and nothing changes", async (body, member) => {
  const response = await control("faults", { method: "POST", body });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: "bad_member", member });
  expect(open.faults.settings).toEqual(noFaults);
});

test.each(["", "{", "[]", "null", '"x"'])("the body %p is refused", async (body) => {
  const response = await control("faults", { method: "POST", body });
  expect([response.status, await response.json()]).toEqual([400, { error: "bad_json" }]);
});

test.each([
  ["keep", 1],
  ["withdraw", 0],
] as const)("rolloverKeys %s leaves %d of the old keys", async (rolloverKeys, left) => {
  const readKeys = async () => {
    const { keys } = await readJson(await fetch(`${open.origin}/${open.tenantId}/discovery/keys`));
    return (keys as { kid: string }[]).map(({ kid }) => kid);
  };
  const before = await readKeys();
  await control("faults", { method: "POST", body: { rolloverKeys } });
  const after = await readKeys();
  expect(after).toHaveLength(left + 1);
  expect(after.filter((kid) => kid === before.at(-1))).toHaveLength(left);
});

test("tokens are minted with overrides", async () => {
  const body = { person: "ben", version: "1.0", lifetimeSeconds: 5, claims: { tid: "x", scp: null } };
  const { access_token } = await readJson(await control("tokens", { method: "POST", body }));
  const claims = decodeJwt(String(access_token));
  expect(claims).toMatchObject({ ver: "1.0", tid: "x", name: "Ben Okafor" });
  expect(claims).not.toHaveProperty("scp");
  expect(Number(claims.exp) - Number(claims.iat)).toBe(5);
});

test("lies are minted from another process, too", async () => {
  const body = { rawClaims: '{"aud":1,"aud":2}', algorithm: "PS256", segments: 5, suffix: "!" };
  const { access_token } = await readJson(await control("tokens", { method: "POST", body }));
  const [header = "", claims = "", ...rest] = String(access_token).split(".");
  expect(JSON.parse(Buffer.from(header, "base64url").toString())).toMatchObject({ alg: "PS256" });
  expect(Buffer.from(claims, "base64url").toString()).toBe(body.rawClaims);
  expect(rest).toEqual([expect.stringMatching(/^[\w-]{342}$/), "e30", "e30!"]);
});

test("bad keys are published from another process, too", async () => {
  await control("faults", { method: "POST", body: { jwks: "symmetric", hideGoodKeys: true } });
  const { keys } = await readJson(await fetch(`${open.origin}/${open.tenantId}/discovery/keys`));
  expect(keys).toMatchObject([{ kty: "oct" }]);
});

test.each([
  [{ person: "eve" }, "person"],
  [{ version: "3.0" }, "version"],
  [{ scopes: "execute" }, "scopes"],
  [{ lifetimeSeconds: "5" }, "lifetimeSeconds"],
  [{ claims: [] }, "claims"],
  [{ header: null }, "header"],
  [{ key: "other" }, "key"],
  [{ sub: "x" }, "sub"],
  [{ kind: "none" }, "kind"],
  [{ rawClaims: {} }, "rawClaims"],
  [{ rawClaims: { segment: "a.b" } }, "rawClaims"],
  [{ rawClaims: { segment: "a", text: "b" } }, "rawClaims"],
  [{ rawHeader: 7 }, "rawHeader"],
  [{ paddingLength: -1 }, "paddingLength"],
  [{ paddingLength: 4 * 1024 * 1024 + 1 }, "paddingLength"],
  [{ algorithm: "HS256" }, "algorithm"],
  [{ signature: "good" }, "signature"],
  [{ segments: 0 }, "segments"],
  [{ segments: 200_001 }, "segments"],
  [{ suffix: null }, "suffix"],
  [{ kind: "app", person: "ada" }, "person"],
  [{ kind: "app", scopes: [] }, "scopes"],
  [{ kind: "id", version: "1.0" }, "version"],
  [{ kind: "id", scopes: [] }, "scopes"],
  [{ kind: "id", resource: "x" }, "resource"],
  [{ kind: "graph", version: "1.0" }, "version"],
  [{ rawClaims: "{}", claims: {} }, "claims"],
  [{ rawClaims: "{}", paddingLength: 1 }, "paddingLength"],
  [{ rawHeader: "{}", header: {} }, "header"],
  [{ key: "public-pem", algorithm: "RS256" }, "algorithm"],
  [{ key: "symmetric", algorithm: "RS256" }, "algorithm"],
  [{ key: "none", signature: "cut" }, "signature"],
])("the token overrides %j are refused", async (body, member) => {
  const response = await control("tokens", { method: "POST", body });
  expect([response.status, await response.json()]).toEqual([400, { error: "bad_member", member }]);
});

test("counts and secrets can be read", async () => {
  const { userCode, deviceCode } = await begin(open);
  expect(await (await control("counts")).json()).toEqual({ ...open.counts });
  const { secrets, forgotten } = await readJson(await control("secrets"));
  expect(forgotten).toBe(0);
  expect(secrets).toEqual(
    expect.arrayContaining([
      { kind: "device_code", value: deviceCode },
      { kind: "user_code", value: userCode },
    ]),
  );
});
