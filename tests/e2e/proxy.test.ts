import { expect, test } from "bun:test";
import { startDevServer } from "../harness/dev-server.ts";
import { runProgram } from "../harness/program.ts";

test.each([
  ["alone", {}],
  ["beside other exceptions", { NO_PROXY: "contoso.com" }],
  ["beside other exceptions in lower case", { no_proxy: "contoso.com" }],
])("HTTP_PROXY %s does not see what stays on this machine", async (_, exceptions) => {
  let seen = 0;
  using proxy = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(String(++seen)) });
  const address = `http://127.0.0.1:${proxy.port}`;
  const env = { HTTP_PROXY: address, http_proxy: address, ...exceptions };
  // The server, too, asks on loopback: the dev tenant for its keys.
  await using server = await startDevServer({ env });
  const response = await server.request("/mcp", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${await server.mintToken()}`,
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });
  expect(response.status).not.toBe(503);
  for (const host of ["127.0.0.1", "localhost"]) {
    const url = server.url.replace("127.0.0.1", host);
    await runProgram("mcp-client", { args: ["tools", "--url", url], env });
  }
  expect(seen).toBe(0);
});
