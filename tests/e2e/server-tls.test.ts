import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { hasOpenssl, makeCertificate } from "../harness/certificates.ts";
import { createFolder, runProgram, startProgram } from "../harness/program.ts";

const names = "DNS:localhost,IP:127.0.0.1";

/** A folder with the files of a certificate, and the flags that name them. */
function writeFiles({ certificate, key }: { readonly certificate: string; readonly key: string }) {
  const folder = createFolder();
  writeFileSync(join(folder, "cert.pem"), certificate);
  writeFileSync(join(folder, "key.pem"), key, { mode: 0o600 });
  return { folder, flags: ["--tls-cert", "cert.pem", "--tls-key", "key.pem"] };
}

/** A good certificate, and an intermediate one that is none. */
function withBroken() {
  const pair = makeCertificate({ names });
  const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  return { ...pair, certificate: pair.certificate + broken };
}

describe.skipIf(!hasOpenssl)("mcp-server with a certificate (needs openssl)", () => {
  test("serves https: the client connects with --ca-cert, and the metadata says https", async () => {
    const pair = makeCertificate({ names });
    const { folder, flags } = writeFiles(pair);
    const ids = ["--tenant-id", crypto.randomUUID(), "--api-client-id", crypto.randomUUID()];
    await using open = startProgram("mcp-server", { folder, args: ["-n", "--port", "0", ...flags] });
    await using guarded = startProgram("mcp-server", { folder, args: ["--port", "0", ...ids, ...flags] });
    const [, url = ""] = await open.waitForStderr(/Endpoint\s+(https:\S+)/);
    const args = [
      "call",
      "random_number_tool",
      "min=3",
      "max=3",
      "-n",
      "--url",
      url,
      "--ca-cert",
      "cert.pem",
    ];
    const { exitCode, stdout } = await runProgram("mcp-client", { folder, args });
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("3")]);
    const [, guardedUrl = ""] = await guarded.waitForStderr(/Endpoint\s+(https:\S+)/);
    const well = guardedUrl.replace(/\/mcp$/, "/.well-known/oauth-protected-resource/mcp");
    const metadata = await fetch(well, { tls: { ca: pair.certificate } });
    expect(await metadata.json()).toMatchObject({ resource: guardedUrl });
    const refused = await fetch(guardedUrl, { method: "POST", tls: { ca: pair.certificate } });
    expect(refused.headers.get("www-authenticate")).toContain('resource_metadata="https://localhost:');
  });

  test("speaks nothing older than TLS 1.2, and no http on that port", async () => {
    const { folder, flags } = writeFiles(makeCertificate({ names }));
    await using server = startProgram("mcp-server", { folder, args: ["-n", "--port", "0", ...flags] });
    const [, port = ""] = await server.waitForStderr(/Endpoint\s+https:\/\/\S+:(\d+)\//);
    const outcome = await new Promise((resolve) => {
      const socket = connect({
        port: Number(port),
        host: "127.0.0.1",
        maxVersion: "TLSv1.1",
        minVersion: "TLSv1",
      });
      socket.on("secureConnect", () => resolve("connected"));
      socket.on("error", () => resolve("refused"));
    });
    expect(outcome).toBe("refused");
    expect(await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => "refused")).toBe("refused");
  });

  test("lets in its own page, and not one that came by http under the same name", async () => {
    const pair = makeCertificate({ names });
    const { folder, flags } = writeFiles(pair);
    const args = ["-n", "--port", "0", "--allowed-hosts", "mcp.corp", ...flags];
    await using server = startProgram("mcp-server", { folder, args });
    const [, port = ""] = await server.waitForStderr(/Endpoint\s+https:\/\/\S+:(\d+)\//);
    const host = `mcp.corp:${port}`;
    const statuses = ["https", "http"].map(async (scheme) => {
      const headers = { host, origin: `${scheme}://${host}` };
      const init = { headers, tls: { ca: pair.certificate, checkServerIdentity: () => undefined } };
      return (await fetch(`https://localhost:${port}/api/me`, init)).status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 403]);
  });

  const expired = { names, validity: ["20200101000000Z", "20210101000000Z"] } as const;
  const future = { names, validity: ["20900101000000Z", "20910101000000Z"] } as const;
  test.each<[string, () => ReturnType<typeof writeFiles>, string[], string]>([
    ["half a pair", () => writeFiles(makeCertificate({ names })), ["--tls-cert", "cert.pem"], "go together"],
    [
      "a missing file",
      () => writeFiles(makeCertificate({ names })),
      ["--tls-cert", "no.pem", "--tls-key", "key.pem"],
      "cannot be read",
    ],
    [
      "no certificate",
      () => writeFiles({ ...makeCertificate({ names }), certificate: "hello" }),
      [],
      "holds no certificate",
    ],
    ["no key", () => writeFiles({ ...makeCertificate({ names }), key: "hello" }), [], "holds no private key"],
    [
      "the key of another",
      () => writeFiles({ ...makeCertificate({ names }), key: makeCertificate({ names }).key }),
      [],
      "is not the key of the certificate",
    ],
    ["a short key", () => writeFiles(makeCertificate({ names, bits: 1024 })), [], "an RSA key of 1024 bits"],
    ["a broken certificate behind its own", () => writeFiles(withBroken()), [], "--tls-cert cannot be used"],
    ["one that has expired", () => writeFiles(makeCertificate(expired)), [], "expired on"],
    ["one of the future", () => writeFiles(makeCertificate(future)), [], "is not valid before"],
    [
      "a public URL without https",
      () => writeFiles(makeCertificate({ names })),
      [
        "--tls-cert",
        "cert.pem",
        "--tls-key",
        "key.pem",
        "--public-url",
        "http://mcp.contoso.com/mcp",
        "--allow-unauthenticated-network",
      ],
      "names an http address",
    ],
  ])("does not start with %s", async (_, write, given, complaint) => {
    const { folder, flags } = write();
    const args = ["-n", "--port", "0", ...(given.length > 0 ? given : flags)];
    const { exitCode, stderr } = await runProgram("mcp-server", { folder, args });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(complaint)]);
  });

  test("warns of one that expires soon, and of one for another host", async () => {
    const { folder, flags } = writeFiles(makeCertificate({ names }));
    const reach = ["--public-url", "https://mcp.contoso.com/mcp", "--allow-unauthenticated-network"];
    await using server = startProgram("mcp-server", {
      folder,
      args: ["-n", "--port", "0", ...flags, ...reach],
    });
    await server.waitForStderr(/expires in \d days\. Renew it/);
    await server.waitForStderr(/is not for mcp\.contoso\.com/);
  });
});
