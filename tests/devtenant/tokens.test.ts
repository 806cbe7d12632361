import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { nowSeconds } from "../../lib/base/clock.ts";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { begin, ManualClock, msalScope, readJson, refresh, signIn } from "./sign-in.ts";

const clock = new ManualClock();
let v1: DevTenant;
let v2: DevTenant;
beforeAll(async () => {
  [v1, v2] = await Promise.all([
    startDevTenant({ clock, tokenVersion: "1.0" }),
    startDevTenant({ clock, tokenLifetimeSeconds: 600 }),
  ]);
});
afterAll(async () => {
  await Promise.all([v1.stop(), v2.stop()]);
});

function keysOf(tenant: DevTenant) {
  return createRemoteJWKSet(new URL(`${tenant.origin}/${tenant.tenantId}/discovery/v2.0/keys`));
}

function verify(tenant: DevTenant, token: unknown, expected: { issuer: string; audience: string }) {
  return jwtVerify(String(token), keysOf(tenant), {
    ...expected,
    algorithms: ["RS256"],
    currentDate: new Date(clock.nowMs()),
    requiredClaims: ["exp", "nbf", "iat"],
  });
}

describe("access tokens", () => {
  test("of version 2.0 have the API's client id as audience and the v2.0 issuer", async () => {
    const answer = await signIn(v2);
    const issuer = `${v2.origin}/${v2.tenantId}/v2.0`;
    const { payload, protectedHeader } = await verify(v2, answer["access_token"], {
      issuer,
      audience: v2.apiClientId,
    });
    expect(Object.keys(protectedHeader).toSorted()).toEqual(["alg", "kid", "typ"]);
    expect(payload).toMatchObject({
      ver: "2.0",
      tid: v2.tenantId,
      azp: v2.publicClientId,
      azpacr: "0",
      scp: "execute",
      name: "Ada Lindqvist",
      preferred_username: "ada@devtenant.example",
      iat: nowSeconds(clock),
      nbf: nowSeconds(clock),
      exp: nowSeconds(clock) + 600,
    });
    for (const name of ["oid", "sub", "uti", "rh", "aio"]) expect(payload[name]).toBeString();
    for (const name of ["appid", "upn", "idp", "acct", "nonce"]) expect(payload).not.toHaveProperty(name);
  });

  test("of version 1.0 have the App ID URI as audience, the sts issuer and x5t", async () => {
    const answer = await signIn(v1);
    const issuer = `${v1.stsUrl}/${v1.tenantId}/`;
    const { payload, protectedHeader } = await verify(v1, answer["access_token"], {
      issuer,
      audience: `api://${v1.apiClientId}`,
    });
    expect(Object.keys(protectedHeader).toSorted()).toEqual(["alg", "kid", "typ", "x5t"]);
    expect(payload).toMatchObject({
      ver: "1.0",
      tid: v1.tenantId,
      appid: v1.publicClientId,
      appidacr: "0",
      scp: "execute",
      upn: "ada@devtenant.example",
    });
    for (const name of ["azp", "preferred_username"]) expect(payload).not.toHaveProperty(name);
  });

  test("of version 1.0 name the API as the client did", async () => {
    const answer = await signIn(v1, "ada", `${v1.apiClientId}/execute`);
    expect(decodeJwt(String(answer["access_token"])).aud).toBe(v1.apiClientId);
  });

  test.each([
    ["ben", "api://dec0de00-0000-4000-8000-0000000000a1/execute", "read"],
    ["ada", "api://dec0de00-0000-4000-8000-0000000000a1/.default", "execute read"],
    ["ben", "api://dec0de00-0000-4000-8000-0000000000a1/.default", "read"],
    ["gia", "api://dec0de00-0000-4000-8000-0000000000a1/execute", "execute"],
  ])("%s, who asks for %s, gets scp %p", async (person, scope, scp) => {
    const answer = await signIn(v2, person, scope);
    expect(decodeJwt(String(answer["access_token"]))["scp"]).toBe(scp);
    expect(answer["scope"]).toBe(
      scp
        .split(" ")
        .map((name) => `api://${v2.apiClientId}/${name}`)
        .join(" "),
    );
  });

  test("of a guest name the home tenant and acct 1", async () => {
    const { idp, acct } = decodeJwt(String((await signIn(v2, "gia"))["access_token"]));
    expect(acct).toBe(1);
    expect(idp).toBe(`${v2.stsUrl}/dec0de00-0000-4000-8000-000000000002/`);
  });
});

describe("token answers", () => {
  test("have Entra's shape", async () => {
    const { answer } = await begin(v2);
    expect(answer).toMatchObject({
      expires_in: 900,
      interval: 1,
      verification_uri: v2.devicePageUrl,
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{9}$/),
      message: `To sign in, use a web browser to open the page ${v2.devicePageUrl} and enter the code ${answer["user_code"]} to authenticate.`,
    });
    const tokens = await signIn(v2);
    expect(Object.keys(tokens)).toEqual([
      "token_type",
      "scope",
      "expires_in",
      "ext_expires_in",
      "access_token",
      "refresh_token",
      "id_token",
      "client_info",
    ]);
    expect(tokens).toMatchObject({ token_type: "Bearer", expires_in: 600, ext_expires_in: 600 });
    const clientInfo: unknown = JSON.parse(
      Buffer.from(String(tokens["client_info"]), "base64url").toString(),
    );
    expect(clientInfo).toEqual({ uid: "dec0de00-0000-4000-8000-0000000e0001", utid: v2.tenantId });
  });

  test("hold only what was asked for", async () => {
    const tokens = await signIn(v2, "ada", v2.scope);
    expect(tokens).not.toHaveProperty("refresh_token");
    expect(tokens).not.toHaveProperty("id_token");
    const refreshed = await readJson(
      await refresh(v2, (await signIn(v2, "ada", `${v2.scope} offline_access`))["refresh_token"]),
    );
    expect(refreshed).not.toHaveProperty("client_info");
    expect(refreshed).toHaveProperty("refresh_token");
  });

  test("have an id token for the client, with email only on request", async () => {
    const tokens = await signIn(v2, "gia");
    const issuer = `${v2.origin}/${v2.tenantId}/v2.0`;
    const { payload } = await verify(v2, tokens["id_token"], { issuer, audience: v2.publicClientId });
    expect(payload).toMatchObject({
      ver: "2.0",
      tid: v2.tenantId,
      preferred_username: "gia@partner.example",
    });
    expect(payload).not.toHaveProperty("email");
    expect(payload).not.toHaveProperty("scp");
    expect(payload.sub).not.toBe(String(decodeJwt(String(tokens["access_token"])).sub));
    const withEmail = await signIn(v2, "gia", `${v2.scope} openid email`);
    expect(decodeJwt(String(withEmail["id_token"]))["email"]).toBe("gia@partner.example");
  });
});

describe("mintAccessToken", () => {
  test("makes a token that is good by default", async () => {
    const { payload } = await verify(v2, await v2.mintAccessToken(), {
      issuer: `${v2.origin}/${v2.tenantId}/v2.0`,
      audience: v2.apiClientId,
    });
    expect(payload["scp"]).toBe("execute");
  });

  test("sets and removes claims and header members, and the lifetime", async () => {
    const token = await v2.mintAccessToken({
      lifetimeSeconds: -10,
      claims: { scp: null, roles: ["Execute.All"], idtyp: "app" },
      header: { typ: undefined, alg: "HS256", nonce: "n" },
    });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ roles: ["Execute.All"], idtyp: "app", exp: nowSeconds(clock) - 10 });
    expect(claims).not.toHaveProperty("scp");
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: "HS256", nonce: "n" });
    expect(decodeProtectedHeader(token)).not.toHaveProperty("typ");
  });

  test("signs with a foreign key under the current kid, or not at all", async () => {
    const foreign = await v2.mintAccessToken({ key: "foreign" });
    const { kid } = decodeProtectedHeader(await v2.mintAccessToken());
    expect(decodeProtectedHeader(foreign).kid).toBe(String(kid));
    const currentDate = new Date(clock.nowMs());
    const verified = await jwtVerify(foreign, keysOf(v2), { currentDate }).catch(
      (error: { code: string }) => error.code,
    );
    expect(verified).toBe("ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
    expect(await v2.mintAccessToken({ key: "none" })).toEndWith(".");
  });
});

test("a refresh token works for what was signed in and for narrower scopes", async () => {
  const { refresh_token } = await signIn(v2, "ada", `api://${v2.apiClientId}/.default offline_access`);
  const first = await readJson(await refresh(v2, refresh_token));
  expect(decodeJwt(String(first["access_token"]))["scp"]).toBe("execute read");
  const second = await readJson(await refresh(v2, first["refresh_token"], { scope: msalScope(v2) }));
  expect(decodeJwt(String(second["access_token"]))["scp"]).toBe("execute");
});
