import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseAuthority } from "../../lib/auth/client/authority.ts";
import type { EntraTokensOptions } from "../../lib/auth/client/entra-session.ts";
import { createEntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { readBrowserCode } from "../../lib/auth/client/browser-code.ts";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { decideAt, type Form, signInAt } from "../harness/browser.ts";
import { catchAppError, makeFolder, textOf } from "./fixtures.ts";

let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant({ pollIntervalSeconds: 0 });
});
afterAll(() => tenant.stop());

function authority() {
  const found = parseAuthority(`${tenant.origin}/${tenant.tenantId}/v2.0`);
  if (!found) throw new Error("no authority");
  return found;
}

function open(folder: string, more: Partial<EntraTokensOptions>) {
  const { publicClientId: clientId, scope } = tenant;
  const cachePath = join(folder, "cache.json");
  return createEntraTokens({ authority: authority(), clientId, scope, cachePath, login: "browser", ...more });
}

/** Sends a form as a browser does. */
function send({ action, fields }: Form, init: RequestInit = {}): Promise<Response> {
  return fetch(action, { method: "POST", body: fields, ...init });
}

function changed({ action, fields }: Form, changes: Readonly<Record<string, string>>): Form {
  return { action, fields: new URLSearchParams({ ...Object.fromEntries(fields), ...changes }) };
}

describe("a sign-in in a browser", () => {
  test("is by PKCE and form_post to a port of localhost, and its tokens are kept and renewed", async () => {
    using folder = makeFolder();
    const shown: URL[] = [];
    const showAddress = ({ address }: { readonly address: string }) => {
      shown.push(new URL(address));
      void signInAt(address, { person: "gia" });
    };
    const tokens = open(folder.path, { showAddress });
    const { value } = await tokens.signIn();
    expect(Object.fromEntries(shown[0]?.searchParams ?? [])).toMatchObject({
      response_type: "code",
      response_mode: "form_post",
      redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
      state: expect.stringMatching(/^[\w-]{32}$/),
    });
    expect((await tokens.readAccount())?.username).toBe("gia@partner.example");
    const silent = open(folder.path, {});
    expect((await silent.getToken()).value).toBe(value);
    expect((await silent.getToken({ rejected: value })).value).not.toBe(value);
    expect(shown).toHaveLength(1);
  });

  test("has a state, a verifier and a port of its own each time", async () => {
    using folder = makeFolder();
    const shown: URLSearchParams[] = [];
    const showAddress = ({ address }: { readonly address: string }) => {
      shown.push(new URL(address).searchParams);
      void signInAt(address);
    };
    const tokens = open(folder.path, { showAddress });
    await tokens.signIn();
    await tokens.signIn();
    for (const name of ["state", "code_challenge"]) {
      expect(new Set(shown.map((parameters) => parameters.get(name))).size).toBe(2);
    }
  });

  test("is not moved by answers with another state, in the address, twice, or from another host name", async () => {
    using folder = makeFolder();
    const statuses: number[] = [];
    const attack = async (address: string) => {
      const good = await decideAt(address);
      const evil = changed(good, { code: "evil" });
      const query = `${good.action}/?${good.fields.toString()}`;
      const json = { headers: { "content-type": "application/json" }, body: "{}" };
      for (const attempt of [
        () => send(changed(evil, { state: "wrong" })),
        () => send({ ...evil, fields: new URLSearchParams(`${good.fields.toString()}&code=evil`) }),
        () => send({ ...evil, fields: new URLSearchParams("code=evil") }),
        () => fetch(query),
        () => send(evil, json),
        () => send(evil, { headers: { host: "evil.example" } }),
        () => send({ ...evil, action: `${evil.action}/callback` }),
        () => send(good),
        () => send(evil),
      ]) {
        statuses.push((await attempt()).status);
      }
    };
    let attacked: Promise<void> | undefined;
    const showAddress = ({ address }: { readonly address: string }) => {
      attacked = attack(address);
    };
    const signedIn = open(folder.path, { showAddress }).signIn();
    expect((await signedIn).value).toBeTruthy();
    // Its listener may have closed before the last one came.
    await attacked?.catch(() => undefined);
    expect(statuses.slice(0, 8)).toEqual([400, 400, 400, 405, 415, 403, 404, 200]);
    expect(statuses[8] ?? 410).toBe(410);
  });

  test("that is declined says so, and keeps nothing", async () => {
    using folder = makeFolder();
    const showAddress = ({ address }: { readonly address: string }) =>
      void signInAt(address, { decision: "decline" });
    const error = await catchAppError(() => open(folder.path, { showAddress }).signIn());
    expect([error.code, error.exitCode]).toEqual(["sign_in_declined", 3]);
    expect(existsSync(join(folder.path, "cache.json"))).toBe(false);
  });

  test("ends at once when it is cancelled, and frees its port", async () => {
    using folder = makeFolder();
    const cancelled = new AbortController();
    let port = 0;
    const showAddress = ({ address }: { readonly address: string }) => {
      port = Number(new URL(new URL(address).searchParams.get("redirect_uri") ?? "").port);
      cancelled.abort(new Error("enough"));
    };
    const signedIn = open(folder.path, { showAddress }).signIn({ signal: cancelled.signal });
    await expect(signedIn).rejects.toThrow("enough");
    using free = Bun.serve({ port, hostname: "127.0.0.1", reusePort: false, fetch: () => new Response() });
    expect(free.port).toBe(port);
  });

  test("a code that the tenant refuses is explained, and its text stays out", async () => {
    using folder = makeFolder();
    const showAddress = ({ address }: { readonly address: string }) => {
      void decideAt(address).then((good) => send(changed(good, { code: "1.Cnever-given-secret" })));
    };
    const error = await catchAppError(() => open(folder.path, { showAddress }).signIn());
    expect([error.code, error.message]).toEqual(["sign_in_failed", expect.stringContaining("AADSTS9002313")]);
    expect(textOf(error)).not.toContain("never-given-secret");
  });

  test("nobody who may be asked means no sign-in", async () => {
    using folder = makeFolder();
    const error = await catchAppError(() =>
      open(folder.path, { showDeviceCode: () => undefined }).getToken(),
    );
    expect(error.code).toBe("sign_in_required");
  });
});

describe("where a policy blocks device code", () => {
  const run = async (more: Partial<EntraTokensOptions>) => {
    using folder = makeFolder();
    tenant.faults.set({ conditionalAccessBlocks: 1 });
    const fallbacks: boolean[] = [];
    const showAddress = ({
      address,
      isFallback,
    }: {
      readonly address: string;
      readonly isFallback: boolean;
    }) => {
      fallbacks.push(isFallback);
      void signInAt(address);
    };
    const tokens = open(folder.path, { showDeviceCode: () => undefined, showAddress, ...more });
    const outcome = await tokens.getToken().then(
      () => "signed in",
      (error: { readonly code: string }) => error.code,
    );
    tenant.faults.clear();
    return [outcome, ...fallbacks];
  };

  test("auto goes on in a browser, and says why", async () => {
    expect(await run({ login: "auto" })).toEqual(["signed in", true]);
  });

  test("nothing but a policy opens a browser in device code's place", async () => {
    using folder = makeFolder();
    tenant.faults.set({ publicClientFlowsOff: true });
    const showAddress = () => expect.unreachable();
    const tokens = open(folder.path, { login: "auto", showDeviceCode: () => undefined, showAddress });
    const error = await catchAppError(() => tokens.getToken());
    tenant.faults.clear();
    expect([error.code, error.message]).toEqual(["sign_in_failed", expect.stringContaining("AADSTS7000218")]);
  });

  test.each<[string, Partial<EntraTokensOptions>]>([
    ["device does not", { login: "device" }],
    ["auto without a browser does not", { login: "auto", showAddress: undefined }],
  ])("%s, and has a code of its own", async (_, more) => {
    expect(await run(more)).toEqual(["sign_in_blocked"]);
  });
});

describe("the answer in the browser", () => {
  const tenantId = "11111111-2222-4333-8444-555555555555";
  const login = "https://login.microsoftonline.com";
  const byId = { loginUrl: login, tenant: tenantId };
  const byDomain = { loginUrl: login, tenant: "contoso.com" };

  test.each([
    [byId, undefined],
    [byId, `${login}/${tenantId}/v2.0`],
    [byDomain, `${login}/${tenantId}/v2.0`],
  ])("is taken from the tenant that was asked (%#)", (asked, iss) => {
    const params = new URLSearchParams({ code: "good", ...(iss === undefined ? {} : { iss }) });
    expect(readBrowserCode(params, asked)).toBe("good");
  });

  test.each([
    [byId, "https://evil.example/v2.0"],
    [byId, `${login}/99999999-2222-4333-8444-555555555555/v2.0`],
    [byId, ""],
    [byDomain, `https://login.microsoftonline.com.evil.example/${tenantId}/v2.0`],
    [byDomain, "nonsense"],
  ])("is refused from anybody else (%#)", async (asked, iss) => {
    const error = await catchAppError(() =>
      readBrowserCode(new URLSearchParams({ code: "evil", iss }), asked),
    );
    expect([error.code, textOf(error).includes("evil")]).toEqual(["sign_in_failed", false]);
  });

  test("with a policy's error is told from one that the person caused", async () => {
    const params = new URLSearchParams({
      error: "access_denied",
      error_description: "AADSTS53003: Blocked.",
    });
    expect((await catchAppError(() => readBrowserCode(params, byId))).code).toBe("sign_in_blocked");
  });
});
