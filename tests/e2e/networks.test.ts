import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFolder, runProgram, startProgram } from "../harness/program.ts";
import { hasOpenssl } from "../harness/certificates.ts";
import { type CertificateKind, makeAuthority, startProxy, startTlsServer } from "../harness/tls-server.ts";

describe.skipIf(!hasOpenssl)("over TLS (needs openssl)", () => {
  let authority: ReturnType<typeof makeAuthority>;
  let caFile = "";
  let mcpUrl = "";
  let mcpServer: ReturnType<typeof startProgram>;
  beforeAll(async () => {
    authority = makeAuthority();
    caFile = join(createFolder(), "ca.pem");
    writeFileSync(caFile, authority.certificate);
    mcpServer = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"] });
    [, mcpUrl = ""] = await mcpServer.waitForStderr(/Endpoint\s+(http\S+)/);
  });
  afterAll(() => mcpServer[Symbol.asyncDispose]());

  /** Passes on to the MCP server what comes over TLS. */
  function startTls(kind: CertificateKind) {
    return startTlsServer(authority.issue(kind), async (request) => {
      const headers = new Headers(request.headers);
      headers.delete("host");
      return fetch(mcpUrl, { method: request.method, headers, body: await request.bytes() });
    });
  }

  function list(url: string, options: { args?: string[]; env?: Record<string, string> } = {}) {
    const { args = [], env = {} } = options;
    return runProgram("mcp-client", { args: ["tools", "-n", "--url", url, ...args], env });
  }

  test("the client trusts an authority by --ca-cert and each of its variables, and else nobody", async () => {
    await using server = startTls("good");
    const url = `https://localhost:${server.port}/mcp`;
    const without = await list(url);
    expect([without.exitCode, without.stderr]).toEqual([4, expect.stringContaining("--ca-cert FILE")]);
    expect((await list(url, { args: ["--ca-cert", caFile] })).exitCode).toBe(0);
    for (const name of ["MCP_CA_CERT", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]) {
      const { exitCode, stdout } = await list(url, { env: { [name]: caFile } });
      expect([name, exitCode, stdout]).toEqual([name, 0, expect.stringContaining("reverse_tool")]);
    }
  }, 30_000);

  test.each<[CertificateKind, string, string]>([
    ["self-signed", "is signed by itself", "--ca-cert"],
    ["expired", "has expired", "renewed there"],
    ["future", "is not valid yet", "clock"],
    ["other-name", "was made for another name", "the name that it was made for"],
    ["other-authority", "its issuer is not known here", "--ca-cert"],
  ])(
    "a certificate that is %s is refused, and the remedy named",
    async (kind, says, hint) => {
      await using server = startTls(kind);
      const url = `https://localhost:${server.port}/mcp`;
      const { exitCode, stdout, stderr } = await list(url, { args: ["--ca-cert", caFile] });
      expect([exitCode, stdout]).toEqual([4, ""]);
      expect(stderr).toContain(says);
      expect(stderr).toContain(hint);
    },
    30_000,
  );

  test("what is no certificate is a wrong setting", async () => {
    for (const [file, says] of [
      ["/no/such/file", "ENOENT"],
      [import.meta.path, "are missing"],
    ] as const) {
      const { exitCode, stderr } = await list("https://localhost:1/mcp", { args: ["--ca-cert", file] });
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(says)]);
    }
  });

  test("HTTPS_PROXY leads to the server, certificate and name checked; NO_PROXY goes past it", async () => {
    await using server = startTls("good");
    using proxy = await startProxy(server.port);
    const url = "https://mcp.example.test/mcp";
    const args = ["--ca-cert", caFile];
    const through = await list(url, { args, env: { HTTPS_PROXY: proxy.url } });
    expect([through.exitCode, through.stderr]).toEqual([0, ""]);
    expect(proxy.asked[0]).toBe("CONNECT mcp.example.test:443 HTTP/1.1");
    const before = proxy.asked.length;
    const untrusted = await list(url, { env: { HTTPS_PROXY: proxy.url } });
    expect([untrusted.exitCode, untrusted.stderr]).toEqual([4, expect.stringContaining("--ca-cert")]);
    const after = proxy.asked.length;
    expect(after).toBeGreaterThan(before);
    const past = await list(url, { args, env: { HTTPS_PROXY: proxy.url, NO_PROXY: "example.test" } });
    expect([past.exitCode, past.stderr]).toEqual([
      4,
      expect.stringContaining('"mcp.example.test" is not found'),
    ]);
    const local = await list(`https://localhost:${server.port}/mcp`, {
      args,
      env: { HTTPS_PROXY: proxy.url },
    });
    expect(local.exitCode).toBe(0);
    expect(proxy.asked.length).toBe(after);
  }, 30_000);

  test.each(["407 Proxy Authentication Required", "403 Forbidden"])(
    "a proxy that says %s is named",
    async (status) => {
      using proxy = await startProxy(status);
      const { exitCode, stderr } = await list("https://mcp.example.test/mcp", {
        env: { HTTPS_PROXY: proxy.url },
      });
      expect([exitCode, stderr]).toEqual([
        4,
        expect.stringContaining("proxy in HTTPS_PROXY does not let us through"),
      ]);
      expect(stderr).toContain("NO_PROXY");
    },
  );

  test("a proxy whose name is wrong, or that does not run, is named", async () => {
    const unknown = { HTTPS_PROXY: "http://no-such-proxy.invalid:3128" };
    const { exitCode, stderr } = await list("https://mcp.example.test/mcp", { env: unknown });
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('"no-such-proxy.invalid" of the proxy')]);
    const stopped = await list("https://mcp.example.test/mcp", {
      env: { HTTPS_PROXY: "http://127.0.0.1:1" },
    });
    expect([stopped.exitCode, stopped.stderr]).toEqual([
      4,
      expect.stringContaining("HTTPS_PROXY, is it running"),
    ]);
  });
});
