import { connect, createServer, type Socket } from "node:net";
import { type Certificate, makeCertificate } from "./certificates.ts";

/** How a certificate is, from the point of view of somebody who trusts our test authority or does not. */
export type CertificateKind =
  "good" | "self-signed" | "expired" | "future" | "other-name" | "other-authority";

const names = "DNS:localhost,DNS:mcp.example.test,IP:127.0.0.1";
const past = ["20200101000000Z", "20200201000000Z"] as const;
const future = ["20900101000000Z", "20910101000000Z"] as const;

/** A test authority and certificates of every kind, made by openssl. */
export function makeAuthority() {
  const authority = makeCertificate({ names: "DNS:authority.test", isAuthority: true });
  const issue = (kind: CertificateKind): Certificate => {
    switch (kind) {
      case "good":
        return makeCertificate({ names, issuer: authority });
      case "self-signed":
        return makeCertificate({ names });
      case "expired":
        return makeCertificate({ names, issuer: authority, validity: past });
      case "future":
        return makeCertificate({ names, issuer: authority, validity: future });
      case "other-name":
        return makeCertificate({ names: "DNS:other.example", issuer: authority });
      case "other-authority": {
        const other = makeCertificate({ names: "DNS:other-authority.test", isAuthority: true });
        return makeCertificate({ names, issuer: other });
      }
    }
  };
  return { certificate: authority.certificate, issue };
}

/** Starts a server that speaks TLS, and answers by a function. */
export function startTlsServer(
  { certificate, key }: Certificate,
  answer: (request: Request) => Response | Promise<Response>,
) {
  const tls = { cert: certificate, key };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls,
    development: false,
    idleTimeout: 60,
    fetch: answer,
  });
  return { port: server.port ?? 0, [Symbol.asyncDispose]: () => server.stop(true) };
}

/** Starts a proxy that opens tunnels to one port of this machine, or refuses with a status line. */
export async function startProxy(target: number | string) {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("data", (data) => {
      asked.push(data.toString().split("\r\n")[0] ?? "");
      if (typeof target === "string")
        return void socket.end(`HTTP/1.1 ${target}\r\nContent-Length: 0\r\n\r\n`);
      const upstream = connect(target, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on("error", () => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.dispose]() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
