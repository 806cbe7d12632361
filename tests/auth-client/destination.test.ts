import { describe, expect, test } from "bun:test";
import { authorityOfCloud, parseAuthority } from "../../lib/auth/client/authority.ts";
import {
  checkTokenDestination,
  createUnconfirmedError,
  needsDiscovery,
  planSignIn,
  type SignInSettings,
} from "../../lib/auth/client/destination.ts";
import type { DiscoveredAuthorization } from "../../lib/auth/client/discover.ts";
import { clientProgram } from "../../lib/config/mcp-client.ts";
import type { Origin } from "../../lib/config/option.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";
import { clientId, scope, tenantId } from "./fake-entra.ts";
import { catchAppError } from "./fixtures.ts";

type Kind = Origin["kind"];
const remote = "https://mcp.contoso.com/mcp";
const local = "http://localhost:8000/mcp";
const microsoft = `https://login.microsoftonline.com/${tenantId}/v2.0`;
const devTenant = `http://localhost:8001/${tenantId}/v2.0`;

interface Given {
  readonly url?: readonly [string, Kind];
  readonly scope?: readonly [string, Kind];
  readonly tenant?: Kind | undefined;
  readonly client?: Kind | undefined;
}

/** Settings with the tenant and the client from the environment unless said otherwise. */
function makeSettings(given: Given): SignInSettings {
  const { tenant = "environment", client = "environment" } = given;
  const origin = (kind: Kind | undefined): Origin => ({ kind: kind ?? "default", name: "" });
  return {
    values: {
      url: given.url?.[0] ?? local,
      scope: given.scope?.[0],
      tenantId: tenant === "default" ? undefined : tenantId,
      clientId: client === "default" ? undefined : clientId,
      cloud: "public",
    },
    origins: {
      url: origin(given.url?.[1]),
      scope: origin(given.scope?.[1]),
      tenantId: origin(tenant),
      clientId: origin(client),
    },
  };
}

function makeDiscovered(change: Partial<DiscoveredAuthorization> = {}): DiscoveredAuthorization {
  const issuer = change.issuer ?? microsoft;
  return { resource: remote, issuer, authority: parseAuthority(issuer), scope, clientId, ...change };
}

const unconfigured = { tenant: "default", client: "default" } as const;

describe("a configured sign-in", () => {
  test.each<[Kind, string, Kind, string]>([
    // address from, address, scope from, decision
    ["flag", remote, "flag", "ready"],
    ["flag", remote, "environment", "not_configured_together"],
    ["flag", remote, "env-file", "not_configured_together"],
    ["flag", remote, "folder", "folder"],
    ["environment", remote, "flag", "ready"],
    ["environment", remote, "environment", "ready"],
    ["environment", remote, "env-file", "not_configured_together"],
    ["environment", remote, "folder", "folder"],
    ["env-file", remote, "flag", "ready"],
    ["env-file", remote, "environment", "not_configured_together"],
    ["env-file", remote, "env-file", "ready"],
    ["folder", remote, "flag", "folder"],
    ["folder", remote, "environment", "folder"],
    ["folder", remote, "folder", "folder"],
    ["default", local, "flag", "ready"],
    ["default", local, "environment", "ready"],
    ["default", local, "env-file", "ready"],
    ["default", local, "folder", "folder"],
    ["flag", local, "environment", "not_configured_together"],
    ["folder", local, "environment", "folder"],
  ])("with the address by %s (%s) and the scope by %s is %s", (...[urlKind, url, scopeKind, expected]) => {
    const settings = makeSettings({ url: [url, urlKind], scope: [scope, scopeKind] });
    const decision = planSignIn({ settings, trusted: [] });
    expect(decision.kind === "ready" ? "ready" : decision.reason).toBe(expected as "folder");
    expect(decision.plan).toEqual({ authority: authorityOfCloud("public", tenantId), clientId, scope, url });
    expect(needsDiscovery(settings)).toBeFalse();
  });

  test.each(["tenant", "client"] as const)("asks about a %s that lay in the current folder", (name) => {
    const given = { url: [remote, "flag"], scope: [scope, "flag"], [name]: "folder" } as const;
    const decision = planSignIn({ settings: makeSettings(given), trusted: [] });
    expect(decision).toMatchObject({ kind: "confirm", reason: "folder" });
  });

  test("never takes one of Microsoft's own clients from the current folder", async () => {
    const given = { url: [remote, "flag"], scope: [scope, "flag"], client: "folder" } as const;
    const settings = makeSettings(given);
    const cli = { ...settings.values, clientId: "04b07795-8ddb-461a-bbee-02f9e1bf7b46" };
    const plan = () => planSignIn({ settings: { ...settings, values: cli }, trusted: [] });
    const error = await catchAppError(async () => plan());
    expect([error.code, error.message]).toEqual([
      "untrusted_destination",
      'The file ./.env names the client id "04b07795-8ddb-461a-bbee-02f9e1bf7b46", which is one of Microsoft\'s own.',
    ]);
  });

  test("asks no question about what was confirmed, and asks again when anything changed", () => {
    const settings = makeSettings({ url: [remote, "flag"], scope: [scope, "environment"] });
    const first = planSignIn({ settings, trusted: [] });
    if (first.kind !== "confirm") throw new Error("no question");
    expect(first.record).toEqual({
      origin: "https://mcp.contoso.com",
      authority: `https://login.microsoftonline.com/${tenantId}`,
      scope,
      clientId,
    });
    expect(planSignIn({ settings, trusted: [first.record] }).kind).toBe("ready");
    for (const name of ["origin", "authority", "scope", "clientId"] as const) {
      const changed = { ...first.record, [name]: "other" };
      expect(planSignIn({ settings, trusted: [changed] }).kind).toBe("confirm");
    }
  });

  test.each([
    [{ tenant: "default" }, "--tenant-id"],
    [{ client: "default" }, "--client-id"],
    [{ scope: undefined }, "--scope"],
  ] as const)("lacking %p and metadata names %s", async (change, flag) => {
    const given = { url: [remote, "flag"], scope: [scope, "flag"], ...change } as Given;
    const settings = makeSettings(given);
    expect(needsDiscovery(settings)).toBeTrue();
    const error = await catchAppError(() => planSignIn({ settings, trusted: [] }));
    expect([error.code, error.exitCode]).toEqual(["invalid_config", 2]);
    expect(error.hint).toContain(flag);
  });

  test("refuses a scope that does not say which API it belongs to", async () => {
    const settings = makeSettings({ scope: ["execute", "flag"] });
    const error = await catchAppError(() => planSignIn({ settings, trusted: [] }));
    expect(error.code).toBe("invalid_config");
  });

  test("takes the settings of mcp-client as they are resolved", () => {
    const flags = { tenantId, clientId, scope, cloud: "usgov" };
    const sources = { flags, environment: {}, envFile: undefined };
    const settings = resolveSettings(clientProgram.options, sources);
    const { plan } = planSignIn({ settings, trusted: [] });
    expect(plan.authority.loginUrl).toBe("https://login.microsoftonline.us");
  });
});

describe("a discovered sign-in", () => {
  test.each<[string, Given]>([
    ["everything", unconfigured],
    ["the tenant", { tenant: "default", scope: [scope, "flag"] }],
    ["the client id", { client: "default", scope: [scope, "flag"] }],
    ["the scope", {}],
  ])("asks when the server named %s", (_title, given) => {
    const settings = makeSettings({ url: [remote, "flag"], ...given });
    const decision = planSignIn({ settings, discovered: makeDiscovered(), trusted: [] });
    expect(decision).toMatchObject({ kind: "confirm", reason: "discovered" });
  });

  test("asks also for a server on this machine when the tenant is Microsoft's", () => {
    const settings = makeSettings({ url: [local, "default"], ...unconfigured });
    const decision = planSignIn({ settings, discovered: makeDiscovered(), trusted: [] });
    expect(decision.kind).toBe("confirm");
  });

  test.each([local, "http://127.0.0.1:8000/mcp", "http://[::1]:8000/mcp", "https://localhost/mcp"])(
    "asks nothing between %s and a dev tenant on the same machine",
    (url) => {
      const settings = makeSettings({ url: [url, "folder"], ...unconfigured });
      const discovered = makeDiscovered({ issuer: devTenant });
      const decision = planSignIn({ settings, discovered, trusted: [] });
      expect(decision).toMatchObject({
        kind: "ready",
        plan: { authority: { loginUrl: "http://localhost:8001", tenant: tenantId } },
      });
    },
  );

  test("prefers what is configured", () => {
    const settings = makeSettings({
      url: [remote, "flag"],
      scope: ["api://mine/x", "flag"],
      client: "default",
    });
    const discovered = makeDiscovered({ issuer: "https://login.example/t/v2.0" });
    const { plan } = planSignIn({ settings, discovered, trusted: [] });
    expect(plan).toMatchObject({ scope: "api://mine/x", authority: authorityOfCloud("public", tenantId) });
  });

  test.each([
    ["another login host", { issuer: "https://login.evil.example/t/v2.0" }],
    ["a login host over http", { issuer: microsoft.replace("https", "http") }],
    ["a look-alike", { issuer: microsoft.replace(".com", ".com.evil.example") }],
    ["a dev tenant on this machine for a server that is not", { issuer: devTenant }],
    ["Microsoft Graph", { scope: "https://graph.microsoft.com/Mail.Read" }],
    ["a bare scope", { scope: "execute" }],
    ["Graph after a good scope", { scope: `${scope} https://graph.microsoft.com/.default` }],
    ["Graph by its GUID", { scope: "00000003-0000-0000-c000-000000000000/.default" }],
    ["the Azure CLI as the client", { clientId: "04B07795-8ddb-461a-bbee-02f9e1bf7b46" }],
  ])("refuses a server that names %s, even when it was confirmed", async (_title, change) => {
    const settings = makeSettings({ url: [remote, "flag"], ...unconfigured });
    const discovered = makeDiscovered(change);
    const record = {
      origin: new URL(remote).origin,
      authority: (discovered.issuer ?? "").replace("/v2.0", ""),
      scope: discovered.scope ?? "",
      clientId: discovered.clientId ?? "",
    };
    const error = await catchAppError(() => planSignIn({ settings, discovered, trusted: [record] }));
    expect([error.code, error.exitCode]).toEqual(["untrusted_destination", 3]);
    expect(error.hint).toContain("configure");
  });

  test("refuses one of Microsoft's scopes from a ./.env that nobody named", async () => {
    const settings = makeSettings({ scope: ["https://graph.microsoft.com/.default", "folder"] });
    const error = await catchAppError(() => planSignIn({ settings, trusted: [] }));
    expect(error.code).toBe("untrusted_destination");
  });

  test.each([
    [{ authority: undefined, issuer: "" }, "--tenant-id"],
    [{ clientId: undefined }, "--client-id"],
    [{ scope: undefined }, "--scope"],
  ])("names the flag when the metadata lacks %p", async (change, flag) => {
    const settings = makeSettings({ url: [remote, "flag"], ...unconfigured });
    const error = await catchAppError(() =>
      planSignIn({ settings, discovered: makeDiscovered(change), trusted: [] }),
    );
    expect(error.code).toBe("invalid_config");
    expect(error.hint).toContain(flag);
  });
});

describe("checkTokenDestination", () => {
  test.each([
    "https://mcp.contoso.com/mcp",
    "http://localhost:1/mcp",
    "http://127.0.0.1/",
    "http://127.8.9.1/",
    "http://127.1/",
    "http://[::1]:9/",
  ])("lets a token go to %s", (url) => {
    expect(() => checkTokenDestination(url)).not.toThrow();
  });

  test.each([
    "http://mcp.contoso.com/mcp",
    "http://localhost.evil.example/",
    "http://127.0.0.1.evil.example/",
    "http://10.0.0.1/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "ftp://mcp.contoso.com/",
  ])("lets none go to %s, whatever is configured", async (url) => {
    expect((await catchAppError(() => checkTokenDestination(url))).code).toBe("untrusted_destination");
    const settings = makeSettings({ url: [url, "flag"], scope: [scope, "flag"] });
    expect((await catchAppError(() => planSignIn({ settings, trusted: [] }))).code).toBe(
      "untrusted_destination",
    );
  });
});

test("an unconfirmed destination is an error that says how to confirm it", () => {
  const error = createUnconfirmedError({ origin: "https://a.example", authority: "x", scope, clientId });
  expect([error.code, error.exitCode]).toEqual(["untrusted_destination", 3]);
  expect(error.message).toContain("https://a.example");
  expect(error.hint).toContain("mcp-client login");
});
