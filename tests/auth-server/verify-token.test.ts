import { afterAll, describe, expect, test } from "bun:test";
import { exportJWK, generateKeyPair } from "jose";
import type { EntraCloud } from "../../lib/auth/server/entra-cloud.ts";
import { type Clock, systemClock } from "../../lib/base/clock.ts";
import { AppError, describeErrorCode, type ErrorCode } from "../../lib/base/errors.ts";
import { createEntraVerifier } from "./entra-verifier.ts";
import { apiClientId, appIdUri, startEntraIssuer, tenantId, type TokenChanges } from "./entra-issuer.ts";

const foreignTenant = "22222222-2222-3333-4444-555555555555";

const issuer = await startEntraIssuer();
afterAll(() => issuer[Symbol.asyncDispose]());
const { cloud } = issuer;
const strangers = await generateKeyPair("RS256");

function createVerifier(options: { clock?: Clock; tenants?: readonly string[] } = {}) {
  return createEntraVerifier({ cloud, appIdUris: [appIdUri, "https://mcp.contoso.com/mcp"], ...options });
}

function optionsFor(cloudOfKeys: EntraCloud, clock: Clock) {
  return { cloud: cloudOfKeys, clock, requiredScopes: [] };
}

async function refusalOf(token: string): Promise<AppError> {
  const error: unknown = await createVerifier()
    .verify(token)
    .catch((thrown: unknown) => thrown);
  if (error instanceof AppError) return error;
  throw new Error("the token was let in");
}

const now = Math.floor(Date.now() / 1000);

describe("a token that is let in", () => {
  test.each([
    ["v2.0", "2.0", {}],
    [
      "v2.0 in upper case",
      "2.0",
      { claims: { aud: apiClientId.toUpperCase(), tid: tenantId.toUpperCase() } },
    ],
    ["v1.0 for the App ID URI", "1.0", {}],
    ["v1.0 for the App ID URI with a slash", "1.0", { claims: { aud: `${appIdUri}/` } }],
    ["v1.0 for another App ID URI", "1.0", { claims: { aud: "https://mcp.contoso.com/mcp" } }],
    ["v1.0 for the client id", "1.0", { claims: { aud: apiClientId } }],
    ["v1.0 with x5t", "1.0", { header: { x5t: "key-1" } }],
    ["typ at+jwt", "2.0", { header: { typ: "at+jwt" } }],
    ["no typ", "2.0", { header: { typ: undefined } }],
    ["several scopes", "2.0", { claims: { scp: "read execute" } }],
    ["expired within the skew", "2.0", { claims: { exp: now - 55 } }],
    ["from a clock ahead within the skew", "2.0", { claims: { nbf: now + 55, iat: now + 55 } }],
    ["roles beside its scope", "2.0", { claims: { roles: ["admin"] } }],
  ] satisfies [string, "1.0" | "2.0", TokenChanges][])("%s", async (_, version, changes) => {
    const principal = await createVerifier().verify(await issuer.mint(version, changes));
    expect(principal).toMatchObject({ tenantId, scopes: expect.arrayContaining(["execute"]) });
    expect(principal.key).toBe(
      `${tenantId}:00000000-0000-0000-0000-00000000a11c:99999999-8888-7777-6666-555555555555`,
    );
  });
});

describe("the caller", () => {
  const oid = "00000000-0000-0000-0000-00000000a11c";
  const clientApp = "99999999-8888-7777-6666-555555555555";
  const own = { oid: oid.toUpperCase(), name: "Alice", uti: "u-1", roles: ["admin", 7], scp: "execute read" };

  test.each([
    ["2.0", { azp: clientApp.toUpperCase() }, `${cloud.loginUrl}/${tenantId}/v2.0`],
    ["1.0", { appid: clientApp.toUpperCase() }, `${cloud.stsUrl}/${tenantId}/`],
  ] as const)("of a v%s token has what the token says", async (version, client, iss) => {
    const token = await issuer.mint(version, { claims: { ...own, ...client, exp: now + 100 } });
    expect(await createVerifier().verify(token)).toEqual({
      key: `${tenantId}:${oid}:${clientApp}`,
      issuer: iss,
      tenantId,
      objectId: oid,
      subject: "alice",
      clientApp,
      scopes: ["execute", "read"],
      roles: ["admin"],
      displayName: "Alice",
      username: undefined,
      isApplication: false,
      tokenId: "u-1",
      expiresAtSeconds: now + 100,
    });
  });
});

describe("the caller's key, which owns sessions", () => {
  const keyOf = async (claims: Record<string, unknown>) =>
    (await createVerifier().verify(await issuer.mint("2.0", { claims }))).key;

  test.each([
    ["another person", { oid: "00000000-0000-0000-0000-000000000b0b" }],
    ["another client", { azp: "77777777-8888-7777-6666-555555555555" }],
    ["another subject, where there is no oid", { oid: undefined, sub: "bob" }],
    ["another subject, where oid is no text", { oid: 5, sub: "bob" }],
  ])("differs for %s", async (_, changes) => {
    const alice = "oid" in changes && "sub" in changes ? { oid: changes.oid } : {};
    expect(await keyOf(changes)).not.toBe(await keyOf(alice));
  });

  test("is the same for v1.0 and v2.0 tokens of one person", async () => {
    const [v1, v2] = await Promise.all([issuer.mint("1.0"), issuer.mint("2.0")]);
    expect((await createVerifier().verify(v1)).key).toBe((await createVerifier().verify(v2)).key);
  });
});

describe("a token that is refused", () => {
  test.each([
    ["signed by a stranger under our key id", "2.0", { pair: strangers }, "bad_signature"],
    ["with an unknown key", "2.0", { header: { kid: "key-2" } }, "unknown_key"],
    ["with a number as key id", "2.0", { header: { kid: 1 } }, "unknown_key"],
    ["with a huge key id", "2.0", { header: { kid: "k".repeat(129) } }, "unknown_key"],
    ["with a jku", "2.0", { header: { jku: "http://127.0.0.1/keys" } }, "unsupported_header"],
    ["with a jwk", "2.0", { header: { jwk: { kty: "RSA" } } }, "unsupported_header"],
    ["with an x5u", "2.0", { header: { x5u: "http://127.0.0.1/x" } }, "unsupported_header"],
    ["with an x5c", "2.0", { header: { x5c: [] } }, "unsupported_header"],
    ["of another type", "2.0", { header: { typ: "dpop+jwt" } }, "unsupported_header"],
    ["of version 3.0", "2.0", { claims: { ver: "3.0" } }, "unsupported_version"],
    ["without a version", "2.0", { claims: { ver: undefined } }, "unsupported_version"],
    [
      "v1.0 from the v2.0 issuer",
      "1.0",
      { claims: { iss: `${cloud.loginUrl}/${tenantId}/v2.0` } },
      "wrong_issuer",
    ],
    ["v2.0 from the v1.0 issuer", "2.0", { claims: { iss: `${cloud.stsUrl}/${tenantId}/` } }, "wrong_issuer"],
    [
      "from another tenant's issuer",
      "2.0",
      { claims: { iss: `${cloud.loginUrl}/${foreignTenant}/v2.0` } },
      "wrong_issuer",
    ],
    ["from another tenant", "2.0", { claims: { tid: foreignTenant } }, "wrong_tenant"],
    ["from no tenant", "2.0", { claims: { tid: undefined } }, "missing_claim"],
    ["for another API", "2.0", { claims: { aud: foreignTenant } }, "wrong_audience"],
    ["v2.0 for the App ID URI", "2.0", { claims: { aud: appIdUri } }, "wrong_audience"],
    ["v1.0 for an App ID URI of another API", "1.0", { claims: { aud: `${appIdUri}x` } }, "wrong_audience"],
    ["for several audiences", "2.0", { claims: { aud: [apiClientId] } }, "invalid_claim"],
    ["for Microsoft Graph", "1.0", { claims: { aud: "https://graph.microsoft.com/" } }, "graph_token"],
    [
      "an id token",
      "2.0",
      { claims: { aud: foreignTenant, scp: undefined, azp: undefined, nonce: "n" } },
      "id_token",
    ],
    ["expired", "2.0", { claims: { exp: now - 120 } }, "token_expired"],
    ["expired and without the scope", "2.0", { claims: { exp: now - 120, scp: "read" } }, "token_expired"],
    ["without exp", "2.0", { claims: { exp: undefined } }, "missing_claim"],
    ["without nbf", "2.0", { claims: { nbf: undefined } }, "missing_claim"],
    ["without iat", "2.0", { claims: { iat: undefined } }, "missing_claim"],
    ["with a text as exp", "2.0", { claims: { exp: "never" } }, "invalid_claim"],
    ["not valid yet", "2.0", { claims: { nbf: now + 120 } }, "token_not_yet_valid"],
    ["issued in the future", "2.0", { claims: { iat: now + 86_400 } }, "token_not_yet_valid"],
    ["without a subject", "2.0", { claims: { sub: undefined } }, "missing_claim"],
    ["without a client", "2.0", { claims: { azp: undefined } }, "missing_claim"],
    ["without scopes", "2.0", { claims: { scp: "" } }, "insufficient_scope"],
    ["without scp", "2.0", { claims: { scp: undefined } }, "insufficient_scope"],
    ["v1.0 without scp", "1.0", { claims: { scp: undefined } }, "insufficient_scope"],
    ["with a scope that begins alike", "2.0", { claims: { scp: "execute.all" } }, "insufficient_scope"],
    ["with a scope in upper case", "2.0", { claims: { scp: "EXECUTE" } }, "insufficient_scope"],
    ["with a tab between scopes", "2.0", { claims: { scp: "read\texecute" } }, "insufficient_scope"],
    ["with a list of scopes", "2.0", { claims: { scp: ["execute"] } }, "insufficient_scope"],
    [
      "of an application",
      "2.0",
      { claims: { scp: undefined, roles: ["execute"], oid: "alice" } },
      "app_only_token",
    ],
    ["of an application that says so", "2.0", { claims: { idtyp: "app" } }, "app_only_token"],
  ] satisfies [string, "1.0" | "2.0", TokenChanges, ErrorCode][])("%s", async (_, version, changes, code) => {
    const token = await issuer.mint(version, changes);
    const error = await refusalOf(token);
    expect(error.code).toBe(code);
    expect(error.message).not.toContain(token.split(".")[2] ?? token);
  });

  const encode = (value: unknown) =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  const header = { alg: "RS256", typ: "JWT", kid: "key-1" };

  test.each([
    ["nothing", "", "malformed_token"],
    ["two segments", `${encode(header)}.${encode({})}`, "malformed_token"],
    ["five segments", "a.b.c.d.e", "malformed_token"],
    ["a hundred thousand segments", ".".repeat(100_000), "malformed_token"],
    ["16 001 characters", "a".repeat(16_001), "malformed_token"],
    ["no signature", `${encode(header)}.${encode({})}.`, "malformed_token"],
    ["a signature with stray bits", `${encode(header)}.${encode({})}.AB`, "malformed_token"],
    ["padding", `${encode(header)}=.${encode({})}.AAAA`, "malformed_token"],
    ["a header that is no JSON", `${encode("nonsense")}.${encode({})}.AAAA`, "malformed_token"],
    ["a header that is a list", `${encode([])}.${encode({})}.AAAA`, "malformed_token"],
    [
      "a member twice",
      `${encode('{"alg":"none","alg":"RS256","kid":"key-1"}')}.${encode({})}.AAAA`,
      "malformed_token",
    ],
    [
      "a member twice, escaped",
      `${encode(header)}.${encode('{"aud":"a","\\u0061ud":"b"}')}.AAAA`,
      "malformed_token",
    ],
    [
      "a member twice, nested",
      `${encode(header)}.${encode('{"x":[{"a":1,"a":2}]}')}.AAAA`,
      "malformed_token",
    ],
    [
      "deep nesting",
      `${encode(header)}.${encode(`${"[".repeat(50)}${"]".repeat(50)}`)}.AAAA`,
      "malformed_token",
    ],
    [
      "bytes that are no UTF-8",
      `${encode(header)}.${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.AAAA`,
      "malformed_token",
    ],
    ["alg none", `${encode({ ...header, alg: "none" })}.${encode({})}.AAAA`, "unsupported_algorithm"],
    ["alg HS256", `${encode({ ...header, alg: "HS256" })}.${encode({})}.AAAA`, "unsupported_algorithm"],
    ["alg PS256", `${encode({ ...header, alg: "PS256" })}.${encode({})}.AAAA`, "unsupported_algorithm"],
    ["crit", `${encode({ ...header, crit: ["exp"] })}.${encode({})}.AAAA`, "unsupported_header"],
    [
      "a member named __proto__",
      `${encode('{"__proto__":{"alg":"RS256"},"kid":"key-1"}')}.${encode({})}.AAAA`,
      "unsupported_algorithm",
    ],
  ] satisfies [string, string, ErrorCode][])("with %s", async (_, token, code) => {
    expect((await refusalOf(token)).code).toBe(code);
  });

  test.each([
    ["another tenant", foreignTenant, "wrong_issuer"],
    ["another tenant, v1.0", `sts/${foreignTenant}`, "wrong_issuer"],
    ["any tenant", "{tenantid}", undefined],
    ["our tenant", tenantId, undefined],
    ["our tenant, v1.0", `sts/${tenantId}`, undefined],
  ])("or not, by the issuer of its key: %s", async (_, keyTenant, code) => {
    await using other = await startEntraIssuer();
    const end = keyTenant.startsWith("sts/") ? "/" : "/v2.0";
    const jwk = { ...other.jwk, issuer: `${other.cloud.loginUrl}/${keyTenant}${end}` };
    other.state.respond = () => Response.json({ keys: [jwk] });
    const verifier = createEntraVerifier(optionsFor(other.cloud, systemClock));
    const outcome = await verifier.verify(await other.mint("2.0")).catch((error: AppError) => error);
    expect(outcome instanceof AppError ? outcome.code : undefined).toBe(code as ErrorCode | undefined);
  });
});

describe("keys", () => {
  test("a tenant given as a domain is resolved to its GUID", async () => {
    const verifier = createVerifier({ tenants: ["contoso.com"] });
    expect(verifier.isReady()).toBe(false);
    await verifier.warmUp(new AbortController().signal);
    expect(verifier.issuers()).toEqual([`${cloud.loginUrl}/${tenantId}/v2.0`]);
    expect(verifier.isReady()).toBe(true);
    expect(await verifier.verify(await issuer.mint("2.0"))).toMatchObject({ tenantId });
  });

  test("a tenant's domain is looked up once, however often the keys are fetched", async () => {
    await using other = await startEntraIssuer();
    const give = other.state.respond;
    other.state.respond = () => new Response("down", { status: 500 });
    let nowMs = Date.now();
    const clock = { nowMs: () => nowMs };
    const verifier = createEntraVerifier({ ...optionsFor(other.cloud, clock), tenants: ["contoso.com"] });
    const token = await other.mint("2.0");
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: "keys_unavailable" });
    other.state.respond = give;
    nowMs += 1000;
    expect(await verifier.verify(token)).toMatchObject({ tenantId });
    expect(other.state).toMatchObject({ fetches: 2, lookups: 1 });
  });

  test.each([
    ["an error", () => new Response("down", { status: 500 })],
    ["HTML", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["a redirect", () => Response.redirect("http://127.0.0.1:1/", 302)],
    ["no usable key", () => Response.json({ keys: [{ kty: "oct", k: "AAAA", kid: "key-1" }] })],
    ["too much", () => new Response("x".repeat(600_000))],
  ])("a key set that answers %s makes 503, never 401", async (_, respond) => {
    await using other = await startEntraIssuer();
    other.state.respond = respond;
    const verifier = createEntraVerifier(optionsFor(other.cloud, systemClock));
    const error = await verifier.verify(await other.mint("2.0")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "keys_unavailable", retryAfterSeconds: 1 });
    expect(describeErrorCode("keys_unavailable").status).toBe(503);
    expect(verifier.isReady()).toBe(false);
  });

  test("a rolled-over key is taken on its first request, with one fetch for all", async () => {
    await using other = await startEntraIssuer();
    const verifier = createEntraVerifier(optionsFor(other.cloud, systemClock));
    await verifier.verify(await other.mint("2.0"));
    const pair = await generateKeyPair("RS256", { extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: "key-2" };
    other.state.respond = () => Response.json({ keys: [jwk] });
    const token = await other.mint("2.0", { pair, header: { kid: "key-2" } });
    const callers = Array.from({ length: 20 }, () => verifier.verify(token));
    expect(await Promise.all(callers)).toHaveLength(20);
    expect(other.state.fetches).toBe(2);
  });

  test("unknown key ids cause 3 fetches in 5 minutes, then 503; known keys go on", async () => {
    await using other = await startEntraIssuer();
    let nowMs = Date.now();
    const verifier = createEntraVerifier(optionsFor(other.cloud, { nowMs: () => nowMs }));
    const codes = new Set<unknown>();
    for (let i = 0; i < 50; i++) {
      const token = await other.mint("2.0", { header: { kid: `unknown-${i}` } });
      await verifier
        .verify(token)
        .catch((error: unknown) => codes.add(error instanceof AppError && error.code));
    }
    expect(other.state.fetches).toBe(1 + 3);
    expect([...codes]).toEqual(["unknown_key", "keys_unavailable"]);
    expect(await verifier.verify(await other.mint("2.0"))).toMatchObject({ tenantId });
    nowMs += 301_000;
    const late = await other.mint("2.0", { header: { kid: "unknown-late" } });
    await expect(verifier.verify(late)).rejects.toMatchObject({ code: "unknown_key" });
    expect(other.state.fetches).toBe(1 + 3 + 1);
  });

  test("the last good set serves through an outage for 24 h and no longer", async () => {
    await using other = await startEntraIssuer();
    let nowMs = Date.now();
    const verifier = createEntraVerifier(optionsFor(other.cloud, { nowMs: () => nowMs }));
    await verifier.verify(await other.mint("2.0"));
    other.state.respond = () => new Response("down", { status: 500 });
    nowMs += 23 * 3_600_000;
    const later = () => {
      const seconds = Math.floor(nowMs / 1000);
      return other.mint("2.0", { claims: { iat: seconds, nbf: seconds, exp: seconds + 3600 } });
    };
    expect(await verifier.verify(await later())).toMatchObject({ tenantId });
    nowMs += 2 * 3_600_000;
    await expect(verifier.verify(await later())).rejects.toMatchObject({ code: "keys_unavailable" });
  });

  test("warming up goes on until the keys are there, or nobody wants them any more", async () => {
    await using other = await startEntraIssuer();
    const give = other.state.respond;
    other.state.respond = () => {
      if (other.state.fetches >= 1) other.state.respond = give;
      return new Response("down", { status: 500 });
    };
    const verifier = createEntraVerifier(optionsFor(other.cloud, systemClock));
    await verifier.warmUp(new AbortController().signal);
    expect(verifier.isReady()).toBe(true);
    expect(other.state.fetches).toBe(2);
    const stopped = createEntraVerifier(optionsFor(other.cloud, systemClock));
    await stopped.warmUp(AbortSignal.abort());
    expect(other.state.fetches).toBe(2);
  });

  test("twenty callers at a cold start cause one fetch", async () => {
    await using other = await startEntraIssuer();
    const verifier = createEntraVerifier(optionsFor(other.cloud, systemClock));
    const token = await other.mint("2.0");
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)));
    expect(other.state.fetches).toBe(1);
  });
});
