import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkIds } from "../../lib/doctor/check.ts";
import { type DevServer, startDevServer } from "../harness/dev-server.ts";
import { entraError, type FaultyServerOptions, startFaultyServer } from "../harness/faulty-server.ts";
import { decideOnPage } from "../harness/person.ts";
import { createFolder, runProgram, startInTerminal, startProgram } from "../harness/program.ts";
import { recordSecrets } from "../harness/recorder.ts";
import { hasOpenssl } from "../harness/certificates.ts";
import { makeAuthority, startProxy, startTlsServer } from "../harness/tls-server.ts";
import { echo, startSdkServer } from "../transport-client/sdk-server.ts";

interface Row {
  readonly id: string;
  readonly status: string;
  readonly found: string;
  readonly remedy?: string;
  readonly code?: string;
}

interface DoctorOptions {
  readonly url: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

async function diagnose({ url, args = [], env = {}, folder = createFolder() }: DoctorOptions) {
  const all = ["doctor", "--json", "--url", url, ...args];
  const { exitCode, stdout, stderr } = await runProgram("mcp-client", { args: all, env, folder });
  const report = JSON.parse(stdout) as { ok: boolean; checks: Row[] };
  const last = report.checks.at(-1);
  return { exitCode, stderr, report, last, text: `${last?.found} ${last?.remedy}` };
}

/** What the doctor is to say: the step at which it stops, the code, the exit code, what is wrong, and what to do. */
type Expected = readonly [step: string, code: string, exit: number, says: RegExp, remedy: RegExp];

async function expectDiagnosis(options: DoctorOptions, expected: Expected): Promise<void> {
  const [step, code, exit, says, remedy] = expected;
  const { exitCode, stderr, report, last } = await diagnose(options);
  expect([last?.id, last?.status, last?.code, exitCode]).toEqual([step, "failed", code, exit]);
  expect(last?.found).toMatch(says);
  expect(last?.remedy).toMatch(remedy);
  expect([report.ok, stderr]).toEqual([false, ""]);
  const ids: readonly string[] = checkIds;
  expect(report.checks.map(({ id }) => id)).toEqual(ids.slice(0, ids.indexOf(step) + 1));
  expect(report.checks.filter(({ status }) => status === "failed").length).toBe(1);
}

describe("doctor on the network", () => {
  test("names an unknown host", async () => {
    const expected: Expected = ["name", "unreachable", 4, /"no-such-host.invalid" is not found/, /spelling/];
    await expectDiagnosis({ url: "https://no-such-host.invalid/mcp" }, expected);
  });

  test("names a closed port", async () => {
    const expected: Expected = ["tcp", "unreachable", 4, /Nothing listens at "127.0.0.1:1"/, /port right/];
    await expectDiagnosis({ url: "http://127.0.0.1:1/mcp" }, expected);
  });

  test.each(["407 Proxy Authentication Required", "403 Forbidden"])(
    "names a proxy that refuses with %s",
    async (status) => {
      using proxy = await startProxy(status);
      const options = {
        url: "https://mcp.example.test/mcp",
        env: { HTTPS_PROXY: proxy.url.replace("//", "//ada:do-not-show@") },
      };
      const expected: Expected = ["proxy", "unreachable", 4, /does not let us through/, /NO_PROXY/];
      await expectDiagnosis(options, expected);
      expect(JSON.stringify((await diagnose(options)).report)).not.toContain("do-not-show");
    },
  );

  test("names a proxy that does not run, and goes past it where NO_PROXY says so", async () => {
    const env = { HTTPS_PROXY: "http://127.0.0.1:1" };
    const url = "https://mcp.example.invalid/mcp";
    await expectDiagnosis({ url, env }, [
      "tcp",
      "unreachable",
      4,
      /^The proxy: Nothing listens/,
      /HTTPS_PROXY/,
    ]);
    const past = { ...env, NO_PROXY: ".example.invalid" };
    await expectDiagnosis({ url, env: past }, [
      "name",
      "unreachable",
      4,
      /"mcp.example.invalid"/,
      /spelling/,
    ]);
  });

  test.skipIf(!hasOpenssl)("names an untrusted certificate (needs openssl)", async () => {
    const authority = makeAuthority();
    await using server = startTlsServer(authority.issue("good"), () => new Response("no"));
    const url = `https://localhost:${server.port}/mcp`;
    await expectDiagnosis({ url }, ["tls", "unreachable", 4, /cannot be verified/, /--ca-cert/]);
    const file = join(createFolder(), "ca.pem");
    writeFileSync(file, authority.certificate);
    const { report, last } = await diagnose({ url, args: ["--ca-cert", file] });
    expect([report.checks.find(({ id }) => id === "tls")?.status, last?.id]).toEqual(["ok", "endpoint"]);
  });
});

const page = () => new Response("<h1>Welcome</h1>", { headers: { "content-type": "text/html" } });
const noMetadata = { status: 404, body: "nothing" };

describe("doctor at a server and its sign-in service", () => {
  test.each<[string, FaultyServerOptions, Expected]>([
    [
      "an address that is not MCP",
      { mcp: page },
      ["endpoint", "not_mcp", 6, /not as an MCP server/, /address/],
    ],
    [
      "a server without metadata",
      { metadata: noMetadata },
      [
        "metadata",
        "invalid_config",
        2,
        /no protected-resource metadata/,
        /--tenant-id, --client-id and --scope/,
      ],
    ],
    [
      "an unknown tenant",
      { configuration: entraError("invalid_tenant", 90002) },
      ["authority", "sign_in_failed", 3, /tenant does not exist \(AADSTS90002\)/, /--tenant-id/],
    ],
    [
      "public client flows that are off",
      { deviceCode: entraError("invalid_client", 7000218) },
      ["sign_in", "sign_in_failed", 3, /AADSTS7000218/, /Allow public client flows/],
    ],
    [
      "missing consent",
      { deviceCode: entraError("invalid_grant", 65001) },
      ["sign_in", "sign_in_failed", 3, /consented to the scope .*AADSTS65001/, /administrator to grant it/],
    ],
  ])("names %s, with not one token request", async (_, faults, expected) => {
    await using server = startFaultyServer(faults);
    await expectDiagnosis({ url: server.url }, expected);
    expect(server.asked.filter((line) => line.endsWith("/token"))).toEqual([]);
    expect(server.authorizations).toEqual([]);
  });

  test("names device code blocked by policy; with --login auto a browser is the way out", async () => {
    await using server = startFaultyServer({ deviceCode: entraError("access_denied", 53003) });
    const args = ["--login", "device"];
    const expected: Expected = [
      "sign_in",
      "sign_in_blocked",
      3,
      /Conditional Access policy .*AADSTS53003/,
      /--login browser/,
    ];
    await expectDiagnosis({ url: server.url, args }, expected);
    const { report, last } = await diagnose({ url: server.url });
    const row = report.checks.find(({ id }) => id === "sign_in");
    expect([row?.status, row?.code, last?.id]).toEqual(["warning", "sign_in_blocked", "token"]);
    expect(`${row?.found} ${row?.remedy}`).toMatch(/AADSTS53003.*--login browser/);
    await expectDiagnosis({ url: server.url, args: ["--login", "browser"] }, [
      "token",
      "sign_in_required",
      3,
      /signed in/,
      /login/,
    ]);
    expect(server.asked.filter((line) => line.endsWith("/devicecode")).length).toBe(2);
  });

  test("asks for one device code, lets it lapse, and shows nothing of it", async () => {
    await using server = startFaultyServer();
    const expected: Expected = ["token", "sign_in_required", 3, /not signed in/, /mcp-client login/];
    await expectDiagnosis({ url: server.url }, expected);
    expect(server.asked.filter((line) => /\/(devicecode|token)$/.test(line))).toEqual([
      expect.stringMatching(/^POST .*\/devicecode$/),
    ]);
    expect(JSON.stringify((await diagnose({ url: server.url })).report)).not.toMatch(
      /secret.?device|SECRETCODE/,
    );
  });

  test("names a scope that is not written in full", async () => {
    await using server = startFaultyServer();
    const expected: Expected = ["sign_in", "invalid_config", 2, /does not say which API/, /api:\/\//];
    await expectDiagnosis({ url: server.url, args: ["--scope", "execute"] }, expected);
  });

  test("sends a token of another program to no server that only a ./.env names", async () => {
    await using server = startFaultyServer();
    const folder = createFolder();
    writeFileSync(join(folder, ".env"), `MCP_SERVER_URL=${server.url}\n`);
    const args = ["doctor", "--json", "--token-command", "echo not-for-you"];
    const { exitCode, stdout } = await runProgram("mcp-client", { args, folder });
    const { checks } = JSON.parse(stdout) as { checks: Row[] };
    expect([exitCode, checks.at(-1)?.id, checks.at(-1)?.code]).toEqual([3, "token", "untrusted_destination"]);
    expect(server.authorizations).toEqual([]);
    expect(stdout).not.toContain("not-for-you");
  });
});

test("doctor ends with 130 at Ctrl-C, and does not show what stands behind a question mark", async () => {
  const asked = Promise.withResolvers<void>();
  using silent = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch() {
      asked.resolve();
      return new Promise<Response>(() => {});
    },
  });
  const url = `http://127.0.0.1:${silent.port}/mcp?key=do-not-show`;
  await using doctor = startProgram("mcp-client", { args: ["doctor", "--json", "--url", url] });
  await asked.promise;
  doctor.kill("SIGINT");
  const { exitCode, stdout, stderr } = await doctor.finished;
  expect([exitCode, stdout, JSON.parse(stderr).error.code]).toEqual([130, "", "interrupted"]);
  const { report } = await diagnose({ url: "http://127.0.0.1:1/mcp?key=do-not-show" });
  expect(JSON.stringify(report)).not.toContain("do-not-show");
});

test("doctor names plain http beyond this machine before anything is sent by it, and warns without a token", async () => {
  using proxy = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("no", { status: 404 }),
  });
  const options = { url: "http://mcp.example.test/mcp", env: { HTTP_PROXY: proxy.url.href } };
  await expectDiagnosis(options, ["tls", "untrusted_destination", 3, /plain http/, /https address/]);
  const { report } = await diagnose({ ...options, args: ["--no-auth"] });
  expect(report.checks.find(({ id }) => id === "tls")?.status).toBe("warning");
});

test("doctor names a proxy that wants a password for plain http, too", async () => {
  using proxy = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("no", { status: 407 }),
  });
  const options = { url: "http://mcp.example.test/mcp", env: { HTTP_PROXY: proxy.url.href } };
  await expectDiagnosis(options, ["proxy", "unreachable", 4, /\(HTTP 407\)/, /user:password@/]);
});

describe("doctor with a token", () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await startDevServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function withToken(overrides: Record<string, unknown>): Promise<DoctorOptions> {
    const file = join(createFolder(), "token");
    writeFileSync(file, await server.mintToken(overrides), { mode: 0o600 });
    return { url: server.url, args: ["--token-command", `cat ${file}`] };
  }

  test.each<[string, Record<string, unknown>, Expected]>([
    [
      "another audience",
      { claims: { aud: "99999999-2222-4333-8444-555555555555" } },
      ["token", "wrong_audience", 3, /is for "99999999-/, /--scope/],
    ],
    ["Microsoft Graph", { kind: "graph" }, ["token", "graph_token", 3, /Microsoft Graph/, /--scope in full/]],
    [
      "no scope of ours",
      { scopes: ["read"] },
      ["token", "insufficient_scope", 3, /execute/, /administrator/],
    ],
    [
      "another tenant",
      { claims: { tid: crypto.randomUUID() } },
      ["token", "wrong_tenant", 3, /tenant/, /--tenant-id/],
    ],
    ["the past", { lifetimeSeconds: -600 }, ["token", "token_expired", 3, /expired/, /login/]],
    ["the client itself (an id token)", { kind: "id" }, ["token", "id_token", 3, /id token/, /access token/]],
  ])("names a token for %s", async (_, overrides, expected) => {
    await expectDiagnosis(await withToken(overrides), expected);
  });

  test.each(["1.0", "2.0"])("finds all well with a good v%s token", async (version) => {
    const { exitCode, report } = await diagnose(await withToken({ version }));
    expect([exitCode, report.ok, report.checks.map(({ id }) => id)]).toEqual([0, true, [...checkIds]]);
    expect(report.checks.filter(({ status }) => status === "ok").map(({ id }) => id)).toContain("tools");
  });

  test("does not look into a header file, and finds all well with it; then what the server refuses", async () => {
    const file = join(createFolder(), "headers");
    const write = (token: string) => writeFileSync(file, `Authorization: Bearer ${token}\n`, { mode: 0o600 });
    const options = { url: server.url, args: ["--header-file", file] };
    write(await server.mintToken());
    const { exitCode, report } = await diagnose(options);
    expect([exitCode, report.checks.find(({ id }) => id === "token")?.status]).toEqual([0, "skipped"]);
    write(await server.mintToken({ lifetimeSeconds: -600 }));
    await expectDiagnosis(options, [
      "era",
      "token_refused",
      3,
      /refuses the Authorization header/,
      /--header-file/,
    ]);
  });

  test("asks for no device code where an application signs in as itself, and names what it lacks", async () => {
    await using machines = await startDevServer({ args: ["--app-roles", "Tools.Execute"] });
    const { clientId, secret } = await machines.changeDaemon();
    recordSecrets([secret]);
    const env = { ENTRA_CLIENT_ID: clientId, ENTRA_CLIENT_SECRET: secret };
    const { exitCode, report } = await diagnose({ url: machines.url, env });
    expect([exitCode, report.checks.map(({ id }) => id)]).toEqual([0, [...checkIds]]);
    expect(await machines.readCounts()).toMatchObject({ devicecode: 0 });
    const nameless = { url: machines.url, env: { ENTRA_CLIENT_SECRET: secret } };
    await expectDiagnosis(nameless, ["sign_in", "invalid_config", 2, /its client id/, /--client-id/]);
    const wrong = { url: machines.url, env: { ...env, ENTRA_CLIENT_SECRET: "wrong-one" } };
    await expectDiagnosis(wrong, ["token", "sign_in_failed", 3, /AADSTS7000215/, /secret/]);
  });

  test("finds no client, and with one nobody who is signed in, by OAuth", async () => {
    const args = ["--auth", "oauth"];
    const noClient: Expected = ["sign_in", "sign_in_failed", 3, /registered clients only/, /--client-id/];
    await expectDiagnosis({ url: server.url, args }, noClient);
    const nobody: Expected = ["token", "sign_in_required", 3, /not signed in/, /login/];
    await expectDiagnosis({ url: server.url, args: [...args, "--client-id", "some-client"] }, nobody);
  });

  test("finds all well after a sign-in, on a terminal in rows; then a policy that blocks its renewal", async () => {
    const folder = createFolder();
    const login = startInTerminal("mcp-client", { args: ["login", "--url", server.url], folder });
    const [, address = ""] = await login.waitFor(/Address\s+(http\S+)/);
    const [, code = ""] = await login.waitFor(/Code\s+(\S+)\s/);
    await decideOnPage(address, code);
    expect((await login.finished).exitCode).toBe(0);
    const args = ["doctor", "--url", server.url];
    const { exitCode, screen } = await startInTerminal("mcp-client", { args, folder }).finished;
    const plain = Bun.stripANSI(screen);
    expect(exitCode).toBe(0);
    for (const title of [
      "Name",
      "Connection",
      "Endpoint",
      "Metadata",
      "Authority",
      "Sign-in",
      "Token",
      "Tools",
    ]) {
      expect(plain).toMatch(new RegExp(`^✓ ${title} `, "m"));
    }
    expect(plain).toContain("2026-07-28 and");
    const path = join(folder, ".token_cache.json");
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(/("expires_on": ?)"\d+"/g, '$1"1000000000"'));
    await server.setFaults({ conditionalAccessBlocks: 1 });
    const expected: Expected = ["token", "sign_in_required", 3, /AADSTS53003/, /administrator/];
    await expectDiagnosis({ url: server.url, folder }, expected);
  }, 30_000);

  test("names public client flows that are off at the dev tenant, too", async () => {
    await server.setFaults({ publicClientFlowsOff: true });
    const expected: Expected = ["sign_in", "sign_in_failed", 3, /AADSTS7000218/, /Allow public client flows/];
    await expectDiagnosis({ url: server.url }, expected);
    await server.setFaults({ publicClientFlowsOff: false });
  });
});

describe("doctor at an open server", () => {
  test("names a clock that is ten minutes off", async () => {
    await using upstream = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"] });
    const [, target = ""] = await upstream.waitForStderr(/Endpoint\s+(http\S+)/);
    using late = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        const { method, headers } = request;
        const url = new URL(new URL(request.url).pathname, target);
        const response = await fetch(url, {
          method,
          headers,
          body: method === "POST" ? await request.bytes() : null,
        });
        const answer = new Response(response.body, response);
        answer.headers.set("date", new Date(Date.now() - 600_000).toUTCString());
        return answer;
      },
    });
    const url = `http://127.0.0.1:${late.port}/mcp`;
    const expected: Expected = ["clock", "server_failed", 4, /10 minutes behind this machine/, /right time/];
    await expectDiagnosis({ url, args: ["--no-auth"] }, expected);
  });

  test.each<["legacy" | "modern", RegExp, RegExp]>([
    ["legacy", /2025-11-25" \(sessions\) only, not 2026-07-28/, /update the server/],
    ["modern", /2026-07-28 only, no sessions/, /mcp-client bridge/],
  ])("warns of a server that speaks the %s revisions only, and ends well", async (eras, says, remedy) => {
    await using server = startSdkServer({ tools: [echo], eras });
    const { exitCode, report } = await diagnose({ url: server.url, args: ["--no-auth"] });
    const era = report.checks.find(({ id }) => id === "era");
    expect([exitCode, report.ok, era?.status]).toEqual([0, true, "warning"]);
    expect(era?.found).toMatch(says);
    expect(era?.remedy).toMatch(remedy);
  });

  test("wants --no-auth left out where the server asks for a token, and added where it does not", async () => {
    await using closed = startFaultyServer();
    const expected: Expected = ["endpoint", "sign_in_required", 3, /wants a sign-in/, /without --no-auth/];
    await expectDiagnosis({ url: closed.url, args: ["--no-auth"] }, expected);
    await using open = startSdkServer({ tools: [echo] });
    await expectDiagnosis({ url: open.url }, [
      "metadata",
      "invalid_config",
      2,
      /no protected-/,
      /Add --no-auth/,
    ]);
    const { report } = await diagnose({ url: open.url });
    const endpoint = report.checks.find(({ id }) => id === "endpoint");
    expect([endpoint?.status, endpoint?.remedy]).toEqual(["warning", expect.stringContaining("--no-auth")]);
  });
});

describe("doctor --token-file", () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await startDevServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  const scope = "api://dec0de00-0000-4000-8000-0000000000a1/execute";

  async function explain(token: string, args: readonly string[] = [], mode = 0o600) {
    const file = join(createFolder(), "token.txt");
    writeFileSync(file, `${token}\n`);
    chmodSync(file, mode);
    const all = ["doctor", "--json", "--token-file", file, ...args];
    const { exitCode, stdout, stderr } = await runProgram("mcp-client", { args: all });
    const checks = stdout === "" ? [] : (JSON.parse(stdout) as { checks: Row[] }).checks;
    const find = (id: string) => checks.find((row) => row.id === id);
    return { exitCode, stdout, stderr, checks, find, verdict: find("verdict") };
  }

  test.each<[string, Record<string, unknown>, string, string, string]>([
    [
      "for another API",
      { claims: { aud: "99999999-2222-4333-8444-555555555555" } },
      scope,
      "wrong_audience",
      "audience",
    ],
    ["for Microsoft Graph", { kind: "graph" }, scope, "graph_token", "audience"],
    ["that is an id token", { kind: "id" }, scope, "id_token", "form"],
    ["of an application", { kind: "app" }, scope, "app_only_token", "rights"],
    ["of a guest", { person: "gia" }, scope, "guest_not_allowed", "holder"],
    ["without the scope", { scopes: ["read"] }, scope, "insufficient_scope", "rights"],
    ["without the scope, by a bare name", { scopes: ["read"] }, "execute", "insufficient_scope", "rights"],
    ["that has expired", { lifetimeSeconds: -600 }, scope, "token_expired", "expiry"],
    ["of no known version", { claims: { ver: "3.0" } }, scope, "unsupported_version", "version"],
  ])("says what is wrong with a token %s, and ends with 3", async (_, overrides, wanted, code, faulty) => {
    const { exitCode, verdict, checks } = await explain(await server.mintToken(overrides), [
      "--scope",
      wanted,
    ]);
    expect([exitCode, verdict?.status, verdict?.code]).toEqual([3, "failed", code]);
    expect(verdict?.remedy).toBeString();
    const others = checks.filter(({ id, status }) => status === "failed" && id !== "verdict");
    expect(others.map(({ id }) => id)).toEqual([faulty]);
  });

  test.each(["1.0", "2.0"])(
    "explains a good v%s token without asking anybody and without showing it",
    async (version) => {
      const token = await server.mintToken({ version });
      const { exitCode, stdout, find, verdict } = await explain(token, ["--scope", scope]);
      expect([exitCode, verdict?.status]).toEqual([0, "ok"]);
      expect(find("version")?.found).toStartWith(version);
      expect(find("rights")?.found).toContain('"execute"');
      expect(find("expiry")?.found).toMatch(/^ends in \d+ (minutes|hours)/);
      expect(find("holder")?.found).toContain("Ada Lindqvist");
      for (const segment of token.split(".")) expect(stdout).not.toContain(segment);
    },
  );

  test("takes a token on standard input, and knows no other tenant than the one given", async () => {
    const args = ["doctor", "--json", "--token-file", "-", "--tenant-id", crypto.randomUUID()];
    const stdin = await server.mintToken();
    const { exitCode, stdout } = await runProgram("mcp-client", { args, stdin });
    expect([exitCode, JSON.parse(stdout).checks.at(-1).code]).toEqual([3, "wrong_tenant"]);
  });

  test("warns of a file that others may read", async () => {
    const { exitCode, find } = await explain(await server.mintToken(), [], 0o644);
    expect([exitCode, find("file")?.status, find("file")?.remedy]).toEqual([
      0,
      "warning",
      expect.stringContaining("chmod 600"),
    ]);
  });

  test.each([
    ["no token", "just some words", "malformed_token", 3],
    ["a header line", "Bearer a.b.c", "malformed_token", 3],
    ["nothing", "", "malformed_token", 3],
  ])("refuses a file with %s", async (_, text, code, exit) => {
    const { exitCode, stdout, stderr } = await explain(text);
    expect([exitCode, stdout, JSON.parse(stderr).error.code]).toEqual([exit, "", code]);
  });

  test("refuses a file that does not exist", async () => {
    const args = ["doctor", "--token-file", "no-such-file"];
    expect((await runProgram("mcp-client", { args })).exitCode).toBe(2);
  });
});
