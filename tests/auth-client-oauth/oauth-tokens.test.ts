import { describe, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { startFakeIssuer } from "./fake-issuer.ts";
import { codeOf, createHome, openTokens } from "./open-tokens.ts";

const storeIn = (home: string) => join(home, ".config/mcp-entra/oauth-tokens.json");
const noClient = { clientId: undefined, clientSecret: undefined, clientMetadataUrl: undefined };
const longAfter = { nowMs: () => Date.now() + 7_200_000 };

describe("tokens by OAuth", () => {
  test("are not asked for before the server wants one", async () => {
    await using issuer = startFakeIssuer();
    const { tokens } = openTokens(createHome(), { url: issuer.url });
    expect(await tokens.getToken()).toBeUndefined();
    expect(issuer.seen).toEqual([]);
  });

  test("come from a browser, with S256, state and resource, and are kept for this person alone", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    const { tokens, person } = openTokens(home, { url: issuer.url });
    const token = await tokens.getToken({ challenged: issuer.challenge("read") });
    expect(token?.value).toStartWith("access-");
    const asked = new URL(person.shown[0] ?? "").searchParams;
    expect(asked.get("code_challenge_method")).toBe("S256");
    expect(asked.get("state")).toMatch(/^[\w-]{43}$/);
    expect(asked.get("resource")).toBe(issuer.url);
    expect(asked.get("scope")).toBe("read");
    expect(asked.get("redirect_uri")).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(statSync(storeIn(home)).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, ".config/mcp-entra")).mode & 0o777).toBe(0o700);
    const { issuers } = JSON.parse(readFileSync(storeIn(home), "utf8"));
    expect(issuers).toMatchObject([
      { issuer: issuer.issuer, tokens: [{ server: issuer.url, scope: "read" }] },
    ]);
  });

  test.each([1e14, 1e308])(
    "whose lifetime of %p seconds is none end within ten years",
    async (expires_in) => {
      await using issuer = startFakeIssuer({ token: { expires_in } });
      const { tokens } = openTokens(createHome(), { url: issuer.url });
      const token = await tokens.getToken({ challenged: issuer.challenge() });
      const limit = Date.now() / 1000 + 315_360_000;
      expect(token?.expiresAtSeconds).toBeWithin(limit - 60, limit + 60);
    },
  );

  test("are found again by the next process, for the same server only", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    const first = await openTokens(home, { url: issuer.url }).tokens.getToken({
      challenged: issuer.challenge(),
    });
    const requests = issuer.seen.length;
    expect(await openTokens(home, { url: issuer.url }).tokens.getToken()).toEqual(first!);
    for (const url of [
      `${issuer.url}2`,
      `${issuer.issuer}/`,
      "http://127.0.0.1:1/mcp",
      "https://example.com/mcp",
    ]) {
      expect(await openTokens(home, { url }).tokens.getToken()).toBeUndefined();
    }
    expect(issuer.seen).toHaveLength(requests);
  });

  test("are not read from a file that others can read", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    await openTokens(home, { url: issuer.url }).tokens.getToken({ challenged: issuer.challenge() });
    chmodSync(storeIn(home), 0o644);
    expect(await openTokens(home, { url: issuer.url }).tokens.getToken()).toBeUndefined();
  });

  test("survive a file that is no JSON", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    await openTokens(home, { url: issuer.url }).tokens.getToken({ challenged: issuer.challenge() });
    writeFileSync(storeIn(home), "{");
    const { tokens } = openTokens(home, { url: issuer.url });
    expect((await tokens.getToken({ challenged: issuer.challenge() }))?.value).toStartWith("access-");
  });

  test("are renewed without a person when they have expired, once for two processes", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    const old = await openTokens(home, { url: issuer.url }).tokens.getToken({
      challenged: issuer.challenge(),
    });
    const open = () => openTokens(home, { url: issuer.url, prompts: undefined });
    const [a, b] = [open(), open()];
    const late = [a, b].map(({ tokens }) =>
      tokens.getToken({ rejected: old?.value, challenged: issuer.challenge() }),
    );
    const [first, second] = await Promise.all(late);
    expect(first?.value).toBe(second?.value ?? "");
    expect(issuer.seen.filter(({ params }) => params.get("grant_type") === "refresh_token")).toHaveLength(1);
  });

  test("that have expired are not sent", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    await openTokens(home, { url: issuer.url }).tokens.getToken({ challenged: issuer.challenge() });
    const { tokens } = openTokens(home, { url: issuer.url, clock: longAfter });
    expect(await tokens.getToken()).toBeUndefined();
  });

  test("whose renewal is refused need a person again", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    const first = await openTokens(home, { url: issuer.url }).tokens.getToken({
      challenged: issuer.challenge(),
    });
    issuer.options.paths = { "/token": () => Response.json({ error: "invalid_grant" }, { status: 400 }) };
    const request = { rejected: first?.value, challenged: issuer.challenge() };
    const { tokens } = openTokens(home, { url: issuer.url, prompts: undefined });
    expect(await codeOf(tokens.getToken(request))).toBe("sign_in_required");
    expect(readFileSync(storeIn(home), "utf8")).not.toContain("refresh-");
    issuer.options.paths = {};
    const { tokens: asking, person } = openTokens(home, { url: issuer.url });
    expect((await asking.getToken(request))?.value).toStartWith("access-");
    expect(person.shown).toHaveLength(1);
  });

  test("whose renewal fails for another reason stay, and nobody is asked", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    const first = await openTokens(home, { url: issuer.url }).tokens.getToken({
      challenged: issuer.challenge(),
    });
    issuer.options.paths = { "/token": () => new Response("x".repeat(300_000)) };
    const { tokens, person } = openTokens(home, { url: issuer.url });
    const renewal = tokens.getToken({ rejected: first?.value, challenged: issuer.challenge() });
    expect(await codeOf(renewal)).toBe("protocol_error");
    expect(person.shown).toEqual([]);
    expect(readFileSync(storeIn(home), "utf8")).toContain("refresh-");
  });

  test("need a person, and nobody is asked for a request in passing", async () => {
    await using issuer = startFakeIssuer();
    const { tokens, person } = openTokens(createHome(), { url: issuer.url });
    expect(await codeOf(tokens.getToken({ rejected: "old" }))).toBe("sign_in_required");
    expect(person.shown).toEqual([]);
  });

  test("are got anew when that is wanted, whatever is stored", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    await openTokens(home, { url: issuer.url }).tokens.getToken({ challenged: issuer.challenge() });
    const { tokens, person } = openTokens(home, { url: issuer.url, isFresh: true });
    expect(await tokens.getToken()).toBeUndefined();
    const token = await tokens.getToken({ challenged: issuer.challenge() });
    expect(person.shown).toHaveLength(1);
    expect(issuer.count("/register")).toBe(2);
    expect(await tokens.getToken()).toEqual(token!);
  });

  test("are forgotten for one server", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    const { tokens } = openTokens(home, { url: issuer.url });
    await tokens.getToken({ challenged: issuer.challenge() });
    expect(await tokens.signOut({})).toBe(true);
    expect(readFileSync(storeIn(home), "utf8")).not.toMatch(/access-|refresh-/);
    expect(await tokens.signOut({})).toBe(false);
  });

  test.each([
    ["is no bearer token", { token_type: "mac" }],
    ["holds a line break", { access_token: "a\nb" }],
    ["is missing", { access_token: undefined }],
  ])("are refused when what the issuer gives %s", async (_, token) => {
    await using issuer = startFakeIssuer({ token });
    const { tokens } = openTokens(createHome(), { url: issuer.url });
    expect(await codeOf(tokens.getToken({ challenged: issuer.challenge() }))).toBe("sign_in_failed");
  });
});

describe("the client", () => {
  test("registers itself once, as a native one without a secret, and keeps its redirect URI", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    const first = openTokens(home, { url: issuer.url });
    const token = await first.tokens.getToken({ challenged: issuer.challenge() });
    issuer.options.paths = { "/token": () => Response.json({ error: "invalid_grant" }, { status: 400 }) };
    await codeOf(
      openTokens(home, { url: issuer.url }).tokens.getToken({
        rejected: token?.value,
        challenged: issuer.challenge(),
      }),
    );
    expect(issuer.count("/register")).toBe(1);
    const [redirectUris] = [...issuer.clients.values()].slice(1).map((client) => client["redirect_uris"]);
    expect(redirectUris).toEqual([issuer.paramsOf("/authorize").get("redirect_uri")]);
    expect([...issuer.clients.values()].at(-1)).toMatchObject({
      application_type: "native",
      token_endpoint_auth_method: "none",
    });
  });

  test("registers anew when its port is taken, for its redirect URI is another one", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    const first = await openTokens(home, { url: issuer.url }).tokens.getToken({
      challenged: issuer.challenge("a"),
    });
    const port = Number(new URL(issuer.paramsOf("/authorize").get("redirect_uri") ?? "").port);
    await using other = Bun.serve({
      hostname: "127.0.0.1",
      port,
      reusePort: false,
      fetch: () => new Response(),
    });
    const { tokens } = openTokens(home, { url: issuer.url });
    await tokens.getToken();
    const { signal } = new AbortController();
    const denied = issuer.challenge("b", 403);
    expect(await tokens.widenToken({ signal, denied, used: first?.value ?? "" })).toBeDefined();
    expect(issuer.count("/register")).toBe(2);
    expect(other.port).toBe(port);
  });

  test("registers anew when the issuer has forgotten it", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    const first = await openTokens(home, { url: issuer.url }).tokens.getToken({
      challenged: issuer.challenge(),
    });
    let isFirst = true;
    issuer.options.intercept = (path) => {
      if (path !== "/token" || !isFirst) return undefined;
      isFirst = false;
      return Response.json({ error: "invalid_client" }, { status: 401 });
    };
    const { tokens } = openTokens(home, { url: issuer.url });
    const token = await tokens.getToken({ rejected: first?.value, challenged: issuer.challenge() });
    expect(token?.value).toStartWith("access-");
    expect(issuer.count("/register")).toBe(2);
  });

  test("that is configured does not use another one's refresh token", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    await openTokens(home, { url: issuer.url }).tokens.getToken({ challenged: issuer.challenge() });
    const client = { ...noClient, clientId: "pre-registered" };
    const { tokens, person } = openTokens(home, { url: issuer.url, client });
    await tokens.getToken({ challenged: issuer.challenge() });
    expect(person.shown).toHaveLength(1);
    expect(issuer.seen.some(({ params }) => params.get("grant_type") === "refresh_token")).toBe(false);
  });

  test("that was registered beforehand is used, its secret in the header", async () => {
    await using issuer = startFakeIssuer({
      metadata: {
        registration_endpoint: undefined,
        token_endpoint_auth_methods_supported: ["client_secret_basic"],
      },
    });
    const client = { ...noClient, clientId: "pre-registered", clientSecret: "hush" };
    const { tokens } = openTokens(createHome(), { url: issuer.url, client, issuer: issuer.issuer });
    await tokens.getToken({ challenged: issuer.challenge() });
    const { authorization } = issuer.seen.at(-1)!;
    expect(authorization).toBe(`Basic ${btoa("pre-registered:hush")}`);
    expect(issuer.seen.filter((request) => request.authorization !== null)).toHaveLength(1);
  });

  test("describes itself at an address where the issuer takes one, else registers", async () => {
    const clientMetadataUrl = "https://client.example.com/metadata.json";
    for (const client_id_metadata_document_supported of [true, undefined]) {
      await using issuer = startFakeIssuer({ metadata: { client_id_metadata_document_supported } });
      const { tokens } = openTokens(createHome(), {
        url: issuer.url,
        client: { ...noClient, clientMetadataUrl },
      });
      await tokens.getToken({ challenged: issuer.challenge() });
      expect(issuer.count("/register")).toBe(client_id_metadata_document_supported ? 0 : 1);
      const clientId = issuer.paramsOf("/authorize").get("client_id");
      expect(clientId === clientMetadataUrl).toBe(client_id_metadata_document_supported === true);
    }
  });

  test("is told how to register where the issuer takes no registrations", async () => {
    await using issuer = startFakeIssuer({ metadata: { registration_endpoint: undefined } });
    const { tokens } = openTokens(createHome(), { url: issuer.url });
    expect(await codeOf(tokens.getToken({ challenged: issuer.challenge() }))).toBe("sign_in_failed");
  });

  test("of one issuer is never shown to another", async () => {
    await using first = startFakeIssuer();
    await using second = startFakeIssuer();
    const home = createHome();
    const { tokens } = openTokens(home, { url: first.url });
    const token = await tokens.getToken({ challenged: first.challenge() });
    first.options.resourceMetadata = { authorization_servers: [second.issuer] };
    second.options.paths = { "/token": () => Response.json({ access_token: "new", token_type: "bearer" }) };
    const moved = await tokens.getToken({ rejected: token?.value, challenged: first.challenge() });
    expect(moved?.value).toBe("new");
    expect(second.count("/register")).toBe(1);
    expect(second.seen.some(({ params }) => params.get("grant_type") === "refresh_token")).toBe(false);
    expect(readFileSync(storeIn(home), "utf8")).not.toContain(token?.value ?? "-");
  });
});

describe("the scope", () => {
  test.each([
    ["what the server wants now", "read", { scopes_supported: ["all"] }, {}, undefined, "read"],
    ["else what it lists", undefined, { scopes_supported: ["a", "b"] }, {}, undefined, "a b"],
    ["else nothing", undefined, {}, { scopes_supported: ["offline_access"] }, undefined, null],
    ["what is configured", "read", {}, {}, "mine", "mine"],
    [
      "with offline access where the issuer has it",
      "read",
      {},
      { scopes_supported: ["offline_access"] },
      undefined,
      "read offline_access",
    ],
  ])("is %s", async (_, wanted, resourceMetadata, metadata, scope, asked) => {
    await using issuer = startFakeIssuer({ resourceMetadata, metadata });
    const { tokens } = openTokens(createHome(), { url: issuer.url, scope });
    await tokens.getToken({ challenged: issuer.challenge(wanted) });
    expect(issuer.paramsOf("/authorize").get("scope")).toBe(asked);
  });

  test("grows to the union, once for two calls, and is not asked for twice", async () => {
    await using issuer = startFakeIssuer();
    const { tokens, person } = openTokens(createHome(), { url: issuer.url });
    const first = await tokens.getToken({ challenged: issuer.challenge("read") });
    const { signal } = new AbortController();
    const widen = (used = "") => tokens.widenToken({ signal, denied: issuer.challenge("write", 403), used });
    const [a, b] = await Promise.all([widen(first?.value), widen(first?.value)]);
    expect(a?.value).not.toBe(first?.value ?? "");
    expect(b).toEqual(a!);
    expect(issuer.paramsOf("/authorize").get("scope")).toBe("read write");
    expect(await widen(a?.value)).toBeUndefined();
    expect(person.shown).toHaveLength(2);
  });

  test("does not grow where nobody can be asked", async () => {
    await using issuer = startFakeIssuer();
    const home = createHome();
    const token = await openTokens(home, { url: issuer.url }).tokens.getToken({
      challenged: issuer.challenge("read"),
    });
    const { tokens } = openTokens(home, { url: issuer.url, prompts: undefined });
    const { signal } = new AbortController();
    const request = { signal, denied: issuer.challenge("write", 403), used: token?.value ?? "" };
    expect(await tokens.widenToken(request)).toBeUndefined();
  });
});
