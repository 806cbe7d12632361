import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { authorizeUrl, decideInBrowser, redirectUri, verifier } from "./authorize.ts";
import { type Fields, ManualClock, msalScope, readJson } from "./sign-in.ts";
import { takeApart } from "./take-apart.ts";

const pageOrigin = "http://localhost:8123";
const spa = { redirect_uri: `${pageOrigin}/`, response_mode: "fragment", nonce: "a-nonce" };
const clock = new ManualClock();

let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant({ clock });
  tenant.registerSpa([pageOrigin]);
});
afterAll(() => tenant.stop());

function answerOf(response: Response): URLSearchParams {
  return new URLSearchParams(new URL(response.headers.get("location") ?? "").hash.slice(1));
}

async function getSpaCode(): Promise<string> {
  return answerOf(await decideInBrowser(tenant, spa)).get("code") ?? "";
}

function postToken(fields: Fields, origin?: string): Promise<Response> {
  const sent = { client_id: tenant.publicClientId, scope: msalScope(tenant), ...fields };
  const filled = Object.entries(sent).filter((field): field is [string, string] => field[1] !== undefined);
  return fetch(`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams(filled),
    headers: origin === undefined ? {} : { origin },
  });
}

const redeemCode = (code: string, origin?: string, replyTo = spa.redirect_uri) =>
  postToken(
    { grant_type: "authorization_code", code, redirect_uri: replyTo, code_verifier: verifier },
    origin,
  );

const renew = (token: unknown, origin?: string) =>
  postToken({ grant_type: "refresh_token", refresh_token: String(token) }, origin);

async function codesOf(response: Response): Promise<unknown> {
  return (await readJson(response))["error_codes"];
}

describe("a single-page application", () => {
  test("gets its code in the fragment, its tokens across origins, and its nonce in the id token", async () => {
    const answer = await decideInBrowser(tenant, spa);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toStartWith(`${pageOrigin}/#code=`);
    const redeemed = await redeemCode(answerOf(answer).get("code") ?? "", pageOrigin);
    expect(redeemed.headers.get("access-control-allow-origin")).toBe(pageOrigin);
    const tokens = await readJson(redeemed);
    expect(takeApart(String(tokens["id_token"])).claims).toMatchObject({ nonce: "a-nonce" });
    const renewed = await renew(tokens["refresh_token"], pageOrigin);
    expect([renewed.status, renewed.headers.get("access-control-allow-origin")]).toEqual([200, pageOrigin]);
  });

  test("is the only one to redeem what was made for it", async () => {
    const code = await getSpaCode();
    expect(await codesOf(await redeemCode(code))).toEqual([9002327]);
    const tokens = await readJson(await redeemCode(code, pageOrigin));
    expect(await codesOf(await renew(tokens["refresh_token"]))).toEqual([9002327]);
  });

  test("does not redeem what was made for a program", async () => {
    const answer = await decideInBrowser(tenant, { redirect_uri: redirectUri });
    const code = new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
    expect(await codesOf(await redeemCode(code, pageOrigin, redirectUri))).toEqual([9002326]);
  });

  test("may read why it was refused", async () => {
    const refused = await redeemCode("unknown", pageOrigin);
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([400, pageOrigin]);
  });

  test("has to sign in again after a day", async () => {
    const tokens = await readJson(await redeemCode(await getSpaCode(), pageOrigin));
    clock.advanceSeconds(24 * 3600);
    expect(await codesOf(await renew(tokens["refresh_token"], pageOrigin))).toEqual([700082]);
  });

  test("is told that a silent sign-in finds nobody", async () => {
    const answer = await fetch(authorizeUrl(tenant, { ...spa, prompt: "none" }), { redirect: "manual" });
    expect(answerOf(answer).get("error")).toBe("login_required");
  });
});

describe("a page that is not registered", () => {
  test.each(["http://localhost:8124", "https://evil.example", "null"])(
    "is refused from %s",
    async (origin) => {
      const answer = await redeemCode(await getSpaCode(), origin);
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    },
  );

  test("gets no preflight, and a registered one gets it for tokens alone", async () => {
    const ask = (path: string, origin: string) =>
      fetch(`${tenant.origin}${path}`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-headers": "x-one, x-two" },
      });
    const tokenPath = `/${tenant.tenantId}/oauth2/v2.0/token`;
    const good = await ask(tokenPath, pageOrigin);
    expect([good.status, good.headers.get("access-control-allow-headers")]).toEqual([204, "x-one, x-two"]);
    expect((await ask(tokenPath, "http://localhost:8124")).status).toBe(403);
    expect((await ask("/devicelogin", pageOrigin)).status).toBe(403);
  });
});

describe("the sign-out page", () => {
  const logoutUrl = (target: string) =>
    `${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/logout?${new URLSearchParams({ post_logout_redirect_uri: target, state: "s" })}`;

  test("sends the browser back to a registered address", async () => {
    const answer = await fetch(logoutUrl(`${pageOrigin}/`), { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, `${pageOrigin}/?state=s`]);
  });

  test.each([
    `http://localhost:8124/`,
    "https://evil.example/",
    `${pageOrigin}/other`,
    `${pageOrigin}/?a=b`,
    "http://a@localhost:8123/",
  ])("sends it nowhere else: %s", async (target) => {
    const answer = await fetch(logoutUrl(target), { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
  });
});
