import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { writeBrowser } from "../harness/browser.ts";
import { hasOpenssl, makeCertificate } from "../harness/certificates.ts";
import { startDevServer } from "../harness/dev-server.ts";
import { decideOnPage } from "../harness/person.ts";
import { recordSecrets } from "../harness/recorder.ts";
import { createFolder, runProgram, startInTerminal, startProgram } from "../harness/program.ts";

const needsOpenssl = test.skipIf(!hasOpenssl);

describe("signing in in a browser", () => {
  test("--login browser opens $BROWSER and keeps the tokens", async () => {
    await using server = await startDevServer();
    const folder = createFolder();
    const env = { BROWSER: writeBrowser(folder) };
    const args = ["--url", server.url, "login", "--login", "browser"];
    const { exitCode, screen } = await startInTerminal("mcp-client", { args, env, folder }).finished;
    expect([exitCode, screen]).toEqual([0, expect.stringContaining("Signed in as Ada Lindqvist")]);
    expect(screen).toContain("open this address in a browser on this machine");
    expect(await server.readCounts()).toMatchObject({ devicecode: 0, authorize: 1 });
    const tools = await runProgram("mcp-client", { args: ["--url", server.url, "tools"], folder });
    expect(tools.exitCode).toBe(0);
  });

  test("where a policy blocks device code the browser is the way out; without one the error names it", async () => {
    await using server = await startDevServer();
    const folder = createFolder();
    const login = async (env: Record<string, string>) => {
      await server.setFaults({ conditionalAccessBlocks: 1 });
      return startInTerminal("mcp-client", { args: ["--url", server.url, "login"], env, folder }).finished;
    };
    const without = await login({});
    expect([without.exitCode, without.screen]).toEqual([3, expect.stringContaining("AADSTS53003")]);
    expect(without.screen).toContain("--login browser");
    const { exitCode, screen } = await login({ BROWSER: writeBrowser(folder) });
    expect([exitCode, screen]).toEqual([0, expect.stringContaining("blocks device code; a browser may do")]);
    expect(screen).toContain("Signed in as Ada Lindqvist");
  });
});

describe("login --json", () => {
  test("tells another program what to show, one JSON line each, and needs no terminal", async () => {
    await using server = await startDevServer();
    await using client = startProgram("mcp-client", { args: ["--url", server.url, "login", "--json"] });
    const [line = ""] = await client.waitForStderr(/^\{.*\}$/m);
    const event = JSON.parse(line);
    expect(event).toEqual({
      event: "device_code",
      verificationUri: server.pageUrl,
      userCode: expect.stringMatching(/^[A-Z]{9}$/),
      expiresInSeconds: 900,
      message: expect.any(String),
    });
    await decideOnPage(event.verificationUri, event.userCode);
    const { exitCode, stdout } = await client.finished;
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ name: "Ada Lindqvist" })]);
  });
});

describe("without a terminal and without a token", () => {
  test.each(["run", "tools", "call", "login", "whoami"])(
    "%s ends with 3 and asks nobody",
    async (command) => {
      await using server = await startDevServer();
      const args = ["--url", server.url, command, ...(command === "call" ? ["reverse_tool", "query=x"] : [])];
      const folder = createFolder();
      const { exitCode, stdout, stderr } = await runProgram("mcp-client", { args, folder });
      expect([exitCode, stdout, stderr]).toEqual([3, "", expect.stringContaining("mcp-client login")]);
      // Of a login: nothing was begun, nothing was polled, and nothing lies about.
      const { devicecode, authorize, token } = await server.readCounts();
      expect([devicecode, authorize, token]).toEqual([
        0,
        0,
        { authorization_code: {}, client_credentials: {}, device_code: {}, refresh_token: {}, other: {} },
      ]);
      expect(existsSync(join(folder, ".token_cache.json"))).toBe(false);
    },
  );
});

describe("a machine", () => {
  async function start() {
    const server = await startDevServer({ args: ["--app-roles", "Tools.Execute"] });
    const folder = createFolder();
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return name;
    };
    const run = async (args: readonly string[], env: Record<string, string> = {}) =>
      runProgram("mcp-client", { args: ["--url", server.url, ...args], env, folder });
    const call = (args: readonly string[], env?: Record<string, string>) =>
      run(["call", "random_number_tool", "min=3", "max=3", ...args], env);
    return { server, folder, write, run, call, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }

  test("calls a tool with a secret from the environment or a file, and says who it is", async () => {
    await using machine = await start();
    const { clientId, secret } = await machine.server.changeDaemon();
    recordSecrets([secret]);
    const env = { ENTRA_CLIENT_ID: clientId, ENTRA_CLIENT_SECRET: secret };
    const first = await machine.call([], env);
    expect([first.exitCode, first.stdout]).toEqual([0, expect.stringContaining("3")]);
    // The second time the token comes from the cache.
    const second = await machine.call([
      "--client-id",
      clientId,
      "--client-secret-file",
      machine.write("s", secret),
    ]);
    expect(second.exitCode).toBe(0);
    expect(await machine.server.readCounts()).toMatchObject({ token: { client_credentials: { ok: 1 } } });
    const who = await machine.run(["whoami", "--json"], env);
    expect(JSON.parse(who.stdout)).toMatchObject({ username: `application ${clientId}` });
    const login = await machine.run(["login"], env);
    expect([login.exitCode, login.stderr]).toEqual([0, expect.stringContaining(`Signed in as application`)]);
    expect(readFileSync(join(machine.folder, ".token_cache.json"), "utf8")).not.toContain(secret);
  });

  test("with a wrong secret ends with 3, without a client id with 2", async () => {
    await using machine = await start();
    const { clientId } = await machine.server.changeDaemon();
    const wrong = await machine.call(["--client-id", clientId], { ENTRA_CLIENT_SECRET: "wrong-one" });
    expect([wrong.exitCode, wrong.stderr]).toEqual([3, expect.stringContaining("AADSTS7000215")]);
    expect(wrong.stderr).not.toContain("wrong-one");
    const nameless = await machine.call([], { ENTRA_CLIENT_SECRET: "any" });
    expect([nameless.exitCode, nameless.stderr]).toEqual([2, expect.stringContaining("--client-id")]);
  });

  needsOpenssl("calls a tool with a certificate", async () => {
    await using machine = await start();
    const { certificate, key } = makeCertificate({ names: "DNS:daemon" });
    const { clientId } = await machine.server.changeDaemon({ certificate });
    const file = machine.write("daemon.pem", certificate + key);
    const { exitCode, stderr } = await machine.call(["--client-id", clientId, "--client-certificate", file]);
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  });

  test("calls a tool with a federated token", async () => {
    await using machine = await start();
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const [issuer, subject] = ["https://oidc.example", "system:serviceaccount:a:b"];
    const federation = { issuer, subject, publicKey: publicKey.export({ format: "jwk" }) };
    const { clientId } = await machine.server.changeDaemon({ federation });
    const token = await new SignJWT({ iss: issuer, sub: subject, aud: "api://AzureADTokenExchange" })
      .setProtectedHeader({ alg: "RS256" })
      .setExpirationTime("5m")
      .sign(privateKey);
    recordSecrets([token]);
    const env = { ENTRA_CLIENT_ID: clientId, AZURE_FEDERATED_TOKEN_FILE: machine.write("token", token) };
    const { exitCode, stderr } = await machine.call([], env);
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  });

  test("calls a tool as the managed identity of the machine, past every proxy", async () => {
    await using machine = await start();
    const { server } = machine;
    const access_token = await server.mintToken({ kind: "app", claims: { roles: ["Tools.Execute"] } });
    const expires_on = String(Math.floor(Date.now() / 1000) + 3600);
    const asked: (string | null)[] = [];
    using metadata = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        asked.push(new URL(request.url).searchParams.get("resource"));
        return Response.json({ access_token, expires_on, token_type: "Bearer" });
      },
    });
    const env = {
      AZURE_POD_IDENTITY_AUTHORITY_HOST: `http://127.0.0.1:${metadata.port}`,
      HTTP_PROXY: "http://127.0.0.1:1",
    };
    const scope = ["--scope", "api://dec0de00-0000-4000-8000-0000000000a1/execute"];
    const { exitCode, stderr } = await machine.call(["--managed-identity", "system", ...scope], env);
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    expect(asked).toEqual(["api://dec0de00-0000-4000-8000-0000000000a1"]);
    expect(existsSync(join(machine.folder, ".token_cache.json"))).toBe(false);
  });
});

test("several accounts in one cache: whoami lists them, calls want --account, logout forgets one", async () => {
  await using server = await startDevServer();
  const folder = createFolder();
  for (const person of ["ada", "gia"] as const) {
    const args = ["--url", server.url, "login", "--json"];
    await using client = startProgram("mcp-client", { args, folder });
    const [line = ""] = await client.waitForStderr(/^\{.*\}$/m);
    const { verificationUri, userCode } = JSON.parse(line);
    await decideOnPage(verificationUri, userCode, { person });
    const { exitCode, stdout } = await client.finished;
    expect([exitCode, JSON.parse(stdout).username]).toEqual([0, expect.stringContaining(person)]);
  }
  const run = (...args: string[]) =>
    runProgram("mcp-client", { args: ["--url", server.url, ...args], folder });
  const who = await run("whoami", "--json");
  expect(JSON.parse(who.stdout).accounts).toHaveLength(2);
  expect((await run("whoami")).stdout).toMatch(/Name +Gia Moreau[^]*\n\n[^]*Ada|Name +Ada[^]*\n\n[^]*Gia/);
  const unclear = await run("tools");
  expect([unclear.exitCode, unclear.stderr]).toEqual([2, expect.stringContaining("--account NAME")]);
  expect(unclear.stderr).toContain('"ada@devtenant.example", "gia@partner.example"');
  expect((await run("tools", "--account", "ada@devtenant.example")).exitCode).toBe(0);
  expect(await run("logout", "--account", "gia@partner.example")).toEqual({
    exitCode: 0,
    stdout: "",
    stderr: "Signed out: the tokens of gia@partner.example are gone.\n",
  });
  expect((await run("logout", "--account", "gia@partner.example")).stderr).toBe(
    "gia@partner.example was not signed in.\n",
  );
  expect((await run("tools")).exitCode).toBe(0);
  expect((await run("logout", "--json")).stdout).toBe('{"signedOut":true}\n');
  expect((await run("logout")).stderr).toBe("Nobody was signed in.\n");
  expect((await run("tools")).exitCode).toBe(3);
});
