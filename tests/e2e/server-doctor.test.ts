import { describe, expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverCheckIds } from "../../lib/doctor/server/server-check.ts";
import { hasOpenssl, makeCertificate } from "../harness/certificates.ts";
import { startDevServer } from "../harness/dev-server.ts";
import { entraError, type FaultyAnswer } from "../harness/faulty-server.ts";
import { createFolder, runProgram, startProgram } from "../harness/program.ts";
import { startProxy, startTlsServer } from "../harness/tls-server.ts";

interface Row {
  readonly id: string;
  readonly status: string;
  readonly found: string;
  readonly remedy?: string;
  readonly code?: string;
}

const tenant = "11111111-2222-4333-8444-555555555555";
const api = "aaaaaaaa-2222-4333-8444-555555555555";
const client = "cccccccc-2222-4333-8444-555555555555";
const publicUrl = "https://mcp.contoso.test/mcp";
const entra = ["--tenant-id", tenant, "--api-client-id", api];
/** A port that nobody else has. */
const local = ["--host", "127.0.0.1", "--port", "0"];

async function diagnose(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  folder = createFolder(),
) {
  const all = ["doctor", "--json", ...args];
  const { exitCode, stdout, stderr } = await runProgram("mcp-server", { args: all, env, folder });
  const report = JSON.parse(stdout) as { ok: boolean; checks: Row[] };
  expect([report.checks.map(({ id }) => id), stderr]).toEqual([[...serverCheckIds], ""]);
  const row = (id: (typeof serverCheckIds)[number]) => report.checks.find((check) => check.id === id);
  const failed = report.checks.filter(({ status }) => status === "failed").map(({ id }) => id);
  return { exitCode, report, row, failed };
}

/** In the place of an answer of Entra or of the public URL. */
interface World {
  readonly configuration?: FaultyAnswer;
  readonly keys?: () => Response;
  readonly deviceCode?: FaultyAnswer;
  readonly metadata?: FaultyAnswer;
  /** By how much Entra's clock is ahead of ours. */
  readonly aheadMs?: number;
}

async function makeKeys(): Promise<object> {
  const { publicKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );
  return { keys: [{ ...(await crypto.subtle.exportKey("jwk", publicKey)), kid: "one", use: "sig" }] };
}

const metadata = {
  resource: publicUrl,
  authorization_servers: [`https://login.microsoftonline.com/${tenant}/v2.0`],
  scopes_supported: [`${publicUrl}/execute`],
};

/** Entra and the public URL behind a proxy, by TLS of an authority that only the environment names. */
async function startWorld({ configuration, keys, deviceCode, metadata: published, aheadMs = 0 }: World = {}) {
  const authority = makeCertificate({ names: "DNS:authority.test", isAuthority: true });
  const names = "DNS:login.microsoftonline.com,DNS:mcp.contoso.test";
  const asked: string[] = [];
  const jwks = await makeKeys();
  const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
  const tls = startTlsServer(makeCertificate({ names, issuer: authority }), (request) => {
    const { pathname, hostname } = new URL(request.url);
    asked.push(`${request.method} ${hostname}${pathname}`);
    const headers = { date: new Date(Date.now() + aheadMs).toUTCString() };
    const answer = (given: FaultyAnswer | undefined, good: object) =>
      Response.json(given?.body ?? good, { status: given?.status ?? 200, headers });
    if (pathname.startsWith("/.well-known/oauth-protected-resource")) return answer(published, metadata);
    if (pathname.endsWith("/openid-configuration")) return answer(configuration, { issuer });
    if (pathname.endsWith("/keys")) return keys?.() ?? answer(undefined, jwks);
    return answer(deviceCode, {
      device_code: "secret-device-code",
      user_code: "SECRETCODE",
      expires_in: 900,
    });
  });
  const proxy = await startProxy(tls.port);
  const file = join(createFolder(), "ca.pem");
  writeFileSync(file, authority.certificate);
  return {
    asked,
    proxied: proxy.asked,
    env: { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: file },
    async [Symbol.asyncDispose]() {
      proxy[Symbol.dispose]();
      await tls[Symbol.asyncDispose]();
    },
  };
}

const published = [
  ...entra,
  "--public-url",
  publicUrl,
  "--audience",
  publicUrl,
  "--client-id",
  client,
  ...local,
];

describe.skipIf(!hasOpenssl)("doctor at Entra and the public URL (needs openssl)", () => {
  test("finds all well, through the proxy, and shows nothing of the device code", async () => {
    await using world = await startWorld();
    const { exitCode, report, row } = await diagnose(published, world.env);
    const others = report.checks.filter(({ status }) => status !== "ok").map(({ id }) => id);
    expect([exitCode, report.ok, others]).toEqual([0, true, ["certificate"]]);
    expect(row("tenant")?.found).toContain("through the proxy");
    expect(world.proxied.length).toBeGreaterThan(0);
    expect(world.asked.filter((line) => line.endsWith("/token"))).toEqual([]);
    expect(JSON.stringify(report)).not.toMatch(/secret-device|SECRETCODE/);
  });

  test.each<[string, World, (typeof serverCheckIds)[number], string, number, RegExp, RegExp]>([
    [
      "an unknown tenant",
      { configuration: entraError("invalid_tenant", 90002) },
      "tenant",
      "invalid_config",
      2,
      /knows no tenant/,
      /--tenant-id/,
    ],
    [
      "a proxy's page in the place of the keys",
      {
        keys: () =>
          new Response("<h1>Blocked</h1>", { status: 403, headers: { "content-type": "text/html" } }),
      },
      "keys",
      "unreachable",
      4,
      /status 403 and "text\/html.*not with JSON/,
      /in between.*HTTPS_PROXY/,
    ],
    [
      "a key set without a usable key",
      { keys: () => Response.json({ keys: [] }) },
      "keys",
      "keys_unavailable",
      4,
      /no usable key/,
      /RS256/,
    ],
    [
      "a clock that is ten minutes off",
      { aheadMs: 600_000 },
      "clock",
      "invalid_config",
      2,
      /This machine's clock is 10 minutes behind/,
      /NTP/,
    ],
    [
      "public client flows that are off",
      { deviceCode: entraError("invalid_client", 7000218) },
      "registration",
      "sign_in_failed",
      3,
      /AADSTS7000218/,
      /Allow public client flows/,
    ],
    [
      "an API that the tenant does not know",
      { deviceCode: entraError("invalid_resource", 500011) },
      "registration",
      "sign_in_failed",
      3,
      /AADSTS500011/,
      /./,
    ],
    [
      "metadata for another address",
      { metadata: { status: 200, body: { ...metadata, resource: `${publicUrl}/` } } },
      "metadata",
      "invalid_config",
      2,
      /resource "https:\/\/mcp\.contoso\.test\/mcp\/", not/,
      /restart it/,
    ],
    [
      "metadata of another tenant",
      { metadata: { status: 200, body: { ...metadata, authorization_servers: ["https://x.example"] } } },
      "metadata",
      "invalid_config",
      2,
      /issuer "https:\/\/x\.example"/,
      /restart it/,
    ],
    [
      "a bare scope in the metadata",
      { metadata: { status: 200, body: { ...metadata, scopes_supported: ["execute"] } } },
      "metadata",
      "invalid_config",
      2,
      /scope "execute", not/,
      /restart it/,
    ],
    [
      "a proxy in front that keeps the metadata to itself",
      { metadata: { status: 404, body: {} } },
      "public_url",
      "server_failed",
      4,
      /status 404/,
      /\.well-known/,
    ],
    [
      "a host name that is refused",
      { metadata: { status: 403, body: {} } },
      "public_url",
      "server_failed",
      4,
      /status 403/,
      /--allowed-hosts/,
    ],
  ])("names %s", async (_, faults, id, code, exit, says, remedy) => {
    await using world = await startWorld(faults);
    const { exitCode, row, failed } = await diagnose(published, world.env);
    expect([failed, row(id)?.code, exitCode]).toEqual([[id], code, exit]);
    expect(row(id)?.found).toMatch(says);
    expect(row(id)?.remedy).toMatch(remedy);
  });

  test("warns of device code that a policy blocks", async () => {
    await using world = await startWorld({ deviceCode: entraError("access_denied", 53003) });
    const { exitCode, row } = await diagnose(published, world.env);
    expect([exitCode, row("registration")?.status, row("registration")?.code]).toEqual([
      0,
      "warning",
      "sign_in_blocked",
    ]);
  });

  test("names an authority that is not trusted, and how to trust it", async () => {
    await using world = await startWorld();
    const { row, failed, exitCode } = await diagnose(published, { HTTPS_PROXY: world.env.HTTPS_PROXY });
    expect([failed, exitCode]).toEqual([["tenant", "public_url"], 4]);
    for (const id of ["tenant", "public_url"] as const)
      expect(row(id)?.remedy).toContain("NODE_EXTRA_CA_CERTS");
    expect(row("keys")?.status).toBe("skipped");
  });

  test("trusts no bad certificate at Entra, not even where the environment switches the check off", async () => {
    await using world = await startWorld();
    const env = { HTTPS_PROXY: world.env.HTTPS_PROXY, NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    const { failed } = await diagnose([...entra, ...local, "--public-url", publicUrl], env);
    expect([failed, world.asked]).toEqual([["tenant", "public_url"], []]);
  });
});

describe.skipIf(!hasOpenssl)("doctor at a certificate for https (needs openssl)", () => {
  function writePair(names: string, mode = 0o600): readonly string[] {
    const folder = createFolder();
    const { certificate, key } = makeCertificate({ names });
    writeFileSync(join(folder, "cert.pem"), certificate);
    writeFileSync(join(folder, "key.pem"), key, { mode });
    return ["--tls-cert", join(folder, "cert.pem"), "--tls-key", join(folder, "key.pem")];
  }
  const env = { HTTPS_PROXY: "http://127.0.0.1:1" };
  const served = [...entra, ...local, "--public-url", publicUrl];

  test.each<[string, readonly string[], string, RegExp, RegExp]>([
    [
      "warns of one that ends soon",
      writePair("DNS:mcp.contoso.test"),
      "warning",
      /expires in 9 days/,
      /Renew/,
    ],
    [
      "names a key that others can read",
      writePair("DNS:mcp.contoso.test", 0o644),
      "failed",
      /Others may read/,
      /chmod 600/,
    ],
    ["names half a pair", writePair("DNS:mcp.contoso.test").slice(0, 2), "failed", /go together/, /^$/],
  ])("%s", async (_, pair, status, says, remedy) => {
    const { row } = await diagnose([...served, ...pair], env);
    expect(row("certificate")?.status).toBe(status);
    expect(row("certificate")?.found).toMatch(says);
    expect(row("certificate")?.remedy ?? "").toMatch(remedy);
  });
});

describe("doctor without Entra in reach", () => {
  const env = { HTTPS_PROXY: "http://127.0.0.1:1" };

  test.each(["407 Proxy Authentication Required", "403 Forbidden"])(
    "names a proxy that answers %s",
    async (status) => {
      using proxy = await startProxy(status);
      const { row, failed, exitCode } = await diagnose([...entra, ...local], { HTTPS_PROXY: proxy.url });
      expect([failed, row("tenant")?.code, exitCode]).toEqual([["tenant"], "unreachable", 4]);
      expect(row("tenant")?.found).toMatch(/proxy/);
      expect(row("tenant")?.remedy).toMatch(/HTTPS_PROXY and NO_PROXY/);
      expect(row("keys")?.status).toBe("skipped");
    },
  );

  test("warns of a public URL that no App ID URI matches, with the commands", async () => {
    const { row } = await diagnose([...entra, ...local, "--public-url", publicUrl], env);
    expect(row("audience")?.status).toBe("warning");
    expect(row("audience")?.found).toContain("AADSTS9010010");
    expect(row("audience")?.remedy).toContain(
      `--identifier-uris api://${api} ${publicUrl}; then mcp-server --audience`,
    );
    expect(row("public_url")?.status).toBe("warning");
  });

  test.each<[string, readonly string[], RegExp, RegExp]>([
    [
      "an App ID URI with a slash at its end",
      ["--audience", `${publicUrl}/`],
      /--audience .*slash/,
      /take the slash away/,
    ],
    [
      "a public URL with a slash at its end",
      ["--public-url", `${publicUrl}/`],
      /slash at its end/,
      /to the letter/,
    ],
    ["a public URL without a path", ["--public-url", "https://mcp.contoso.test"], /no path/, /\/mcp/],
  ])("warns of %s", async (_, args, says, remedy) => {
    const { row } = await diagnose([...entra, ...local, ...args], env);
    expect(row("configuration")?.status).toBe("warning");
    expect(row("configuration")?.found).toMatch(says);
    expect(row("configuration")?.remedy).toMatch(remedy);
  });

  test.each<[string, readonly string[], string, RegExp, RegExp]>([
    ["no tenant", ["--api-client-id", api], "invalid_config", /--tenant-id \(ENTRA_TENANT_ID\)/, /--dev/],
    ["no API", ["--tenant-id", tenant], "invalid_config", /--api-client-id/, /--dev/],
    [
      "a scope in full where its short name belongs",
      [...entra, "--required-scopes", `api://${api}/execute`],
      "invalid_config",
      /short names like execute/,
      /their tokens say execute/,
    ],
    [
      "settings that exclude each other",
      [...entra, "--no-auth"],
      "usage",
      /says nothing with --no-auth/,
      /leave/,
    ],
  ])("names %s, and goes on with what it can", async (_, args, code, says, remedy) => {
    const { row, exitCode, failed } = await diagnose([...args, ...local], env);
    expect([failed, row("configuration")?.code, exitCode]).toEqual([["configuration"], code as string, 2]);
    expect(row("configuration")?.found).toMatch(says);
    expect(row("configuration")?.remedy).toMatch(remedy);
    expect([row("port")?.status, row("audience")?.status]).toEqual(["ok", "skipped"]);
  });

  test("names a public URL of plain http", async () => {
    const { row, failed } = await diagnose(
      [...entra, ...local, "--public-url", "http://mcp.contoso.test/mcp"],
      env,
    );
    expect(failed).toEqual(["tenant", "public_url"]);
    expect(row("public_url")?.remedy).toContain("https");
  });
});

describe("doctor on this machine", () => {
  test("finds all well without authentication, and asks nobody", async () => {
    const { exitCode, report } = await diagnose(["--no-auth", ...local]);
    expect([exitCode, report.ok]).toEqual([0, true]);
  });

  test("knows its own server at the port, and names another one", async () => {
    await using ours = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"] });
    const [, port = ""] = await ours.waitForStderr(/port (\d+)/);
    const found = await diagnose(["--no-auth", "--port", port]);
    expect([found.exitCode, found.row("port")?.found]).toEqual([
      0,
      `a server answers at ${port} on 127.0.0.1`,
    ]);
    using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") });
    const { row, exitCode } = await diagnose(["--no-auth", "--port", String(other.port)]);
    expect([row("port")?.code, exitCode]).toEqual(["port_in_use", 2]);
    expect(row("port")?.remedy).toContain("--port");
  });

  test("names files that others may write, and those that they may read", async () => {
    const folder = createFolder();
    const file = join(folder, "$(id) server.env");
    writeFileSync(file, "MCP_PORT=0\n", { mode: 0o600 });
    const args = ["--no-auth", "--env-file", file];
    expect((await diagnose(args)).row("files")?.status).toBe("ok");
    chmodSync(file, 0o644);
    expect((await diagnose(args)).row("files")).toMatchObject({
      status: "warning",
      remedy: expect.stringContaining("chmod 600"),
    });
    chmodSync(file, 0o666);
    const { row, exitCode } = await diagnose(args);
    expect([row("files")?.status, exitCode]).toEqual(["failed", 2]);
    expect(row("files")?.remedy).toBe(`chmod go-w '${file}'`);
  });

  test("names a file of denied tokens that is missing, broken, or open to others", async () => {
    const file = join(createFolder(), "denied");
    const args = [...entra, ...local, "--denied-tokens", file];
    const env = { HTTPS_PROXY: "http://127.0.0.1:1" };
    expect((await diagnose(args, env)).row("files")?.code).toBe("invalid_config");
    writeFileSync(file, "one two\n", { mode: 0o644 });
    expect((await diagnose(args, env)).row("files")?.found).toContain("Line 1");
    writeFileSync(file, "one\n");
    expect((await diagnose(args, env)).row("files")?.status).toBe("ok");
    chmodSync(file, 0o664);
    expect((await diagnose(args, env)).row("files")?.found).toMatch(/Others may write/);
  });

  test("loads the keys of another issuer, and names one that is not there", async () => {
    await using dev = await startDevServer();
    const { origin } = new URL(dev.pageUrl);
    const issuer = `${origin}/dec0de00-0000-4000-8000-000000000001/v2.0`;
    const args = ["--audience", "api", ...local];
    const good = await diagnose(["--issuer", issuer, ...args]);
    expect([good.exitCode, good.row("keys")?.status, good.row("clock")?.status]).toEqual([0, "ok", "ok"]);
    const { row, exitCode } = await diagnose(["--issuer", `${origin}/nobody`, ...args]);
    expect([row("keys")?.code, exitCode]).toEqual(["unreachable", 4]);
    expect(row("keys")?.remedy).toContain("--issuer");
  });

  test("shows rows on a pipe, and takes no word", async () => {
    const { stdout, exitCode } = await runProgram("mcp-server", { args: ["doctor", "--no-auth", ...local] });
    expect([exitCode, stdout.split("\n").length]).toEqual([0, serverCheckIds.length + 1]);
    expect(stdout).toMatch(/^✓ Settings {4}everybody is let in/);
    expect((await runProgram("mcp-server", { args: ["doctor", "now"] })).exitCode).toBe(2);
  });
});
