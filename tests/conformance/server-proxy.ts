import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface BearerProxyOptions {
  /** Of the server behind it, on loopback. */
  readonly port: number;
  readonly token: string;
}

/** The header lines as they came, in their order and spelling. */
function toLines({ rawHeaders }: IncomingMessage): string[][] {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""]] : []));
}

/**
 * Passes requests on to a server with a token added, because the conformance suite cannot send one. Host, Origin and
 * everything else stay as they came; bodies flow both ways; who hangs up on one side hangs up on the other.
 */
export async function startBearerProxy({ port, token }: BearerProxyOptions) {
  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = "GET", url = "/" } = incoming;
    const lines = [...toLines(incoming), ["Authorization", `Bearer ${token}`]];
    const upstream = request({
      host: "127.0.0.1",
      port,
      method,
      path: url,
      setHost: false,
      headers: Object.fromEntries(lines),
      agent: false,
    });
    upstream.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on("error", () => outgoing.destroy());
    });
    upstream.on("error", () => outgoing.destroy());
    outgoing.on("close", () => upstream.destroy());
    incoming.pipe(upstream);
  }

  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: ownPort } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${ownPort}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
