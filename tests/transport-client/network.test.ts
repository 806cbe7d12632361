import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { connect } from "../../lib/transport/client/connect.ts";
import { explainNetworkError } from "../../lib/transport/client/network-error.ts";
import { hasOpenssl, makeCertificate } from "../harness/certificates.ts";
import { echo, startSdkServer } from "./sdk-server.ts";
import { failureOf } from "./settled.ts";

async function portOfNobody(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const port = server.port ?? 0;
  await server.stop(true);
  return port;
}

async function startSpeaking(words: string) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => socket.end(words));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { port, [Symbol.asyncDispose]: async () => void server.close() };
}

test("a port on which nothing listens is named", async () => {
  const port = await portOfNobody();
  const error = await failureOf(connect({ url: `http://127.0.0.1:${port}/mcp` }));
  expect([error.code, error.message]).toEqual([
    "unreachable",
    `Nothing listens at "127.0.0.1:${port}" (connection refused).`,
  ]);
});

test("a name that nobody has is named", async () => {
  const error = await failureOf(connect({ url: "http://no-such-host.invalid/mcp" }));
  expect([error.code, error.message]).toEqual([
    "unreachable",
    'The name "no-such-host.invalid" is not found.',
  ]);
});

test("a server that went away between two calls is unreachable", async () => {
  const server = startSdkServer({ tools: [echo], eras: "modern" });
  const connection = await connect({ url: server.url });
  await server.stop();
  expect((await failureOf(connection.callTool("echo", {}))).code).toBe("unreachable");
  await connection.close();
});

test("https to a server without TLS is explained", async () => {
  await using server = startSdkServer({ tools: [] });
  const error = await failureOf(connect({ url: server.url.replace("http:", "https:") }));
  expect([error.code, error.message]).toEqual([
    "unreachable",
    expect.stringContaining("does not answer in TLS"),
  ]);
});

test("something that does not speak HTTP is not an MCP server", async () => {
  await using server = await startSpeaking("SSH-2.0-OpenSSH_9.2\r\n");
  const error = await failureOf(connect({ url: `http://127.0.0.1:${server.port}/mcp` }));
  expect(error.code).toBe("not_mcp");
});

describe("certificates", () => {
  const url = new URL("https://mcp.example.test/mcp");

  test.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "signed by itself", "NODE_EXTRA_CA_CERTS"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "cannot be verified", "NODE_EXTRA_CA_CERTS"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "cannot be verified", "NODE_EXTRA_CA_CERTS"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "another name", ""],
    ["CERT_HAS_EXPIRED", "expired", ""],
  ])("%s gets a sentence of its own", (code, says, hint) => {
    const error = explainNetworkError(Object.assign(new TypeError("x"), { code }), url, undefined);
    expect([error.code, error.exitCode]).toEqual(["unreachable", 4]);
    expect(error.message).toContain(says);
    expect(error.hint).toContain(hint);
  });

  test.skipIf(!hasOpenssl)("that nobody vouches for are refused (needs openssl)", async () => {
    const { key, certificate: cert } = makeCertificate({ names: "DNS:localhost,IP:127.0.0.1" });
    const server = Bun.serve({
      port: 0,
      hostname: "localhost",
      tls: { key, cert },
      fetch: () => new Response(),
    });
    const error = await failureOf(connect({ url: `https://localhost:${server.port}/mcp` }));
    await server.stop(true);
    expect([error.code, error.hint]).toEqual(["unreachable", expect.stringContaining("NODE_EXTRA_CA_CERTS")]);
  });
});
