import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, mock, spyOn, test } from "bun:test";
import { type EntraCloud, entraClouds } from "../../lib/auth/server/entra-cloud.ts";
import type { ErrorCode } from "../../lib/base/errors.ts";
import { createEntraVerifier, type VerifierChanges } from "../auth-server/entra-verifier.ts";
import { type DocumentServer, startDocumentServer } from "./document-server.ts";
import { expectAdmitted, expectRefused } from "./expect-answer.ts";
import { type Stack, startStack } from "./start-stack.ts";
import { makeKey, signToken, type TestKey } from "./test-keys.ts";

const a = "aaaaaaaa-0000-4000-8000-000000000001";
const b = "bbbbbbbb-0000-4000-8000-000000000002";
const c = "cccccccc-0000-4000-8000-000000000003";
const apiClientId = "dddddddd-0000-4000-8000-000000000004";
const clientApp = "eeeeeeee-0000-4000-8000-000000000005";

/** Each tenant signs with its own key, and all of them call it the same. */
const keys = { [a]: makeKey("RS256"), [b]: makeKey("RS256"), [c]: makeKey("RS256") } as const;
type TenantId = keyof typeof keys;

/** A token of Entra's form in any cloud. */
function mint(
  cloud: EntraCloud,
  { tid, key, ver = "2.0", iss }: { tid: TenantId; key?: TestKey; ver?: "1.0" | "2.0"; iss?: TenantId },
): string {
  const now = Math.floor(Date.now() / 1000);
  const issuer = ver === "2.0" ? `${cloud.loginUrl}/${iss ?? tid}/v2.0` : `${cloud.stsUrl}/${iss ?? tid}/`;
  const client = ver === "2.0" ? { azp: clientApp } : { appid: clientApp };
  const times = { iat: now, nbf: now, exp: now + 3600 };
  const claims = {
    ...times,
    ...client,
    ver,
    tid,
    iss: issuer,
    aud: apiClientId,
    oid: tid,
    sub: "s",
    scp: "execute",
  };
  return signToken(key ?? keys[tid], "RS256", { header: { alg: "RS256", typ: "JWT", kid: "key-1" }, claims });
}

function start(changes: Omit<VerifierChanges, "apiClientId">): Stack {
  return startStack({
    verifier: createEntraVerifier({ ...changes, apiClientId }),
    scopes: [`api://${apiClientId}/execute`],
  });
}

type Outcome = readonly [status: 200, tenant: TenantId] | readonly [status: 401 | 503, reason: ErrorCode];

async function expectOutcome(stack: Stack, token: string, [status, outcome]: Outcome): Promise<void> {
  const answer = await stack.askWith(token);
  if (status !== 200) return expectRefused(stack, answer, { status, reason: outcome as ErrorCode }, token);
  expect((await expectAdmitted(answer)).key).toBe(`${outcome}:${outcome}:${clientApp}`);
}

describe("several tenants", () => {
  let server: DocumentServer;
  let cloud: EntraCloud;
  beforeEach(() => {
    server = startDocumentServer();
    cloud = { loginUrl: server.origin, stsUrl: `${server.origin}/sts` };
    for (const [tid, { jwk }] of Object.entries(keys)) {
      const issuer = `${server.origin}/{tenantid}/v2.0`;
      server.documents.set(`/${tid}/discovery/v2.0/keys`, () =>
        Response.json({ keys: [{ ...jwk, issuer }] }),
      );
    }
    server.documents.set("/b.example/v2.0/.well-known/openid-configuration", () =>
      Response.json({ issuer: `${server.origin}/${b}/v2.0` }),
    );
  });
  afterEach(() => server[Symbol.asyncDispose]());

  test.each([
    ["C the first", { tid: a }, 200, a],
    ["C the second", { tid: b }, 200, b],
    ["C the first, v1.0", { tid: a, ver: "1.0" }, 200, a],
    ["2a.22 one that is not listed", { tid: c }, 401, "wrong_tenant"],
    ["2a.22 one that is not listed, by a listed one's key", { tid: c, key: keys[a] }, 401, "wrong_tenant"],
    ["2b.14 the first, by the second's key", { tid: a, key: keys[b] }, 401, "bad_signature"],
    ["2b.14 the second, by the first's key", { tid: b, key: keys[a] }, 401, "bad_signature"],
    ["2b.14 tid of the first, iss of the second", { tid: a, iss: b }, 401, "wrong_issuer"],
    [
      "2b.14 tid of the first, iss of the second, which signed",
      { tid: a, iss: b, key: keys[b] },
      401,
      "wrong_issuer",
    ],
    ["2b.14 v1.0: tid of the second, iss of the first", { tid: b, iss: a, ver: "1.0" }, 401, "wrong_issuer"],
  ] as const)("%s", async (_, sent, status, outcome) => {
    await using stack = start({ cloud, tenants: [a.toUpperCase(), b] });
    await expectOutcome(stack, mint(cloud, sent), [status, outcome] as Outcome);
  });

  test("2b.15 a key of the second that stands in the first's set opens nothing", async () => {
    const foreign = { ...keys[b].jwk, issuer: `${server.origin}/${b}/v2.0` };
    server.documents.set(`/${a}/discovery/v2.0/keys`, () => Response.json({ keys: [foreign] }));
    await using stack = start({ cloud, tenants: [a, b] });
    await expectOutcome(stack, mint(cloud, { tid: a, key: keys[b] }), [401, "wrong_issuer"]);
    await expectOutcome(stack, mint(cloud, { tid: b }), [200, b]);
  });

  test.each([
    ["a v1.0 issuer of the tenant", (origin: string) => `${origin}/sts/${a}/`, 200, a],
    ["a v2.0 issuer of the tenant", (origin: string) => `${origin}/${a}/v2.0`, 200, a],
    ["a v2.0 issuer in upper case", (origin: string) => `${origin}/${a.toUpperCase()}/v2.0`, 200, a],
    ["none at all", () => undefined, 200, a],
    ["another cloud's", () => `https://login.microsoftonline.com/${a}/v2.0`, 401, "wrong_issuer"],
  ] as const)("2b.15 a key's issuer may be: %s", async (_, issuerOf, status, outcome) => {
    const jwk = { ...keys[a].jwk, issuer: issuerOf(server.origin) };
    server.documents.set(`/${a}/discovery/v2.0/keys`, () => Response.json({ keys: [jwk] }));
    await using stack = start({ cloud, tenants: [a] });
    await expectOutcome(stack, mint(cloud, { tid: a }), [status, outcome] as Outcome);
  });

  test("C one tenant's outage does not harm the other", async () => {
    server.documents.set(`/${a}/discovery/v2.0/keys`, () => new Response("down", { status: 500 }));
    await using stack = start({ cloud, tenants: [a, b] });
    await expectOutcome(stack, mint(cloud, { tid: a }), [503, "keys_unavailable"]);
    await expectOutcome(stack, mint(cloud, { tid: b }), [200, b]);
    expect(stack.verifier.isReady()).toBe(true);
  });

  test("2b.25 unknown keys of one tenant leave the other's fetches alone", async () => {
    await using stack = start({ cloud, tenants: [a, b] });
    for (let i = 0; i < 5; i++) {
      const [, ...rest] = mint(cloud, { tid: a }).split(".");
      const header = Buffer.from(JSON.stringify({ alg: "RS256", kid: `x${i}` })).toString("base64url");
      await (await stack.askWith([header, ...rest].join("."))).text();
    }
    expect(server.fetched).toHaveLength(1 + 3);
    await expectOutcome(stack, mint(cloud, { tid: b }), [200, b]);
  });

  test("C a tenant by its domain is looked up before the first token, and only then", async () => {
    await using stack = start({ cloud, tenants: [a, "b.example"] });
    await expectOutcome(stack, mint(cloud, { tid: a }), [200, a]);
    expect(server.fetched).toEqual([`/${a}/discovery/v2.0/keys`]);
    await expectOutcome(stack, mint(cloud, { tid: b }), [200, b]);
    await expectOutcome(stack, mint(cloud, { tid: c }), [401, "wrong_tenant"]);
    expect(server.fetched.filter((path) => path.startsWith("/b.example/"))).toHaveLength(1);
    expect(stack.verifier.issuers()).toEqual([`${server.origin}/${a}/v2.0`, `${server.origin}/${b}/v2.0`]);
  });

  test("C a tenant's configuration may write its GUID in upper case", async () => {
    const configuration = { issuer: `${server.origin}/${b.toUpperCase()}/v2.0` };
    server.documents.set("/b.example/v2.0/.well-known/openid-configuration", () =>
      Response.json(configuration),
    );
    await using stack = start({ cloud, tenants: ["b.example"] });
    await expectOutcome(stack, mint(cloud, { tid: b }), [200, b]);
  });

  test("C while a domain cannot be looked up nobody can say whose a token is", async () => {
    server.documents.delete("/b.example/v2.0/.well-known/openid-configuration");
    await using stack = start({ cloud, tenants: [a, "b.example"] });
    await expectOutcome(stack, mint(cloud, { tid: b }), [503, "keys_unavailable"]);
    await expectOutcome(stack, mint(cloud, { tid: a }), [200, a]);
  });
});

describe("Microsoft's clouds", () => {
  const server = startDocumentServer();
  const asked: string[] = [];
  const realFetch = globalThis.fetch;
  const loginUrls: readonly string[] = Object.values(entraClouds).map(({ loginUrl }) => loginUrl);
  for (const [tid, { jwk }] of Object.entries(keys)) {
    server.documents.set(`/${tid}/discovery/v2.0/keys`, () => Response.json({ keys: [jwk] }));
  }

  /** Leads requests for Microsoft's hosts to loopback; all others go where they say. */
  function divert(input: Parameters<typeof fetch>[0], init?: Parameters<typeof fetch>[1]): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!loginUrls.includes(url.origin)) return realFetch(input, init);
    asked.push(url.href);
    return realFetch(`${server.origin}${url.pathname}`, init);
  }
  beforeAll(() => {
    spyOn(globalThis, "fetch").mockImplementation(Object.assign(divert, { preconnect: () => {} }));
  });
  afterAll(async () => {
    mock.restore();
    await server[Symbol.asyncDispose]();
  });

  const { public: world, usgov, china } = entraClouds;
  test.each([
    ["2b.22 the public one", world, "login.microsoftonline.com"],
    ["2b.22, 2a.23 US Government", usgov, "login.microsoftonline.us"],
    ["2b.22 China", china, "login.partner.microsoftonline.cn"],
  ])("%s lets in its own v1.0 and v2.0 tokens, and fetches its own keys", async (_, cloud, host) => {
    await using stack = start({ cloud, tenants: [a] });
    asked.length = 0;
    await expectOutcome(stack, mint(cloud, { tid: a }), [200, a]);
    await expectOutcome(stack, mint(cloud, { tid: a, ver: "1.0" }), [200, a]);
    expect(asked).toEqual([`https://${host}/${a}/discovery/v2.0/keys`]);
  });

  test.each([
    ["2b.22 US Government's v2.0, at the public one", world, usgov, "2.0"],
    ["2b.22 China's v2.0, at the public one", world, china, "2.0"],
    ["2b.22 China's v1.0, at the public one", world, china, "1.0"],
    ["2b.22 the public v2.0, at US Government", usgov, world, "2.0"],
    ["2b.22 China's v1.0, at US Government", usgov, china, "1.0"],
    ["2b.22 the public v1.0, at China", china, world, "1.0"],
    ["2b.22 the public v2.0, at China", china, world, "2.0"],
  ] as const)("%s: refused", async (_, cloud, other, ver) => {
    await using stack = start({ cloud, tenants: [a] });
    await expectOutcome(stack, mint(other, { tid: a, ver }), [401, "wrong_issuer"]);
  });
});
