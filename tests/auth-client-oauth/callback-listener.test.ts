import { describe, expect, test } from "bun:test";
import { openCallbackListener } from "../../lib/auth/client/callback-listener.ts";
import { startFakeIssuer } from "./fake-issuer.ts";
import { codeOf, createHome, openTokens } from "./open-tokens.ts";

function listen(limitMs?: number) {
  const listener = openCallbackListener({ port: 0, state: "right", limitMs });
  const at = (query: string) => `${listener.redirectUri}?${query}`;
  return { listener, at, [Symbol.dispose]: () => listener.close() };
}

describe("the place where the browser comes back to", () => {
  test("listens on 127.0.0.1 alone", () => {
    using open = listen();
    expect(open.listener.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  });

  test.each([
    ["a wrong state", "?code=evil&state=wrong", {}, 400],
    ["no state", "?code=evil", {}, 400],
    ["the state of another case", "?code=evil&state=RIGHT", {}, 400],
    ["two states", "?code=evil&state=right&state=wrong", {}, 400],
    ["two codes", "?code=evil&code=good&state=right", {}, 400],
    ["another path", "/../other?code=evil&state=right", {}, 404],
    ["another method", "?code=evil&state=right", { method: "POST" }, 405],
    ["another host name", "?code=evil&state=right", { headers: { host: "evil.example" } }, 403],
  ])("is not moved by a request with %s, and waits on", async (_, suffix, init, status) => {
    using open = listen();
    const arrival = open.listener.wait({});
    const refused = await fetch(`${open.listener.redirectUri}${suffix}`, init);
    expect(refused.status).toBe(status);
    expect(await refused.text()).not.toContain("evil");
    expect((await fetch(open.at("code=good&state=right"))).status).toBe(200);
    expect((await arrival).get("code")).toBe("good");
  });

  test("takes the first right answer, and no second one", async () => {
    using open = listen();
    const arrival = open.listener.wait({});
    await fetch(open.at("code=first&state=right"));
    expect((await fetch(open.at("code=second&state=right"))).status).toBe(410);
    expect((await arrival).get("code")).toBe("first");
  });

  test("answers with a page that runs nothing, keeps nothing and shows nothing of what came", async () => {
    using open = listen();
    const page = await fetch(open.at("code=secret-code&state=right&error_description=<script>"));
    const text = await page.text();
    expect(text).not.toMatch(/script|secret-code/);
    expect(page.headers.get("content-security-policy")).toStartWith("default-src 'none'");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
  });

  test("gives up after its time, and when it is told to", async () => {
    using open = listen(1);
    expect(await codeOf(open.listener.wait({}))).toBe("sign_in_expired");
    using other = listen();
    const reason = new Error("enough");
    expect(other.listener.wait({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("says so when its port is taken", () => {
    using open = listen();
    const port = Number(new URL(open.listener.redirectUri).port);
    expect(() => openCallbackListener({ port, state: "x" })).toThrow("cannot be listened on");
  });
});

describe("what the browser brings back", () => {
  test.each([
    ["from another issuer", { iss: "https://evil.example" }, "untrusted_destination"],
    ["with an issuer that only looks the same", { iss: "HTTP://127.0.0.1/" }, "untrusted_destination"],
    ["without the issuer that was promised", { iss: undefined }, "untrusted_destination"],
    [
      "an error of another issuer",
      { code: undefined, error: "access_denied", iss: "https://evil.example" },
      "untrusted_destination",
    ],
    ["a refusal", { code: undefined, error: "access_denied" }, "sign_in_declined"],
    ["another error", { code: undefined, error: "server_error" }, "sign_in_failed"],
    ["nothing", { code: undefined }, "sign_in_failed"],
  ])("%s ends the sign-in before the code is sent anywhere", async (_, callback, code) => {
    await using issuer = startFakeIssuer({ callback });
    const { tokens } = openTokens(createHome(), { url: issuer.url });
    expect(await codeOf(tokens.getToken({ challenged: issuer.challenge() }))).toBe(code);
    expect(issuer.count("/token")).toBe(0);
  });

  test("of another process with a wrong state changes nothing", async () => {
    await using issuer = startFakeIssuer();
    const visits: Promise<unknown>[] = [];
    const show = (address: string) => {
      const callback = new URL(new URL(address).searchParams.get("redirect_uri") ?? "");
      const attack = async () => {
        expect((await fetch(`${callback}?code=stolen&state=guess&iss=${issuer.issuer}`)).status).toBe(400);
        expect((await fetch(`${callback.origin}/other?state=guess`)).status).toBe(404);
        await fetch(address);
      };
      visits.push(attack());
    };
    const { tokens } = openTokens(createHome(), { url: issuer.url, prompts: { show } });
    expect((await tokens.getToken({ challenged: issuer.challenge() }))?.value).toStartWith("access-");
    await Promise.all(visits);
    expect(issuer.count("/token")).toBe(1);
    expect(issuer.paramsOf("/token").get("code")).not.toBe("stolen");
  });

  test("is a code of somebody else's sign-in: the issuer's PKCE check ends it", async () => {
    await using issuer = startFakeIssuer({ callback: { code: "code-of-another" } });
    const { tokens } = openTokens(createHome(), { url: issuer.url });
    expect(await codeOf(tokens.getToken({ challenged: issuer.challenge() }))).toBe("sign_in_failed");
  });

  test("may come after the time is over", async () => {
    await using issuer = startFakeIssuer();
    const { tokens } = openTokens(createHome(), {
      url: issuer.url,
      prompts: { show() {} },
      signInLimitMs: 1,
    });
    expect(await codeOf(tokens.getToken({ challenged: issuer.challenge() }))).toBe("sign_in_expired");
    const { tokens: retrying } = openTokens(createHome(), { url: issuer.url });
    expect((await retrying.getToken({ challenged: issuer.challenge() }))?.value).toStartWith("access-");
  });
});
