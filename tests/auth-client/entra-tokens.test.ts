import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import type { EntraTokensOptions } from "../../lib/auth/client/entra-session.ts";
import { parseMsalCache } from "../../lib/auth/client/msal-cache.ts";
import { clientId, type FakeEntra, oauthError, scope, startFakeEntra, tenantId } from "./fake-entra.ts";
import { catchAppError, makeClock, makeFolder, makeLog, textOf } from "./fixtures.ts";

const tokenPath = "/oauth2/v2.0/token";

function makeOptions(entra: FakeEntra, folder: string, more: Partial<EntraTokensOptions> = {}) {
  const clock = makeClock();
  const base = { authority: entra.authority, clientId, scope, cachePath: join(folder, "cache.json") };
  return { clock, options: { ...base, clock, sleep: clock.sleep, ...more } satisfies EntraTokensOptions };
}

const prompting = { showDeviceCode: () => undefined };

describe("getToken", () => {
  test("signs in once and then reads the cache without asking anybody", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { options } = makeOptions(entra, folder.path, prompting);
    const first = await createEntraTokens(options).getToken();
    const asked = entra.requests.length;
    const second = await createEntraTokens({ ...options, showDeviceCode: undefined }).getToken();
    expect(second.value).toBe(first.value);
    expect(Math.abs(second.expiresAtSeconds - first.expiresAtSeconds)).toBeLessThanOrEqual(1);
    expect(entra.requests.length).toBe(asked);
  });

  test("renews silently 300 s before the end, and not earlier", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, options } = makeOptions(entra, folder.path, prompting);
    const tokens = createEntraTokens(options);
    const first = await tokens.getToken();
    clock.advance((first.expiresAtSeconds - 302) * 1000 - clock.nowMs());
    expect((await tokens.getToken()).value).toBe(first.value);
    clock.advance(3000);
    const second = await tokens.getToken();
    expect(second.value).not.toBe(first.value);
    expect(entra.forms.at(-1)?.get("grant_type")).toBe("refresh_token");
    expect(entra.count("/oauth2/v2.0/devicecode")).toBe(1);
  });

  test("never returns a rejected token again and renews once for all who report it", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const tokens = createEntraTokens(makeOptions(entra, folder.path, prompting).options);
    const first = await tokens.getToken();
    const before = entra.count(tokenPath);
    const rejected = { rejected: first.value };
    const [a, b] = await Promise.all([tokens.getToken(rejected), tokens.getToken(rejected)]);
    expect(a.value).not.toBe(first.value);
    expect(b.value).toBe(a.value);
    expect(entra.count(tokenPath)).toBe(before + 1);
  });

  test("gives up when renewing a rejected token gives the same one", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const tokens = createEntraTokens(makeOptions(entra, folder.path, prompting).options);
    const { value } = await tokens.getToken();
    entra.on("token", () => ({ body: { access_token: value, token_type: "Bearer", expires_in: 3600 } }));
    const error = await catchAppError(() => tokens.getToken({ rejected: value }));
    expect(error.code).toBe("token_refused");
    expect(textOf(error)).not.toContain(value);
  });

  test("sends the claims of a challenge, whatever is cached", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const tokens = createEntraTokens(makeOptions(entra, folder.path, prompting).options);
    await tokens.getToken();
    const claims = { access_token: { acrs: { essential: true, value: "c1" } } };
    await tokens.getToken({ claims: Buffer.from(JSON.stringify(claims)).toString("base64") });
    expect(JSON.parse(entra.forms.at(-1)?.get("claims") ?? "")).toMatchObject(claims);
  });

  test.each([
    [oauthError("invalid_grant", 700082), "AADSTS700082"],
    [oauthError("interaction_required", 50076), "AADSTS50076"],
    [oauthError("invalid_grant", 53003), "AADSTS53003"],
    [oauthError("invalid_grant", 12345678), "AADSTS12345678"],
  ])("requires signing in anew when renewal is refused (%#)", async (answer, label) => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, options } = makeOptions(entra, folder.path, prompting);
    await createEntraTokens(options).getToken();
    clock.advance(3_400_000);
    entra.on("token", () => answer);
    const silent = createEntraTokens({ ...options, showDeviceCode: undefined });
    const error = await catchAppError(() => silent.getToken());
    expect([error.code, error.exitCode]).toEqual(["sign_in_required", 3]);
    expect(error.message).toContain(label);
    expect(error.hint).toBeTruthy();
  });

  test.each([
    ["expired", oauthError("invalid_grant", 700082), "forgotten"],
    ["of a changed password", oauthError("invalid_grant", 50173, 400, "bad_token"), "forgotten"],
    ["expired, in a word alone", oauthError("invalid_grant", 12345678, 400, "token_expired"), "forgotten"],
    ["short of a second factor", oauthError("invalid_grant", 50076, 400, "basic_action"), "kept"],
    ["short of a consent", oauthError("invalid_grant", 65001, 400, "consent_required"), "kept"],
    ["blocked by a policy", oauthError("invalid_grant", 53003, 400, "message_only"), "kept"],
    ["blocked by a policy, whatever its number", oauthError("invalid_grant", 70043, 400, "x"), "kept"],
    ["in want of a person", oauthError("interaction_required", 700082), "kept"],
    ["refused for a reason that nobody knows", oauthError("invalid_grant", 12345678), "kept"],
  ])("a sign-in that is %s", async (_, answer, fate) => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, options } = makeOptions(entra, folder.path, prompting);
    await createEntraTokens(options).getToken();
    clock.advance(3_400_000);
    entra.on("token", () => answer);
    const silent = () => createEntraTokens({ ...options, showDeviceCode: undefined });
    expect((await catchAppError(() => silent().getToken())).code).toBe("sign_in_required");
    const asked = entra.count(tokenPath);
    expect((await catchAppError(() => silent().getToken())).code).toBe("sign_in_required");
    expect(entra.count(tokenPath)).toBe(fate === "kept" ? asked + 1 : asked);
    const account = await silent().readAccount();
    expect(account?.canRenew).toBe(fate === "kept" ? true : undefined);
    expect(await silent().listAccounts()).toHaveLength(fate === "kept" ? 1 : 0);
  });

  test("asks the person when renewal is refused and a person is there", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, options } = makeOptions(entra, folder.path, prompting);
    const tokens = createEntraTokens(options);
    await tokens.getToken();
    clock.advance(3_700_000);
    entra.on("token", (form) =>
      form.has("refresh_token") ? oauthError("invalid_grant", 700082) : undefined,
    );
    await tokens.getToken();
    expect(entra.count("/oauth2/v2.0/devicecode")).toBe(2);
  });

  test("uses a token's last minutes when the sign-in service fails, but not a token that ended", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, options } = makeOptions(entra, folder.path, prompting);
    const tokens = createEntraTokens(options);
    const first = await tokens.getToken();
    entra.on("token", () => ({ status: 503 }));
    clock.advance(3_400_000);
    expect((await tokens.getToken()).value).toBe(first.value);
    const rejected = await catchAppError(() => tokens.getToken({ rejected: first.value }));
    expect(rejected.code).toBe("server_failed");
    clock.advance(400_000);
    expect((await catchAppError(() => tokens.getToken())).code).toBe("server_failed");
  });

  test("says that signing in is needed, and where, when nobody may be asked", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { options } = makeOptions(entra, folder.path);
    for (const run of [
      () => createEntraTokens(options).getToken(),
      () => createEntraTokens(options).signIn(),
    ]) {
      const error = await catchAppError(run);
      expect(error.code).toBe("sign_in_required");
      expect(error.hint).toContain("mcp-client login");
    }
    expect(entra.requests).toEqual([]);
  });

  test("finds the token of a /.default scope again", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const asDefault = { ...prompting, scope: scope.replace("/execute", "/.default") };
    const { options } = makeOptions(entra, folder.path, asDefault);
    const first = await createEntraTokens(options).getToken();
    const asked = entra.requests.length;
    expect((await createEntraTokens(options).getToken()).value).toBe(first.value);
    expect(entra.requests.length).toBe(asked);
  });

  test("ends at once with the caller's reason when it was aborted before, whatever is cached", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const tokens = createEntraTokens(makeOptions(entra, folder.path, prompting).options);
    const reason = new Error("stop");
    await expect(tokens.getToken({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await tokens.signIn();
    await expect(tokens.getToken({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("requires signing in anew when there is nothing to renew with", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, options } = makeOptions(entra, folder.path, prompting);
    await createEntraTokens(options).getToken();
    const cache = JSON.parse(readFileSync(options.cachePath, "utf8"));
    writeFileSync(options.cachePath, JSON.stringify({ ...cache, RefreshToken: {} }));
    clock.advance(3_400_000);
    const silent = createEntraTokens({ ...options, showDeviceCode: undefined });
    expect((await catchAppError(() => silent.getToken())).code).toBe("sign_in_required");
  });

  test("sets a corrupt cache aside with a warning and signs in anew", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const log = makeLog();
    const { options } = makeOptions(entra, folder.path, { ...prompting, log });
    writeFileSync(options.cachePath, "not JSON", { mode: 0o600 });
    await createEntraTokens(options).getToken();
    expect(parseMsalCache(readFileSync(options.cachePath, "utf8"))?.accessTokens).toHaveLength(1);
    expect(log.lines.join()).toContain("is corrupt; it was set aside");
  });
});

describe("readAccount", () => {
  test("tells who is signed in without any token", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const tokens = createEntraTokens(makeOptions(entra, folder.path, prompting).options);
    expect(await tokens.readAccount()).toBeUndefined();
    const { expiresAtSeconds } = await tokens.getToken();
    const account = await tokens.readAccount();
    expect(account).toEqual({
      name: "Ada Example",
      username: "ada@contoso.com",
      tenantId,
      scopes: [scope],
      expiresAtSeconds,
      canRenew: true,
    });
    for (const secret of entra.secrets) expect(JSON.stringify(account)).not.toContain(secret);
  });
});

describe("a tenant given as a domain", () => {
  test("is found again in the cache at Microsoft's own hosts, with no request but those two", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const urls: string[] = [];
    const authority = { loginUrl: "https://login.microsoftonline.com", tenant: "contoso.com" };
    const redirected = (url: string, init: RequestInit) => {
      urls.push(url.split("?", 1)[0] ?? "");
      const { pathname } = new URL(url.replace("contoso.com", tenantId));
      return fetch(`${entra.authority.loginUrl}${pathname}`, init);
    };
    const { options } = makeOptions(entra, folder.path, { ...prompting, authority, fetch: redirected });
    const first = await createEntraTokens(options).getToken();
    expect((await createEntraTokens(options).getToken()).value).toBe(first.value);
    const base = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0";
    expect(urls).toEqual([`${base}/devicecode`, `${base}/token`]);
    expect((await createEntraTokens(options).readAccount())?.tenantId).toBe(tenantId);
    const other = {
      ...options,
      authority: { ...authority, tenant: "fabrikam.com" },
      showDeviceCode: undefined,
    };
    expect((await catchAppError(() => createEntraTokens(other).getToken())).code).toBe("sign_in_required");
  });
});
