import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeviceCodePrompt, SignInWait } from "../../lib/auth/client/device-code.ts";
import type { EntraTokensOptions } from "../../lib/auth/client/entra-session.ts";
import { createEntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { openTokenCache } from "../../lib/auth/client/token-cache.ts";
import { clientId, type FakeEntra, oauthError, scope, startFakeEntra } from "./fake-entra.ts";
import { catchAppError, makeClock, makeFolder, textOf } from "./fixtures.ts";

const pending = oauthError("authorization_pending", 70016);
const codePath = "/oauth2/v2.0/devicecode";
const tokenPath = "/oauth2/v2.0/token";

/** Everything that one sign-in shows and does. */
function prepare(entra: FakeEntra, folder: string, more: Partial<EntraTokensOptions> = {}) {
  const clock = makeClock();
  const prompts: DeviceCodePrompt[] = [];
  const waits: SignInWait[] = [];
  const tokens = createEntraTokens({
    authority: entra.authority,
    clientId,
    scope,
    cachePath: join(folder, "cache.json"),
    showDeviceCode: (prompt) => void prompts.push(prompt),
    onWait: (wait) => void waits.push(wait),
    clock,
    sleep: clock.sleep,
    ...more,
  });
  return { clock, prompts, waits, tokens };
}

describe("signing in by device code", () => {
  test("shows the code, polls at the interval and gives the token", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, prompts, waits, tokens } = prepare(entra, folder.path);
    entra.poll(pending, pending);
    const token = await tokens.signIn();
    expect(entra.secrets).toContain(token.value);
    expect(prompts).toEqual([
      {
        userCode: "ABCD-1234",
        verificationUri: `${entra.authority.loginUrl}/${entra.authority.tenant}/devicelogin`,
        expiresInSeconds: 900,
        message: "Go there.",
      },
    ]);
    expect(clock.sleeps).toEqual([5, 5, 5]);
    expect(waits).toEqual([]);
    expect(entra.count(tokenPath)).toBe(3);
  });

  test("asks a person even when a good token is cached", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { prompts, tokens } = prepare(entra, folder.path);
    await tokens.signIn();
    await tokens.signIn();
    expect(prompts).toHaveLength(2);
  });

  test.each<[string, Parameters<FakeEntra["poll"]>, number[], SignInWait[]]>([
    [
      "slow_down by 5 s for good",
      [oauthError("slow_down", 0), pending],
      [5, 10, 10],
      [{ reason: "slow_down", seconds: 10 }],
    ],
    [
      "429 by its Retry-After once",
      [{ status: 429, headers: { "retry-after": "17" } }, pending],
      [5, 17, 5],
      [{ reason: "rate_limited", seconds: 17 }],
    ],
    [
      "429 without Retry-After by the interval",
      [{ status: 429, body: { error: "x" } }],
      [5, 5],
      [{ reason: "rate_limited", seconds: 5 }],
    ],
    [
      "a failing service by 5 s more",
      [{ status: 503 }, pending],
      [5, 10, 10],
      [{ reason: "unreachable", seconds: 10 }],
    ],
  ])("answers %s", async (...[_title, polls, sleeps, expectedWaits]) => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, waits, tokens } = prepare(entra, folder.path);
    entra.poll(...polls);
    await tokens.signIn();
    expect(clock.sleeps).toEqual(sleeps);
    expect(waits).toEqual(expectedWaits);
    expect(entra.count(tokenPath)).toBe(sleeps.length);
  });

  test("gives up when the service keeps failing", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { tokens } = prepare(entra, folder.path);
    entra.on("token", () => ({ status: 503 }));
    const error = await catchAppError(() => tokens.signIn());
    expect([error.code, error.exitCode]).toEqual(["server_failed", 4]);
    expect(entra.count(tokenPath)).toBe(6);
  });

  test.each([
    ["authorization_declined", 0, "sign_in_declined", "declined in the browser"],
    ["access_denied", 65004, "sign_in_declined", "AADSTS65004"],
    ["expired_token", 70020, "sign_in_expired", "AADSTS70020"],
    ["invalid_grant", 53003, "sign_in_blocked", "AADSTS53003"],
    ["invalid_grant", 65001, "sign_in_failed", "AADSTS65001"],
    ["invalid_grant", 50105, "sign_in_failed", "AADSTS50105"],
    ["invalid_grant", 50076, "sign_in_failed", "AADSTS50076"],
    ["something_new", 987654, "sign_in_failed", "AADSTS987654"],
  ])("ends with %s %d as %s", async (...[word, aadsts, code, text]) => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { tokens } = prepare(entra, folder.path);
    entra.poll(pending, oauthError(word, aadsts));
    const error = await catchAppError(() => tokens.signIn());
    expect([error.code, error.exitCode]).toEqual([code as typeof error.code, 3]);
    expect(error.message).toContain(text);
    expect(error.hint).toBeTruthy();
    expect(error.message).not.toContain("a sentence");
    expect(entra.count(tokenPath)).toBe(2);
  });

  test("ends as expired when the code's time is over, without another poll", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, tokens } = prepare(entra, folder.path);
    entra.on("token", () => pending);
    const startedMs = clock.nowMs();
    const error = await catchAppError(() => tokens.signIn());
    expect(error.code).toBe("sign_in_expired");
    expect(clock.nowMs() - startedMs).toBe(900_000);
    expect(entra.count(tokenPath)).toBe(179);
  });

  test.each([
    ["7000218", oauthError("invalid_client", 7000218, 401), "Allow public client flows"],
    ["700016", oauthError("unauthorized_client", 700016), "--client-id"],
    ["90002", oauthError("invalid_request", 90002), "--tenant-id"],
    ["500011", oauthError("invalid_resource", 500011), "--scope"],
    ["650053", oauthError("invalid_scope", 650053), "--scope"],
    ["an answer without any code", { body: {} }, "Try again"],
    [
      "an answer without a device code",
      { body: { user_code: "ABCD", expires_in: 9, verification_uri: "http://127.0.0.1/" } },
      "Try again",
    ],
    [
      "a plain http address elsewhere",
      { body: { device_code: "d", user_code: "ABCD", expires_in: 9, verification_uri: "http://x.example/" } },
      "Try again",
    ],
    [
      "the page of somebody else, from a service on this machine",
      {
        body: { device_code: "d", user_code: "ABCD", expires_in: 9, verification_uri: "https://x.example/" },
      },
      "Try again",
    ],
    [
      "no lifetime",
      { body: { device_code: "d", user_code: "ABCD", verification_uri: "http://127.0.0.1/" } },
      "Try again",
    ],
    [
      "a code that is no code",
      {
        body: {
          device_code: "d",
          user_code: "\u001b[2J",
          expires_in: 9,
          verification_uri: "http://127.0.0.1/",
        },
      },
      "Try again",
    ],
  ])("never polls when the device code fails: %s", async (_title, answer, hint) => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { prompts, tokens } = prepare(entra, folder.path);
    entra.on("devicecode", () => answer);
    const error = await catchAppError(() => tokens.signIn());
    expect(error.code).toBe("sign_in_failed");
    expect(error.hint).toContain(hint);
    expect(prompts).toEqual([]);
    expect(entra.count(tokenPath)).toBe(0);
  });

  test.each([
    [undefined, 5],
    [0, 1],
    [0.001, 1],
    [7, 7],
    ["7", 7],
    [100_000, 60],
  ])("polls at an interval of %p s every %d s", async (interval, seconds) => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, tokens } = prepare(entra, folder.path);
    const code = { device_code: "d", user_code: "ABCD", verification_uri: "http://127.0.0.1/" };
    entra.on("devicecode", () => ({ body: { ...code, expires_in: 900, interval } }));
    await tokens.signIn();
    expect(clock.sleeps).toEqual([seconds]);
  });

  test("ends at once when it is cancelled while another process holds the cache", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const abort = new AbortController();
    const reason = new Error("stop");
    const cache = openTokenCache({ path: join(folder.path, "cache.json") });
    entra.on("token", async () => {
      await cache.lock({});
      return undefined;
    });
    const { tokens } = prepare(entra, folder.path, { onWait: () => abort.abort(reason) });
    await expect(tokens.signIn({ signal: abort.signal })).rejects.toBe(reason);
  });

  test("ends at once when it is cancelled between two polls", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const abort = new AbortController();
    const reason = new Error("stop");
    const sleep = (_ms: number, { signal }: { signal?: AbortSignal | undefined }) => {
      const { promise, reject } = Promise.withResolvers<void>();
      signal?.addEventListener("abort", () => reject(signal.reason));
      abort.abort(reason);
      return promise;
    };
    const { tokens } = prepare(entra, folder.path, { sleep });
    expect(tokens.signIn({ signal: abort.signal })).rejects.toBe(reason);
    expect(entra.count(tokenPath)).toBe(0);
  });

  test("ends at once when it is cancelled while a poll is not answered", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const abort = new AbortController();
    const reason = new Error("stop");
    const held = Promise.withResolvers<Response>();
    entra.on("token", () => {
      abort.abort(reason);
      return held.promise;
    });
    const { tokens } = prepare(entra, folder.path);
    const signIn = tokens.signIn({ signal: abort.signal });
    await expect(signIn).rejects.toBe(reason);
    held.resolve(new Response());
  });

  test("passes on what the prompt throws", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const reason = new Error("no terminal");
    const showDeviceCode = () => {
      throw reason;
    };
    const { tokens } = prepare(entra, folder.path, { showDeviceCode });
    await expect(tokens.signIn()).rejects.toBe(reason);
    expect(entra.count(tokenPath)).toBe(0);
  });

  test("finds out that the cache cannot be written before it asks for a code", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    mkdirSync(join(folder.path, "folder"));
    writeFileSync(join(folder.path, "file"), "");
    for (const name of ["folder", "file/cache.json", "nowhere/cache.json"]) {
      const { prompts, tokens } = prepare(entra, folder.path, { cachePath: join(folder.path, name) });
      const error = await catchAppError(() => tokens.signIn());
      expect([error.code, error.exitCode]).toEqual(["cache_unusable", 2]);
      expect(error.hint).toContain("--token-cache");
      expect(prompts).toEqual([]);
    }
    expect(entra.requests).toEqual([]);
  });

  test("does not follow a redirect with a form that holds secrets", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { tokens } = prepare(entra, folder.path);
    entra.on("token", () => Response.redirect("/elsewhere", 307));
    expect((await catchAppError(() => tokens.signIn())).code).toBe("protocol_error");
    expect(entra.requests).not.toContain("/elsewhere");
  });

  test.each([
    ["HTML", () => new Response("<html>"), "protocol_error"],
    ["an endless body", () => new Response("x".repeat(2_000_000)), "protocol_error"],
    ["no token", () => ({ body: { token_type: "Bearer", expires_in: 3600 } }), "sign_in_failed"],
    [
      "a token that breaks a header",
      () => ({ body: { access_token: "a\r\nb", expires_in: 3600 } }),
      "sign_in_failed",
    ],
  ])("refuses an answer with %s", async (_title, answer, code) => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { tokens } = prepare(entra, folder.path);
    entra.on("token", answer);
    expect((await catchAppError(() => tokens.signIn())).code).toBe(code as "sign_in_failed");
  });

  test("says that the sign-in service cannot be reached", async () => {
    const entra = startFakeEntra();
    await entra[Symbol.asyncDispose]();
    using folder = makeFolder();
    const { tokens } = prepare(entra, folder.path);
    const error = await catchAppError(() => tokens.signIn());
    expect([error.code, error.exitCode]).toEqual(["unreachable", 4]);
    expect(error.message).toContain(new URL(entra.authority.loginUrl).host);
  });

  test.each([
    ["issuer", "http://127.0.0.1:1/t/v2.0"],
    ["token_endpoint", "https://login.example/token"],
    ["token_endpoint", undefined],
    ["jwks_uri", "http://localhost:1/keys"],
  ])("refuses a dev tenant whose %s is %s", async (name, value) => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { tokens } = prepare(entra, folder.path);
    const base = `${entra.authority.loginUrl}/${entra.authority.tenant}`;
    const good = { issuer: `${base}/v2.0`, token_endpoint: `${base}/token`, jwks_uri: `${base}/keys` };
    entra.on("configuration", () => ({ body: { ...good, authorization_endpoint: base, [name]: value } }));
    expect((await catchAppError(() => tokens.signIn())).code).toBe("protocol_error");
    expect(entra.count(codePath)).toBe(0);
  });

  test("puts no secret into an error, even when the service echoes it", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, tokens } = prepare(entra, folder.path);
    const echo = (form: URLSearchParams) => ({
      status: 400,
      body: {
        error: form.get("device_code") ?? form.get("refresh_token"),
        error_description: form.toString(),
      },
    });
    entra.on("token", echo);
    const errors = [await catchAppError(() => tokens.signIn())];
    entra.on("token", () => undefined);
    await tokens.signIn();
    clock.advance(4_000_000);
    entra.on("token", echo);
    errors.push(await catchAppError(() => tokens.getToken()));
    expect(entra.secrets.length).toBeGreaterThan(3);
    for (const secret of entra.secrets) {
      for (const error of errors) expect(textOf(error)).not.toContain(secret);
    }
  });

  test("sends no telemetry of MSAL's", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { clock, tokens } = prepare(entra, folder.path);
    await tokens.signIn();
    clock.advance(4_000_000);
    await tokens.getToken();
    expect(entra.forms.at(-1)?.get("grant_type")).toBe("refresh_token");
    for (const form of entra.forms) expect([...form.keys()].join()).not.toContain("telemetry");
  });
});
