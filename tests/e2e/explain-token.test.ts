import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DevServer, startDevServer } from "../harness/dev-server.ts";
import { createFolder, runProgram } from "../harness/program.ts";

interface Row {
  readonly id: string;
  readonly status: string;
  readonly found: string;
  readonly remedy?: string;
  readonly code?: string;
}

let server: DevServer;
beforeAll(async () => {
  server = await startDevServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function explain(token: string, args: readonly string[] = ["--dev"], env = {}) {
  const all = ["explain-token", "--json", ...args];
  const { exitCode, stdout, stderr } = await runProgram("mcp-server", {
    args: all,
    env,
    stdin: `${token}\n`,
  });
  const [, , signature = ""] = token.split(".");
  // Neither the token nor a part of it that could be used.
  for (const part of [token, signature].filter(({ length }) => length > 20)) {
    expect(stdout + stderr).not.toContain(part);
  }
  const report = (stdout === "" ? { ok: false, checks: [] } : JSON.parse(stdout)) as {
    ok: boolean;
    checks: Row[];
  };
  const row = (id: string) => report.checks.find((check) => check.id === id);
  return { exitCode, stderr, report, row, text: stdout };
}

const api = "dec0de00-0000-4000-8000-0000000000a1";
const tenant = "dec0de00-0000-4000-8000-000000000001";
const elsewhere = "dec0de00-0000-4000-8000-000000000002";

/** What is wrong with a token, the arguments beside --dev, the row that says so, its code, and what to do. */
type Fault = readonly [
  name: string,
  overrides: Record<string, unknown>,
  args: readonly string[],
  row: string,
  code: string,
  remedy: RegExp,
];

const faults: readonly Fault[] = [
  ["an id token", { kind: "id" }, [], "form", "id_token", /access token/],
  [
    "a token for Microsoft Graph",
    { kind: "graph" },
    [],
    "audience",
    "graph_token",
    /api:\/\/.*\/execute in full: a bare/,
  ],
  [
    "a token for Graph, which a bare scope leads to",
    { kind: "graph", scopes: ["execute"] },
    [],
    "audience",
    "graph_token",
    /bare word like execute/,
  ],
  ["another audience", { claims: { aud: elsewhere } }, [], "audience", "wrong_audience", /must ask for api:/],
  [
    "a v1.0 token for another App ID URI",
    { version: "1.0", resource: "https://mcp.contoso.com/mcp" },
    [],
    "audience",
    "wrong_audience",
    /--audience https:\/\/mcp\.contoso\.com\/mcp\b/,
  ],
  ["a scope that is missing", { scopes: ["read"] }, [], "rights", "insufficient_scope", /--admin-consent/],
  ["an application without a role", { kind: "app" }, [], "rights", "app_only_token", /--app-role Tools\.Run/],
  [
    "an application with another role",
    { kind: "app", claims: { roles: ["Other"] } },
    ["--app-roles", "Tools.Run"],
    "rights",
    "missing_role",
    /Assign the app role Tools\.Run/,
  ],
  [
    "a client application that is not allowed",
    {},
    ["--allowed-clients", elsewhere],
    "holder",
    "client_not_allowed",
    /--allowed-clients .*dec0de00-0000-4000-8000-0000000000c1/,
  ],
  ["a guest", { person: "gia" }, [], "holder", "guest_not_allowed", /--allow-guests/],
  [
    "another tenant's token",
    { claims: { tid: elsewhere } },
    [],
    "tenant",
    "wrong_tenant",
    new RegExp(`let in that tenant, too: --tenant-id .*${elsewhere}`),
  ],
  [
    "an issuer that is not the tenant's",
    { claims: { iss: "http://127.0.0.1:9/x" } },
    [],
    "issuer",
    "wrong_issuer",
    /--dev/,
  ],
  ["a token of the past", { lifetimeSeconds: -600 }, [], "expiry", "token_expired", /new one/],
  [
    "a clock that is ten minutes behind",
    { claims: { nbf: Math.floor(Date.now() / 1000) + 600, iat: Math.floor(Date.now() / 1000) + 600 } },
    [],
    "expiry",
    "token_not_yet_valid",
    /begins in (9|10) minutes.*Set the clock/,
  ],
  ["no token of Entra", { claims: { ver: null } }, [], "version", "unsupported_version", /--issuer/],
  [
    "another algorithm",
    { algorithm: "RS384", header: { alg: "RS384" } },
    [],
    "form",
    "unsupported_algorithm",
    /RS256/,
  ],
  ["a token without its client", { claims: { azp: null } }, [], "holder", "missing_claim", /access token/],
];

describe("explain-token names fault and remedy", () => {
  test.each([...faults])(
    "of %s, with the tenant and without it",
    async (_, overrides, args, id, code, remedy) => {
      const token = await server.mintToken(overrides);
      for (const more of [[], ["--offline"]]) {
        const { exitCode, report, row } = await explain(token, ["--dev", ...args, ...more]);
        expect([row(id)?.status, row(id)?.code, exitCode, report.ok]).toEqual(["failed", code, 3, false]);
        expect(row(id)?.remedy).toMatch(remedy);
        expect([row("verdict")?.status, row("verdict")?.code]).toEqual(["failed", code]);
      }
    },
  );

  test("of a signature that is not the tenant's, where the keys can be asked", async () => {
    const rows: readonly [Record<string, unknown>, string][] = [
      [{ key: "foreign" }, "bad_signature"],
      [{ signature: "altered" }, "bad_signature"],
      [{ header: { kid: "another" } }, "unknown_key"],
    ];
    for (const [overrides, code] of rows) {
      const token = await server.mintToken(overrides);
      const asked = await explain(token);
      expect([asked.row("signature")?.code, asked.row("verdict")?.code, asked.exitCode]).toEqual([
        code,
        code,
        3,
      ]);
      const { row, exitCode } = await explain(token, ["--dev", "--offline"]);
      expect([row("signature")?.status, row("verdict")?.found, exitCode]).toEqual([
        "skipped",
        "let in, if the signature is good",
        0,
      ]);
    }
  });

  test("of everything at once that is wrong with one token", async () => {
    const token = await server.mintToken({
      lifetimeSeconds: -600,
      scopes: ["read"],
      claims: { aud: elsewhere },
    });
    const { report } = await explain(token);
    const failed = report.checks.filter(({ status }) => status === "failed").map(({ id }) => id);
    expect(failed).toEqual(["audience", "rights", "expiry", "verdict"]);
  });

  test("of a token that stands in the file of denied tokens", async () => {
    const token = await server.mintToken({ claims: { uti: "denied-one" } });
    const file = join(createFolder(), "denied");
    writeFileSync(file, "denied-one\n");
    const { row, exitCode } = await explain(token, ["--dev", "--denied-tokens", file]);
    expect([row("signature")?.status, row("verdict")?.code, exitCode]).toEqual(["ok", "token_revoked", 3]);
  });
});

describe("explain-token lets in", () => {
  test("a good v2.0 token, without a warning", async () => {
    const { exitCode, report, row } = await explain(await server.mintToken());
    expect([exitCode, report.ok, row("verdict")?.found]).toEqual([0, true, "let in"]);
    expect(new Set(report.checks.map(({ status }) => status))).toEqual(new Set(["ok"]));
  });

  test("a v1.0 token, and says how to get 2.0 where that was meant", async () => {
    const { exitCode, row } = await explain(await server.mintToken({ version: "1.0" }));
    expect([exitCode, row("version")?.status, row("verdict")?.status]).toEqual([0, "warning", "ok"]);
    expect(row("version")?.remedy).toContain(
      `az ad app update --id ${api} --set api.requestedAccessTokenVersion=2`,
    );
  });

  test("a v1.0 token for the App ID URI with a slash at its end, and says what Entra makes of it", async () => {
    const token = await server.mintToken({ version: "1.0", resource: `api://${api}/` });
    const { exitCode, row } = await explain(token);
    expect([exitCode, row("audience")?.status]).toEqual([0, "warning"]);
    expect(row("audience")?.found).toContain("slash");
    expect(row("audience")?.remedy).toContain("AADSTS9010010");
  });

  test("an application with a role that is let in", async () => {
    const token = await server.mintToken({ kind: "app", claims: { roles: ["Tools.Run"], idtyp: "app" } });
    expect((await explain(token, ["--dev", "--app-roles", "Tools.Run"])).exitCode).toBe(0);
  });

  test("a token as far as it tells, where the keys cannot be had, and says that the signature was not checked", async () => {
    const token = await server.mintToken();
    await server.setFaults({ jwks: "error" });
    const { exitCode, row } = await explain(token);
    await server.setFaults({ jwks: "ok" });
    expect([exitCode, row("signature")?.status, row("signature")?.code]).toEqual([
      0,
      "warning",
      "keys_unavailable",
    ]);
    expect(row("signature")?.found).toContain("not checked");
    expect(row("signature")?.remedy).toContain("mcp-server doctor");
    expect(row("verdict")?.found).toBe("let in, if the signature is good");
  });
});

describe("explain-token by the settings of a tenant", () => {
  const settings = ["--tenant-id", tenant, "--api-client-id", api, "--offline"];

  test("says that a dev tenant's token wants --dev", async () => {
    const { row, exitCode } = await explain(await server.mintToken(), settings);
    expect([row("issuer")?.code, exitCode]).toEqual(["wrong_issuer", 3]);
    expect(row("issuer")?.remedy).toContain("--dev");
  });

  const inPublicCloud = { claims: { iss: `https://login.microsoftonline.com/${tenant}/v2.0` } };

  test("warns of a public URL that no App ID URI matches, with the commands", async () => {
    const token = await server.mintToken(inPublicCloud);
    const url = "https://mcp.contoso.com/mcp";
    const { row, exitCode } = await explain(token, [...settings, "--public-url", url]);
    expect([exitCode, row("public_url")?.status]).toEqual([0, "warning"]);
    expect(row("public_url")?.found).toContain("AADSTS9010010");
    expect(row("public_url")?.remedy).toContain(`--identifier-uris api://${api} ${url}`);
    const { row: matched } = await explain(token, [...settings, "--public-url", url, "--audience", url]);
    expect(matched("public_url")).toBeUndefined();
  });

  test("says that a tenant given by its domain was not looked up", async () => {
    const args = ["--tenant-id", "contoso.com", "--api-client-id", api, "--offline"];
    const { row } = await explain(await server.mintToken(inPublicCloud), args);
    expect(row("tenant_name")?.status).toBe("warning");
  });

  test("judges another issuer's tokens by that issuer's rules, and names v1.0 tokens of Entra", async () => {
    const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
    const args = ["--issuer", issuer, "--audience", api, "--offline"];
    const good = await explain(await server.mintToken({ claims: { iss: issuer } }), args);
    expect([good.exitCode, good.row("tenant")]).toEqual([0, undefined]);
    const v1 = { claims: { iss: `https://sts.windows.net/${tenant}/` } };
    const { row, exitCode } = await explain(await server.mintToken(v1), args);
    expect([row("issuer")?.code, exitCode]).toEqual(["v1_token", 3]);
    expect(row("issuer")?.remedy).toContain("requestedAccessTokenVersion");
  });
});

describe("explain-token reads", () => {
  test("a file, and warns where others can read it", async () => {
    const file = join(createFolder(), "token");
    writeFileSync(file, await server.mintToken(), { mode: 0o600 });
    const read = (): Promise<{ exitCode: number; stdout: string }> =>
      runProgram("mcp-server", { args: ["explain-token", "--dev", file] });
    const { exitCode, stdout } = await read();
    expect([exitCode, stdout.includes("chmod 600")]).toEqual([0, false]);
    expect(stdout).toMatch(/^✓ Verdict {5}let in$/m);
    chmodSync(file, 0o644);
    expect((await read()).stdout).toMatch(/^! File .*open to other users\n +.*chmod 600/m);
  });

  test("no token in the command line, and shows nothing of it", async () => {
    const token = await server.mintToken();
    for (const words of [[token], ["Bearer", token], ["-", token]]) {
      const { exitCode, stdout, stderr } = await runProgram("mcp-server", {
        args: ["explain-token", "--dev", ...words],
      });
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).not.toContain(token.slice(0, 20));
    }
  });

  test.each(["", "not a token", "a.b", "eyJhbGciOiJub25lIn0.e30."])("%p as no token", async (text) => {
    const { exitCode, stderr } = await explain(text);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("malformed_token")]);
  });
});
