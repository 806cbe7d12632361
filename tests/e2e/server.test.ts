import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { clientKinds, connectSdk } from "../transport-server/sdk-clients.ts";
import { startDevServer } from "../harness/dev-server.ts";
import { createFolder, runProgram, startProgram } from "../harness/program.ts";

const initialize = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };

describe("mcp-server --dev", () => {
  test.each([...clientKinds])("serves %s with a token of the dev tenant, v1.0 and v2.0", async (kind) => {
    await using server = await startDevServer();
    for (const version of ["1.0", "2.0"]) {
      const client = await connectSdk(kind, server.url, await server.mintToken({ version }));
      expect(await client.listTools()).toEqual(["reverse_tool", "random_number_tool"]);
      const progress: number[] = [];
      const result = await client.call(
        "reverse_tool",
        { query: "abc" },
        { onProgress: (p) => progress.push(p) },
      );
      expect(result.structuredContent).toEqual({ reversed_query: "cba" });
      expect(progress).toEqual([0, 1, 2, 3, 4, 5]);
      await client.close();
    }
  });

  test("tells clients all they need in its metadata", async () => {
    await using server = await startDevServer();
    const root = await (await server.request("/.well-known/oauth-protected-resource")).json();
    const path = await (await server.request("/.well-known/oauth-protected-resource/mcp")).json();
    expect(path).toEqual(root);
    expect(path).toMatchObject({
      resource: server.url,
      authorization_servers: [expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}\/v2\.0$/)],
      scopes_supported: [expect.stringMatching(/^api:\/\/[0-9a-f-]{36}\/execute$/)],
      entra_public_client_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test("answers 401 without a token, 401 for a bad one and 403 without the scope", async () => {
    await using server = await startDevServer();
    const post = (authorization?: string) =>
      server.request("/mcp", {
        method: "POST",
        headers: { ...json, ...(authorization === undefined ? {} : { authorization }) },
        body: initialize,
      });
    const none = await post();
    expect(none.status).toBe(401);
    expect(none.headers.get("www-authenticate")).not.toContain("error");
    const bad = await post("Bearer abc");
    expect(bad.status).toBe(401);
    expect(bad.headers.get("www-authenticate")).toContain('error="invalid_token"');
    const unscoped = await post(`Bearer ${await server.mintToken({ person: "ben", scopes: ["read"] })}`);
    expect(unscoped.status).toBe(403);
    expect(unscoped.headers.get("www-authenticate")).toMatch(
      /^Bearer error="insufficient_scope".*scope="api:\/\/[0-9a-f-]{36}\/execute"/,
    );
    expect(await unscoped.json()).toMatchObject({ reason: "insufficient_scope" });
    await server.program.waitForStderr(
      /Refused: insufficient_scope: The token lacks the scope execute; it has [^(]* \(caller [0-9a-f-]{36}:[0-9a-f-]{36}:[0-9a-f-]{36}\)/,
    );
  });

  test("answers 503 and not 401 while an unknown key cannot be looked up", async () => {
    await using server = await startDevServer();
    await server.setFaults({ jwks: "error", rolloverKeys: "withdraw" });
    const authorization = `Bearer ${await server.mintToken()}`;
    const response = await server.request("/mcp", {
      method: "POST",
      headers: { ...json, authorization },
      body: initialize,
    });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    await server.setFaults({ jwks: "ok" });
  });

  test("takes a new key on its first request", async () => {
    await using server = await startDevServer();
    await server.setFaults({ rolloverKeys: "keep" });
    const client = await connectSdk("v2 auto", server.url, await server.mintToken());
    expect(await client.listTools()).toHaveLength(2);
    await client.close();
  });
});

describe("mcp-server stops", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "after %s lets a running call finish and exits with 0",
    async (signal) => {
      await using server = startProgram("mcp-server", {
        args: ["--no-auth", "--port", "0", "--reverse-seconds", "1"],
      });
      const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
      const client = await connectSdk("v2 auto", url, undefined);
      const result = await client.call(
        "reverse_tool",
        { query: "abc" },
        { onProgress: (progress) => progress === 1 && server.kill(signal) },
      );
      expect(result.structuredContent).toEqual({ reversed_query: "cba" });
      expect(await server.finished).toMatchObject({ exitCode: 0, stdout: "" });
      await client.close().catch(() => {});
    },
  );

  test("at once after a second Ctrl-C, with 130", async () => {
    await using server = startProgram("mcp-server", {
      args: ["--no-auth", "--port", "0", "--reverse-seconds", "60"],
    });
    const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
    const client = await connectSdk("v2 auto", url, undefined);
    const call = client.call("reverse_tool", { query: "abc" }, { onProgress: () => server.kill("SIGINT") });
    call.catch(() => {});
    await server.waitForStderr(/Stopping/);
    server.kill("SIGINT");
    expect((await server.finished).exitCode).toBe(130);
    await client.close().catch(() => {});
  });
});

describe("mcp-server refuses to start", () => {
  test.each([
    ["without a tenant", [], /--tenant-id.*\n.*--dev/],
    ["without an API", ["--tenant-id", "contoso.com"], /--api-client-id/],
    [
      "with a tenant that is none",
      ["--tenant-id", "not a tenant"],
      /--tenant-id takes a tenant id \(a GUID\)/,
    ],
    ["with an unknown flag", ["--prot", "1"], /Unknown flag "--prot"\. Did you mean "--port"\?/],
    ["with a pattern of allowed hosts", ["--allowed-hosts", "*.a.b"], /takes host names .*not "\*\.a\.b"/],
    ["with an allowed host that has a port", ["--allowed-hosts", "a.b,a.b:80"], /not "a\.b:80"/],
    [
      "with an allowed host that is a URL",
      ["--allowed-hosts", "http://a.b"],
      /without scheme, port and path/,
    ],
    ["with an allowed origin that is a host", ["--allowed-origins", "a.b"], /takes origins like https:/],
    ["with an allowed origin that has a path", ["--allowed-origins", "http://a.b/c"], /without path/],
    [
      "with a public URL that has a query",
      ["--public-url", "https://a.b/mcp?x"],
      /without query and fragment/,
    ],
    ["with a value for --no-auth", ["--no-auth=false"], /--no-auth takes no value/],
    ["with a flag given twice", ["--port", "1", "--port=2"], /--port is given twice/],
    [
      "with a list given twice",
      ["--audience", "api://a", "--audience", "api://b"],
      /--audience is given twice.*\n.*commas/,
    ],
    ["with a port that is none", ["--port", "http"], /--port takes a whole number from 0 to 65535/],
    [
      "on an address that is not its own",
      ["--no-auth", "--host", "192.0.2.1", "--allow-unauthenticated-network"],
      /--host/,
    ],
    ["open to the network", ["--no-auth", "--host", "0.0.0.0"], /--allow-unauthenticated-network/],
    ["with --dev on the network", ["--dev", "--host", "0.0.0.0"], /--dev listens on this machine alone/],
    [
      "open to those who reach its public URL",
      ["--no-auth", "--public-url", "https://mcp.contoso.com/mcp"],
      /everybody who reaches https:\/\/mcp.contoso.com\/mcp could/,
    ],
    [
      "with --dev and a real tenant",
      ["--dev", "--tenant-id", "contoso.com"],
      /--tenant-id says nothing with --dev\.\n.*leave --dev out/,
    ],
    ["with --dev and --no-auth", ["--dev", "--no-auth"], /exclude each other/],
  ])("%s", async (_, args, message) => {
    const { exitCode, stdout, stderr } = await runProgram("mcp-server", { args });
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+|error:/);
  });

  test.each(["--no-auth", "--dev"])("on a port that is in use, with %s", async (flag) => {
    await using server = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"] });
    const [, port = ""] = await server.waitForStderr(/port (\d+)/);
    const { exitCode, stderr } = await runProgram("mcp-server", { args: [flag, "--port", port] });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(new RegExp(`Port ${port} on 127.0.0.1 is in use`));
  });

  test("no, but says that callers from elsewhere need a name for it", async () => {
    const args = ["--no-auth", "--host", "0.0.0.0", "--allow-unauthenticated-network", "--port", "0"];
    await using server = startProgram("mcp-server", { args });
    await server.waitForStderr(
      /Elsewhere\s+callers on other machines need --public-url or --allowed-hosts here/,
    );
  });

  test("no, but says what it took from a ./.env that nobody named", async () => {
    const folder = createFolder();
    writeFileSync(join(folder, ".env"), "MCP_ALLOWED_HOSTS=evil.example.com\nMCP_REVERSE_SECONDS=1\n");
    await using server = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"], folder });
    await server.waitForStderr(/Settings\s+MCP_ALLOWED_HOSTS in \.\/\.env, MCP_REVERSE_SECONDS in \.\/\.env/);
  });

  test("does not let a ./.env open the door", async () => {
    const folder = createFolder();
    writeFileSync(
      join(folder, ".env"),
      "MCP_NO_AUTH=1\nNO_AUTH=1\nMCP_DEV=1\nMCP_DEV_CONTROL_KEY=x\nTENANT_ID=contoso.com\n",
    );
    const { exitCode, stderr } = await runProgram("mcp-server", { folder });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--tenant-id");
  });
});
