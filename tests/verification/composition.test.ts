import { afterAll, describe, expect, test } from "bun:test";
import { composeAuthentication } from "../../cmd/mcp-server/authentication.ts";
import { protectionOf } from "../../cmd/mcp-server/dev-tenant.ts";
import type { EntraProtection } from "../../cmd/mcp-server/protection.ts";
import type { ErrorCode } from "../../lib/base/errors.ts";
import { silentLog } from "../../lib/base/log.ts";
import { serverProgram } from "../../lib/config/mcp-server.ts";
import { parseArgv } from "../../lib/config/parse-argv.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";
import { startDevTenant } from "../../lib/devtenant/start.ts";
import type { AccessTokenOverrides } from "../../lib/devtenant/token-overrides.ts";
import { expectAdmitted, expectRefused, parseChallenge } from "./expect-answer.ts";
import { startStack } from "./start-stack.ts";

const tenant = await startDevTenant();
afterAll(() => tenant.stop());
const { publicClientId, daemonClientId } = tenant;

/** The server that these flags make of `mcp-server --dev`. */
function start(argv: readonly string[], changes: Partial<EntraProtection> = {}) {
  const { flags } = parseArgv(serverProgram, argv);
  const sources = { flags, environment: {}, envFile: undefined };
  const { values: settings } = resolveSettings(serverProgram.options, sources);
  const protection = { ...protectionOf(tenant), ...changes };
  return startStack(composeAuthentication(protection, { settings, deniedTokens: undefined, log: silentLog }));
}

type Row = readonly [
  flags: string,
  sent: AccessTokenOverrides,
  status: 200 | 401 | 403,
  outcome: ErrorCode | "in",
];

const run = { roles: ["run"] };
const rows: readonly Row[] = [
  ["", {}, 200, "in"],
  ["", { lifetimeSeconds: -30 }, 200, "in"],
  ["--clock-skew-seconds 0", { lifetimeSeconds: -30 }, 401, "token_expired"],
  ["--clock-skew-seconds 600", { lifetimeSeconds: -500 }, 200, "in"],
  ["", { person: "gia" }, 403, "guest_not_allowed"],
  ["--allow-guests", { person: "gia" }, 200, "in"],
  ["", { kind: "app", claims: run }, 403, "app_only_token"],
  ["--app-roles walk,run", { kind: "app", claims: run }, 200, "in"],
  ["--app-roles walk", { kind: "app", claims: run }, 403, "missing_role"],
  [`--allowed-clients ${publicClientId.toUpperCase()}`, {}, 200, "in"],
  [`--allowed-clients ${daemonClientId}`, {}, 403, "client_not_allowed"],
  ["--required-scopes execute,read", {}, 403, "insufficient_scope"],
  ["--required-scopes execute,read", { scopes: ["read", "execute"] }, 200, "in"],
  ["--required-scopes read", {}, 403, "insufficient_scope"],
  ["--terse-errors", { key: "foreign" }, 401, "bad_signature"],
];

describe("the flags of mcp-server", () => {
  test.each(rows.map((row) => [`${row[0] || "none"}: ${row[3]}`, row] as const))("%s", async (_, row) => {
    const [flags, sent, status, outcome] = row;
    await using stack = start(flags === "" ? [] : flags.split(" "));
    const token = await tenant.mintAccessToken(sent);
    const answer = await stack.askWith(token);
    if (outcome === "in") await expectAdmitted(answer);
    else await expectRefused(stack, answer, { status, reason: outcome }, token);
  });

  test("--unknown-key-fetches and --unknown-key-window-seconds bound what strangers can cause", async () => {
    await using stack = start(["--unknown-key-fetches", "1", "--unknown-key-window-seconds", "77"]);
    const before = tenant.counts.jwks;
    for (const [kid, status] of [
      ["a", 401],
      ["b", 503],
    ] as const) {
      const answer = await stack.askWith(await tenant.mintAccessToken({ header: { kid } }));
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([
        status,
        status === 503 ? "77" : null,
      ]);
      await answer.text();
    }
    expect(tenant.counts.jwks - before).toBe(2);
  });

  test("--terse-errors hides the reason also where the keys cannot be had", async () => {
    tenant.faults.set({ jwks: "error" });
    await using stack = start(["--terse-errors"]);
    const answer = await stack.askWith(await tenant.mintAccessToken());
    await expectRefused(stack, answer, { status: 503, reason: "keys_unavailable" });
    tenant.faults.clear();
  });
});

describe("the metadata of the protected resource", () => {
  const path = "/.well-known/oauth-protected-resource";
  const issuer = `${tenant.origin}/${tenant.tenantId}/v2.0`;

  test.each([path, `${path}/mcp`, `${path}/mcp/`])("2a.28 lie at %s, without a token", async (place) => {
    await using stack = start([]);
    const answer = await fetch(stack.origin + place);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(await answer.json()).toEqual({
      resource: stack.url,
      authorization_servers: [issuer],
      scopes_supported: [tenant.scope],
      bearer_methods_supported: ["header"],
      resource_name: "mcp-server",
      entra_public_client_id: publicClientId,
    });
  });

  test.each([`${path}/other`, `${path}x`, `${path}/mcp/x`, "/.well-known/openid-configuration"])(
    "2a.28 do not lie at %s",
    async (place) => {
      await using stack = start([]);
      expect((await fetch(stack.origin + place)).status).toBe(404);
    },
  );

  test.each(["https://mcp.contoso.com/mcp", "https://mcp.contoso.com/mcp/"])(
    "2a.26, 2a.28 name --public-url %s without a slash, in document and challenge",
    async (publicUrl) => {
      await using stack = start(["--public-url", publicUrl]);
      const document = await (await fetch(stack.origin + path)).json();
      expect(document).toMatchObject({
        resource: "https://mcp.contoso.com/mcp",
        scopes_supported: [tenant.scope],
      });
      const challenge = parseChallenge((await stack.ask({})).headers.get("www-authenticate"));
      expect(challenge).toEqual([
        ["scope", tenant.scope],
        ["resource_metadata", `https://mcp.contoso.com${path}/mcp`],
      ]);
    },
  );

  test.each([
    ["LOCALHOST:8000", "http://localhost:8000"],
    ["127.1", "http://127.0.0.1"],
    ["2130706433:80", "http://127.0.0.1"],
    ["[::1]:9", "http://[::1]:9"],
  ])("2a.28 name the host %s as URLs write it, in document and challenge", async (host, origin) => {
    await using stack = start([]);
    const headers = { host };
    expect(await (await fetch(stack.origin + path, { headers })).json()).toMatchObject({
      resource: `${origin}/mcp`,
    });
    const challenge = parseChallenge((await stack.ask(headers)).headers.get("www-authenticate"));
    expect(challenge).toContainEqual(["resource_metadata", `${origin}${path}/mcp`]);
  });

  test.each(["x-forwarded-host", "x-original-host", "x-host", "forwarded"])(
    "2a.28 name nobody's host because of %s",
    async (name) => {
      await using stack = start([]);
      const headers = { [name]: name === "forwarded" ? "host=evil.example" : "evil.example" };
      const document = await fetch(stack.origin + path, { headers });
      expect(await document.text()).not.toContain("evil");
      expect((await stack.ask(headers)).headers.get("www-authenticate")).not.toContain("evil");
    },
  );

  test("2a.26 qualify scopes by the public URL where it is an App ID URI", async () => {
    const uri = "https://mcp.contoso.com/mcp";
    const flags = ["--public-url", uri, "--required-scopes", "execute,read"];
    await using stack = start(flags, { appIdUris: ["api://x", uri] });
    const scopes = [`${uri}/execute`, `${uri}/read`];
    expect(await (await fetch(stack.origin + path)).json()).toMatchObject({ scopes_supported: scopes });
    const [scope] = parseChallenge((await stack.ask({})).headers.get("www-authenticate"));
    expect(scope).toEqual(["scope", scopes.join(" ")]);
  });

  test("2a.28 are 503 while the tenant's domain was not looked up", async () => {
    await using stack = start([], { tenants: ["devtenant.example"] });
    const early = await fetch(stack.origin + path);
    expect([early.status, early.headers.get("retry-after")]).toEqual([503, "1"]);
    await early.text();
    await expectAdmitted(await stack.askWith(await tenant.mintAccessToken()));
    expect(await (await fetch(stack.origin + path)).json()).toMatchObject({
      authorization_servers: [issuer],
    });
  });
});

describe("before any token is looked at", () => {
  test.each([
    ["2a.29 a foreign host", { host: "evil.example" }, "forbidden_host"],
    ["2a.29 a foreign origin", { origin: "https://evil.example" }, "forbidden_origin"],
    ["2a.29 the origin null", { origin: "null" }, "forbidden_origin"],
  ])("%s is refused, good token or not", async (_, headers, reason) => {
    await using stack = start([]);
    for (const token of [await tenant.mintAccessToken(), "abc"]) {
      const answer = await stack.ask({ ...headers, authorization: `Bearer ${token}` });
      expect(answer.status).toBe(403);
      expect(answer.headers.get("www-authenticate")).toBeNull();
      expect(await answer.json()).toMatchObject({ error: { data: { reason } } });
    }
  });

  test("2a.29 a page of this machine comes in with its token", async () => {
    await using stack = start([]);
    const authorization = `Bearer ${await tenant.mintAccessToken()}`;
    await expectAdmitted(await stack.ask({ authorization, origin: "http://localhost:5173" }));
  });
});
