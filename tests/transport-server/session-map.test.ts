import { expect, test } from "bun:test";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { systemClock } from "../../lib/base/clock.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { createSessionMap } from "../../lib/transport/server/legacy/session-map.ts";
import { startServer } from "./start-server.ts";

const protocolVersion = "2025-11-25";

/** Opens sessions for one owner, as many as are asked for, and gives the ids of those that are still there. */
async function openSessions(count: number, owner: string | undefined): Promise<readonly number[]> {
  const map = createSessionMap(systemClock, { idleMs: 60_000, maxPerCaller: 2, max: 4 });
  const key = owner ?? "anonymous";
  try {
    for (let id = 0; id < count; id++) {
      map.makeRoom(owner);
      const transport = new WebStandardStreamableHTTPServerTransport();
      map.add({ id: String(id), owner: key, transport, protocolVersion });
    }
    return Array.from({ length: count }, (_, id) => id).filter((id) => map.use(String(id), key));
  } finally {
    await map.close();
  }
}

interface Rpc {
  readonly method: string;
  readonly params: object;
  readonly headers?: Record<string, string>;
}

async function postRpc(url: string, { method, params, headers = {} }: Rpc): Promise<Response> {
  const accept = "application/json, text/event-stream";
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const init = { method: "POST", headers: { "content-type": "application/json", accept, ...headers }, body };
  const response = await fetch(url, init);
  await response.text();
  return response;
}

test("a caller's session that was unused for longest gives way to a new one beyond the caller's limit", async () => {
  expect(await openSessions(3, "alice")).toEqual([1, 2]);
});

test("callers without a token do not push one another out", async () => {
  await using server = startServer(builtInTools({ reverseSeconds: 0 }), undefined);
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: "test", version: "1" } };
  const first = await postRpc(server.url, { method: "initialize", params });
  for (let count = 0; count < 70; count++) await postRpc(server.url, { method: "initialize", params });
  const id = first.headers.get("mcp-session-id") ?? "";
  expect(
    (await postRpc(server.url, { method: "ping", params: {}, headers: { "mcp-session-id": id } })).status,
  ).toBe(200);
});

test("beyond the limit for all no session is opened", async () => {
  const opening = openSessions(5, undefined);
  await expect(opening).rejects.toMatchObject({ code: "too_many_sessions", retryAfterSeconds: 5 });
});
