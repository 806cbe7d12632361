import { describe, expect, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { audience, createIssuerKey, startOtherIssuer } from "../auth-server/other-issuer.ts";
import { type DevServer, startDevServer } from "../harness/dev-server.ts";
import { createFolder, runProgram, startProgram } from "../harness/program.ts";
import { recordSecrets, recordText } from "../harness/recorder.ts";

const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const listTools = { jsonrpc: "2.0", id: 1, method: "tools/list" };
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};

/** Sends a message with a token. */
async function post(url: string, token: string, body: object = initialize): Promise<Response> {
  const headers = { ...json, authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  recordText("POST /mcp", JSON.stringify([...response.headers]) + (await response.clone().text()));
  return response;
}

async function outcomeOf(response: Response): Promise<string> {
  if (response.ok) return "let in";
  const { reason } = (await response.json()) as { readonly reason?: string };
  return `${response.status} ${reason}`;
}

const mintAndPost = async (server: DevServer, overrides: Record<string, unknown>) =>
  outcomeOf(await post(server.url, await server.mintToken(overrides)));

describe("mcp-server --issuer", () => {
  test("finds the keys, lets its callers in and says why others are not", async () => {
    const [key, stranger] = [await createIssuerKey("ES256", "k"), await createIssuerKey("ES256", "k")];
    const rsa = await createIssuerKey("RS256", "rsa");
    await using other = await startOtherIssuer(key, rsa);
    const args = ["--issuer", other.issuer, "--audience", audience, "--algorithms", "ES256", "--port", "0"];
    await using server = startProgram("mcp-server", {
      args: [...args, "--allowed-clients", "app,other-app"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const send = async (signer: typeof key, claims: object = {}) => {
      const token = await other.mint(signer, { claims: { ...claims } });
      recordSecrets([token]);
      return outcomeOf(await post(url, token));
    };
    expect(await send(key)).toBe("let in");
    expect(await send(key, { aud: ["account", audience] })).toBe("let in");
    expect(await send(key, { scope: undefined, scp: ["execute"] })).toBe("let in");
    expect(await send(stranger)).toBe("401 bad_signature");
    expect(await send(rsa)).toBe("401 unsupported_algorithm");
    expect(await send(key, { aud: "account" })).toBe("401 wrong_audience");
    expect(await send(key, { iss: other.origin })).toBe("401 wrong_issuer");
    expect(await send(key, { exp: 1 })).toBe("401 token_expired");
    expect(await send(key, { exp: undefined })).toBe("401 missing_claim");
    expect(await send(key, { at_hash: "x" })).toBe("401 id_token");
    expect(await send(key, { scope: "read" })).toBe("403 insufficient_scope");
    expect(await send(key, { client_id: "stranger" })).toBe("403 client_not_allowed");
    const next = await createIssuerKey("ES256", "next");
    other.state.keys = [next];
    expect(await send(next)).toBe("let in");
    expect(await send(key)).toBe("401 unknown_key");
    const metadata = await fetch(new URL("/.well-known/oauth-protected-resource/mcp", url));
    expect(await metadata.json()).toMatchObject({
      authorization_servers: [other.issuer],
      scopes_supported: ["execute"],
    });
  });

  test("answers 503 with Retry-After, never 401, while the keys are not there, and recovers", async () => {
    const key = await createIssuerKey("RS256", "k");
    await using other = await startOtherIssuer();
    const args = ["--issuer", other.issuer, "--audience", audience, "--port", "0"];
    await using server = startProgram("mcp-server", { args });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const token = await other.mint(key);
    recordSecrets([token]);
    const refused = await post(url, token);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.headers.get("www-authenticate")).toBeNull();
    expect(await refused.json()).toMatchObject({
      error: "temporarily_unavailable",
      reason: "keys_unavailable",
    });
    const ready = () => fetch(new URL("/readyz", url)).then(({ status }) => status);
    expect(await ready()).toBe(503);
    other.state.keys = [key];
    while ((await ready()) !== 200);
    expect(await outcomeOf(await post(url, token))).toBe("let in");
  });
});

describe("mcp-server refuses to start", () => {
  const tenant = "11111111-2222-3333-4444-555555555555";
  const entra = ["--tenant-id", tenant, "--api-client-id", tenant];
  const issuer = ["--issuer", "https://id.example.com", "--audience", "mcp"];

  test.each<[string, readonly string[], string]>([
    ["with an issuer and no audience", issuer.slice(0, 2), "With --issuer the server needs --audience"],
    ["with an issuer by http", ["--issuer", "http://id.example.com"], "--issuer takes an https URL"],
    ["with an issuer and a tenant", [...issuer, ...entra], "--tenant-id (ENTRA_TENANT_ID) is for Entra"],
    [
      "with an issuer and an API",
      [...issuer, "--api-client-id", tenant],
      "--api-client-id (ENTRA_API_CLIENT_ID)",
    ],
    [
      "with an issuer and a client",
      [...issuer, "--client-id", tenant],
      "--client-id (ENTRA_CLIENT_ID) is for",
    ],
    [
      "with an issuer and app roles",
      [...issuer, "--app-roles", "Run"],
      "--app-roles (ENTRA_APP_ROLES) is for",
    ],
    [
      "with an issuer and guests",
      [...issuer, "--allow-guests"],
      "--allow-guests (ENTRA_ALLOW_GUESTS) is for",
    ],
    [
      "with keys and no issuer",
      [...entra, "--jwks-uri", "https://k.example.com"],
      "says nothing without --issuer",
    ],
    [
      "with algorithms and no issuer",
      [...entra, "--algorithms", "ES256"],
      "--algorithms (MCP_ALGORITHMS) says",
    ],
    ["with HS256", [...issuer, "--algorithms", "HS256"], "--algorithms takes asymmetric algorithms"],
    [
      "with a client that is no GUID",
      [...entra, "--allowed-clients", "app"],
      'client ids (GUIDs), not "app"',
    ],
    ["with one of two tenants that is none", ["--tenant-id", `${tenant},common`], 'not "common"'],
    [
      "with keys dropped before they are refreshed",
      [...entra, "--jwks-max-age-seconds", "60"],
      "--jwks-max-age-seconds (MCP_JWKS_MAX_AGE_SECONDS) must not be less than --jwks-refresh-seconds.",
    ],
    ["with too much skew", [...entra, "--clock-skew-seconds", "3600"], "a whole number from 0 to 600"],
    ["with no list of denied tokens", [...entra, "--denied-tokens", "nowhere"], '"nowhere", cannot be read.'],
    ["with a folder for a list", [...entra, "--denied-tokens", "."], '".", cannot be read.'],
  ])("%s", async (_, args, sentence) => {
    const { exitCode, stdout, stderr } = await runProgram("mcp-server", { args });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+|ENOENT/);
  });

  test("for a list of denied tokens with a line that is none, and names the line", async () => {
    const path = join(createFolder(), "denied");
    writeFileSync(path, "u-1\nu-2 u-3\n");
    const env = { MCP_DENIED_TOKENS: path };
    const { exitCode, stderr } = await runProgram("mcp-server", { args: entra, env });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /Line 2 of the file of denied tokens, ".*", is no token id\.\n.*One uti \(or jti\) a line/,
    );
  });
});

describe("mcp-server says at its start", () => {
  const tenants = ["11111111-2222-3333-4444-555555555555", "22222222-2222-3333-4444-555555555555"];
  const api = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
  const entra = ["--tenant-id", tenants.join(), "--api-client-id", api, "--port", "0", "--host", "127.0.0.1"];
  // Keys are asked for at a proxy where nobody is: these tests reach no network.
  const env = { HTTPS_PROXY: "http://127.0.0.1:9", https_proxy: "http://127.0.0.1:9" };

  async function startLines(args: readonly string[], last = /Connect .*/): Promise<string> {
    await using server = startProgram("mcp-server", { args, env });
    await server.waitForStderr(last);
    server.kill("SIGTERM");
    return (await server.finished).stderr;
  }

  test("whose tokens are accepted, of several tenants, and who of their callers comes in", async () => {
    const denied = join(createFolder(), "denied");
    writeFileSync(denied, "# none yet\n");
    const policies = ["--allowed-clients", tenants.join(), "--app-roles", "Run,Read", "--allow-guests"];
    const lines = await startLines([...entra, ...policies, "--denied-tokens", denied]);
    expect(lines).toMatch(/Access {5}callers with an Entra access token\n/);
    expect(lines).toContain(`Tenants    ${tenants.join(" ")} (--tenant-id)\n`);
    expect(lines).toContain(`Audience   ${api} (--api-client-id); v1.0 tokens also api://${api}\n`);
    expect(lines).toMatch(/Scope {6}execute\n/);
    expect(lines).toContain(`Clients    ${tenants.join(" ")}\n`);
    expect(lines).toContain("App roles  Run Read (--app-roles)\n");
    expect(lines).toContain("Guests     let in (--allow-guests)\n");
    expect(lines).toContain(`Denied     tokens listed in ${denied}\n`);
    expect(lines).not.toContain("AADSTS");
  });

  test("nothing of policies that are the default", async () => {
    const lines = await startLines([...entra.with(1, tenants[0] ?? ""), "--required-scopes", "read"]);
    expect(lines).toContain(`Tenant     ${tenants[0]} (--tenant-id)\n`);
    expect(lines).toMatch(/Scope {6}read \(--required-scopes\)\n/);
    expect(lines).not.toMatch(/Clients|App roles|Guests|Denied/);
  });

  test("which other issuer it trusts", async () => {
    const issuer = ["--issuer", "https://id.example.com", "--audience", "mcp,mcp-2"];
    const keys = ["--jwks-uri", "https://keys.example.com/set", "--algorithms", "EdDSA,ES256"];
    const lines = await startLines([...issuer, ...keys, "--port", "0", "--host", "127.0.0.1"]);
    expect(lines).toMatch(/Access {5}callers with an access token of the issuer\n/);
    expect(lines).toContain("Issuer     https://id.example.com (--issuer)\n");
    expect(lines).toContain("Audience   mcp mcp-2 (--audience)\n");
    expect(lines).toMatch(/Connect {4}mcp-client --url \S+ --auth oauth\n/);
    expect(lines).toContain("Signed by  ES256 EdDSA, keys from https://keys.example.com/set\n");
  });

  test("that Entra would refuse clients where the public URL is no App ID URI, and how to mend it", async () => {
    const lines = await startLines(
      [...entra, "--public-url", "https://mcp.contoso.com/mcp"],
      /--audience http.*/,
    );
    expect(lines).toContain("AADSTS9010010");
    expect(lines).toContain(
      `az ad app update --id ${api} --identifier-uris api://${api} https://mcp.contoso.com/mcp\n`,
    );
    expect(lines).toContain("mcp-server --audience https://mcp.contoso.com/mcp ...");
  });

  test("nothing of the kind where they match", async () => {
    const url = "https://mcp.contoso.com/mcp";
    expect(await startLines([...entra, "--public-url", url, "--audience", url])).not.toContain("AADSTS");
  });
});

describe("mcp-server --terse-errors", () => {
  test("tells callers nothing but the error's name, and the log why", async () => {
    await using server = await startDevServer({ args: ["--terse-errors"] });
    const refused = await post(server.url, await server.mintToken({ lifetimeSeconds: -600 }));
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toMatch(
      /^Bearer error="invalid_token", scope="[^"]+", resource_metadata="[^"]+"$/,
    );
    expect(await refused.json()).toEqual({ error: "invalid_token" });
    const unscoped = await post(server.url, await server.mintToken({ scopes: ["read"] }));
    expect(unscoped.status).toBe(403);
    expect(unscoped.headers.get("www-authenticate")).toMatch(/^Bearer error="insufficient_scope", scope="/);
    expect(await unscoped.json()).toEqual({ error: "insufficient_scope" });
    await server.program.waitForStderr(
      /Refused: token_expired: The token has expired[^]*Refused: insufficient_scope: The token lacks/,
    );
  });
});

describe("mcp-server --denied-tokens", () => {
  /** Opens a session and its listening stream. */
  async function openStream(url: string, token: string) {
    const authorization = `Bearer ${token}`;
    const session = (await post(url, token)).headers.get("mcp-session-id") ?? "";
    const headers = { authorization, "mcp-session-id": session, "mcp-protocol-version": "2025-06-18" };
    const response = await fetch(url, { headers: { ...headers, accept: "text/event-stream" } });
    expect(response.status).toBe(200);
    if (!response.body) throw new Error("there is no stream");
    const reader = response.body.getReader();
    await reader.read();
    let hasEnded = false;
    const drain = async () => {
      while (!(await reader.read()).done);
      hasEnded = true;
    };
    const ended = drain();
    ended.catch(() => {});
    return {
      ended,
      hasEnded: () => hasEnded,
      request: () =>
        fetch(url, { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(listTools) }),
    };
  }

  test("ends the listening stream of a token that is added, and refuses its next request", async () => {
    const path = join(createFolder(), "denied");
    writeFileSync(path, "somebody-else\n");
    await using server = await startDevServer({ args: ["--denied-tokens", path] });
    const open = async (uti: string) => openStream(server.url, await server.mintToken({ claims: { uti } }));
    const [denied, other] = [await open("u-1"), await open("u-2")];
    expect((await denied.request()).status).toBe(200);
    writeFileSync(`${path}.new`, "somebody-else\nu-1\n");
    renameSync(`${path}.new`, path);
    await denied.ended;
    await server.program.waitForStderr(/Denied tokens: 2 listed/);
    const refused = await denied.request();
    expect(refused.headers.get("www-authenticate")).toContain(
      'error="invalid_token", error_description="token_revoked: The token was revoked; sign in again."',
    );
    expect(await outcomeOf(refused)).toBe("401 token_revoked");
    expect((await other.request()).status).toBe(200);
    expect([denied.hasEnded(), other.hasEnded()]).toEqual([true, false]);
    writeFileSync(path, "");
    await server.program.waitForStderr(/Denied tokens: 0 listed/);
    expect((await denied.request()).status).toBe(200);
  });
});

describe("mcp-server --dev lets in", () => {
  const client = "dec0de00-0000-4000-8000-0000000000c1";
  const application = { claims: { idtyp: "app", scp: null, roles: ["Tools.Run"] } };

  test("people of the tenant alone, by default", async () => {
    await using server = await startDevServer();
    expect(await mintAndPost(server, {})).toBe("let in");
    expect(await mintAndPost(server, { person: "gia" })).toBe("403 guest_not_allowed");
    expect(await mintAndPost(server, { person: "gia", version: "1.0" })).toBe("403 guest_not_allowed");
    expect(await mintAndPost(server, application)).toBe("403 app_only_token");
  });

  test("guests with --allow-guests, applications by --app-roles, clients of --allowed-clients", async () => {
    const args = ["--allow-guests", "--app-roles", "Tools.Run", "--allowed-clients", client.toUpperCase()];
    await using server = await startDevServer({ args });
    expect(await mintAndPost(server, { person: "gia" })).toBe("let in");
    expect(await mintAndPost(server, application)).toBe("let in");
    const { claims } = application;
    expect(await mintAndPost(server, { claims: { ...claims, roles: ["Other"] } })).toBe("403 missing_role");
    expect(await mintAndPost(server, { claims: { ...claims, roles: null } })).toBe("403 missing_role");
    expect(await mintAndPost(server, { claims: { azp: "dec0de00-0000-4000-8000-0000000000c2" } })).toBe(
      "403 client_not_allowed",
    );
  });
});
