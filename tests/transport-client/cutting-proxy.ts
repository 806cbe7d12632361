import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy that can hang up. It sees the bytes of the client and decides. */
export async function startCuttingProxy(target: string) {
  const { hostname, port, pathname } = new URL(target);
  const clients = new Set<Socket>();
  let shouldCut = (_bytes: string): boolean => false;
  const proxy = createServer((client) => {
    clients.add(client);
    const upstream = connect(Number(port), hostname);
    client.on("error", () => {});
    upstream.on("error", () => client.destroy());
    client.on("close", () => {
      clients.delete(client);
      upstream.destroy();
    });
    upstream.on("close", () => client.destroy());
    upstream.on("data", (bytes) => client.write(bytes));
    client.on("data", (bytes) => {
      if (shouldCut(bytes.toString("latin1"))) client.destroy();
      else upstream.write(bytes);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  const ownPort = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${ownPort}${pathname}`,
    /** Hangs up unanswered on the next `times` requests that contain the text. */
    cutOn(text: string, times: number) {
      let left = times;
      shouldCut = (bytes) => bytes.includes(text) && left-- > 0;
    },
    /** Hangs up on everybody. */
    cutAll() {
      for (const client of clients) client.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
