import { afterAll, beforeAll, expect, test } from "bun:test";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import {
  authorizeUrl,
  decideInBrowser,
  decideOnce,
  getCode,
  parametersOf,
  redeem,
  verifier,
} from "./authorize.ts";
import { type Fields, ManualClock, readJson, readRefusal, refresh, refusal } from "./sign-in.ts";
import { takeApart } from "./take-apart.ts";

const clock = new ManualClock();
let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant({ clock });
});
afterAll(() => tenant.stop());

test("a person signs in on the page, and the code gets tokens for that person", async () => {
  const answer = await decideInBrowser(tenant, { client_info: "1" }, { person: "ben" });
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toStartWith("http://localhost:7777/?");
  const { code = "", ...others } = parametersOf(answer);
  expect(others).toEqual({
    state: "a state & more",
    iss: `${tenant.origin}/${tenant.tenantId}/v2.0`,
    client_info: expect.any(String),
    session_state: expect.any(String),
  });
  const tokens = await readJson(await redeem(tenant, code, { client_info: "1" }));
  expect(tokens).toMatchObject({ token_type: "Bearer", client_info: others["client_info"] });
  expect(takeApart(String(tokens["access_token"])).claims).toMatchObject({ name: "Ben Okafor", scp: "read" });
  expect((await refresh(tenant, tokens["refresh_token"])).status).toBe(200);
});

test("form_post brings the answer in a form that sends itself, and in no address", async () => {
  const answer = await decideInBrowser(tenant, { response_mode: "form_post", state: '"><script>' });
  const page = await answer.text();
  expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
  expect(page).toContain('<form method="post" action="http://localhost:7777">');
  expect(page).toContain('name="state" value="&quot;&gt;&lt;script&gt;"');
  expect(page).toMatch(/name="code" value="1\.C[\w-]+"/);
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("form-action 'self' http://localhost:7777;");
  const script = /<script>(.*?)<\/script>/.exec(page)?.[1] ?? "";
  expect(policy).toContain(new Bun.CryptoHasher("sha256").update(script).digest("base64"));
});

test.each<[string, Fields, number]>([
  ["an unknown client", { client_id: "dec0de00-0000-4000-8000-00000000ffff" }, 700016],
  ["the API as client", { client_id: "dec0de00-0000-4000-8000-0000000000a1" }, 7000218],
  ["no reply address", { redirect_uri: undefined }, 900144],
  ["another host", { redirect_uri: "http://evil.example" }, 50011],
  ["a host that begins like ours", { redirect_uri: "http://localhost.evil.example" }, 50011],
  ["https", { redirect_uri: "https://localhost:7777" }, 50011],
  ["a path that is not registered", { redirect_uri: "http://localhost:7777/other" }, 50011],
  ["a user name", { redirect_uri: "http://a@localhost:7777" }, 50011],
  ["a fragment", { redirect_uri: "http://localhost:7777/#x" }, 50011],
  ["response mode web_message", { response_mode: "web_message" }, 70007],
])("with %s nothing is sent anywhere: a page says why", async (_, changes, code) => {
  const answer = await fetch(authorizeUrl(tenant, changes), { redirect: "manual" });
  expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  expect(await answer.text()).toContain(`AADSTS${code}:`);
});

test.each<[string, Fields, string, number]>([
  ["no PKCE", { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request", 9002325],
  ["PKCE without a method, which is plain", { code_challenge_method: undefined }, "invalid_request", 9002325],
  ["PKCE by plain", { code_challenge_method: "plain", code_challenge: verifier }, "invalid_request", 9002325],
  ["a challenge of a wrong size", { code_challenge: "short" }, "invalid_request", 501491],
  ["an implicit token", { response_type: "token" }, "unsupported_response_type", 700054],
  ["no scope", { scope: undefined }, "invalid_request", 900144],
  ["a bare scope", { scope: "execute" }, "invalid_client", 650053],
  ["an unknown API", { scope: "api://x/execute" }, "invalid_resource", 500011],
])("with %s the application is told, and gets its state back", async (_, changes, error, code) => {
  const answer = await fetch(authorizeUrl(tenant, changes), { redirect: "manual" });
  expect(answer.status).toBe(303);
  expect(parametersOf(answer)).toMatchObject({
    error,
    error_description: expect.stringContaining(`AADSTS${code}: `),
    state: "a state & more",
    iss: expect.any(String),
  });
});

test("a person who declines is an error for the application, and gets no code", async () => {
  const parameters = parametersOf(await decideInBrowser(tenant, {}, { decision: "decline" }));
  expect(parameters).toMatchObject({ error: "access_denied", state: "a state & more" });
  expect(parameters["code"]).toBeUndefined();
});

test("a sign-in is decided once, and a wrong form decides nothing", async () => {
  const page = await (await fetch(authorizeUrl(tenant))).text();
  const request = /name="request" value="([^"]+)"/.exec(page)?.[1];
  expect((await decideOnce(tenant, { request, person: "nobody" })).status).toBe(400);
  expect((await decideOnce(tenant, { request, decision: "maybe" })).status).toBe(400);
  expect((await decideOnce(tenant, { request })).status).toBe(303);
  expect((await decideOnce(tenant, { request })).status).toBe(400);
  expect((await decideOnce(tenant, { request: "unknown" })).status).toBe(400);
});

test.each<[string, Fields, [number, string, number]]>([
  ["another verifier", { code_verifier: `${verifier}x` }, [400, "invalid_grant", 501481]],
  ["no verifier", { code_verifier: undefined }, [400, "invalid_request", 900144]],
  ["another port", { redirect_uri: "http://localhost:7778" }, [400, "invalid_grant", 500112]],
  ["another client", { client_id: "dec0de00-0000-4000-8000-0000000000a1" }, [401, "invalid_client", 7000218]],
])("a code is not redeemed with %s, and stays good for whom it is", async (_, changes, expected) => {
  const code = await getCode(tenant);
  expect(await readRefusal(await redeem(tenant, code, changes))).toEqual(refusal(...expected));
  expect((await redeem(tenant, code)).status).toBe(200);
});

test("a code is good once; the second use ends the tokens of the first", async () => {
  const code = await getCode(tenant);
  const [a, b] = await Promise.all([redeem(tenant, code), redeem(tenant, code)]);
  expect([a.status, b.status].toSorted()).toEqual([200, 400]);
  const tokens = await readJson(a.ok ? a : b);
  expect(await readRefusal(await redeem(tenant, code))).toEqual(refusal(400, "invalid_grant", 54005));
  expect(await readRefusal(await refresh(tenant, tokens["refresh_token"]))).toMatchObject({ codes: [50173] });
});

test("a code dies after ten minutes, and nobody redeems what was never given", async () => {
  const code = await getCode(tenant);
  clock.advanceSeconds(600);
  expect(await readRefusal(await redeem(tenant, code))).toEqual(refusal(400, "invalid_grant", 70008));
  expect(await readRefusal(await redeem(tenant, "1.Cnone"))).toEqual(refusal(400, "invalid_grant", 9002313));
});
