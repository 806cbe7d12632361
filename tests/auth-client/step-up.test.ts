import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createEntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { widenScope } from "../../lib/auth/client/widen-scope.ts";
import { clientId, type FakeEntra, oauthError, scope, startFakeEntra } from "./fake-entra.ts";
import { catchAppError, makeClock, makeFolder } from "./fixtures.ts";

const tokenPath = "/oauth2/v2.0/token";
const admin = scope.replace("/execute", "/admin");

async function signIn(entra: FakeEntra, folder: string) {
  const clock = makeClock();
  const base = { authority: entra.authority, clientId, scope, cachePath: join(folder, "cache.json") };
  const options = { ...base, clock, sleep: clock.sleep };
  await createEntraTokens({ ...options, showDeviceCode: () => undefined }).getToken();
  return { clock, options, tokens: createEntraTokens(options) };
}

function deny(wanted: string, status = 403, error = "insufficient_scope"): Response {
  const headers = { "www-authenticate": `Bearer error="${error}", scope="${wanted}"` };
  return new Response(null, { status, headers });
}

describe("a claims challenge in a 401", () => {
  const claims = { access_token: { nbf: { essential: true, value: "1700000000" } } };
  const encoded = Buffer.from(JSON.stringify(claims)).toString("base64");

  test("is sent along when the token is renewed", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { tokens } = await signIn(entra, folder.path);
    const { value } = await tokens.getToken();
    const challenge = `Bearer error="insufficient_claims", claims="${encoded}"`;
    const challenged = new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
    const renewed = await tokens.getToken({ rejected: value, challenged });
    expect(renewed.value).not.toBe(value);
    expect(JSON.parse(entra.forms.at(-1)?.get("claims") ?? "")).toMatchObject(claims);
  });

  test("counts only with its own error code", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { tokens } = await signIn(entra, folder.path);
    const { value } = await tokens.getToken();
    const challenge = `Bearer error="invalid_token", claims="${encoded}"`;
    const challenged = new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
    await tokens.getToken({ rejected: value, challenged });
    expect(entra.forms.at(-1)?.get("claims") ?? "{}").not.toContain("nbf");
  });

  test("that cannot be read is the server's fault", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { tokens } = await signIn(entra, folder.path);
    const challenge = 'Bearer error="insufficient_claims", claims="%%%"';
    const challenged = new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
    expect((await catchAppError(() => tokens.getToken({ challenged }))).code).toBe("protocol_error");
  });
});

describe("a 403 that asks for more scope", () => {
  test("gets a token with both scopes by renewal, once for all calls, and keeps to them", async () => {
    await using entra = startFakeEntra({ scope: `${scope} ${admin}` });
    using folder = makeFolder();
    const { tokens } = await signIn(entra, folder.path);
    const { value: used } = await tokens.getToken();
    entra.on("token", () => undefined);
    const before = entra.count(tokenPath);
    const request = { denied: deny(admin), used: "older" };
    const [first, second] = await Promise.all([tokens.widenToken(request), tokens.widenToken(request)]);
    expect(first).toBeDefined();
    expect(second).toEqual(first);
    expect(entra.count(tokenPath) - before).toBeLessThanOrEqual(1);
    expect(used).toBeString();
    expect((await tokens.getToken()).value).toBe(first?.value ?? "");
  });

  test("asks the sign-in service for the union, and renews with it", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { tokens, clock } = await signIn(entra, folder.path);
    const { value: used } = await tokens.getToken();
    await tokens.widenToken({ denied: deny(admin), used });
    expect(entra.forms.at(-1)?.get("scope")?.split(" ")).toEqual(expect.arrayContaining([scope, admin]));
    const asked = entra.count(tokenPath);
    clock.advance(3_500_000);
    await tokens.getToken();
    expect(entra.count(tokenPath)).toBe(asked + 1);
    expect(entra.forms.at(-1)?.get("scope")?.split(" ")).toEqual(expect.arrayContaining([scope, admin]));
  });

  test("stands where consent is missing and nobody may be asked, and is not asked for again", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { tokens } = await signIn(entra, folder.path);
    const { value: used } = await tokens.getToken();
    entra.on("token", () => oauthError("invalid_grant", 65001));
    expect(await tokens.widenToken({ denied: deny(admin), used })).toBeUndefined();
    const before = entra.count(tokenPath);
    expect(await tokens.widenToken({ denied: deny(admin), used })).toBeUndefined();
    expect(entra.count(tokenPath)).toBe(before);
    expect((await tokens.getToken()).value).toBe(used);
  });

  test("asks a person where one may be asked", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { options } = await signIn(entra, folder.path);
    const tokens = createEntraTokens({ ...options, showDeviceCode: () => undefined });
    const { value: used } = await tokens.getToken();
    entra.on("token", (form) => (form.has("refresh_token") ? oauthError("invalid_grant", 65001) : undefined));
    expect(await tokens.widenToken({ denied: deny(admin), used })).toBeDefined();
    expect(entra.count("/oauth2/v2.0/devicecode")).toBe(2);
  });
});

describe("widenScope", () => {
  test.each([
    ["another scope of the same API", scope, admin, `${scope} ${admin}`],
    ["one that is there", scope, scope, undefined],
    ["one that is there in other letters", scope, scope.toUpperCase(), undefined],
    ["a scope of another API", scope, "api://other/execute", undefined],
    ["a scope of Microsoft Graph", scope, "https://graph.microsoft.com/Mail.Read", undefined],
    ["a short name", scope, "admin", undefined],
    ["everything", scope, scope.replace("/execute", "/.default"), undefined],
    ["more than everything", scope.replace("/execute", "/.default"), admin, undefined],
    ["nothing", scope, undefined, undefined],
    ["a good one among bad ones", scope, `openid ${admin} User.Read`, `${scope} ${admin}`],
  ])("%s", (_, had, wanted, expected) => {
    expect(widenScope(had, wanted)).toBe(expected);
  });
});
