import { expect, test } from "bun:test";
import { type Log, silentLog } from "../../lib/base/log.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { sendRaw } from "./raw-socket.ts";
import { startServer } from "./start-server.ts";

const tools = builtInTools({ reverseSeconds: 0 });
const post = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

test("a client that hangs up in the middle of its body is no error in the log", async () => {
  const { promise: level, resolve } = Promise.withResolvers<string>();
  const log: Log = { ...silentLog, debug: () => resolve("debug"), error: () => resolve("error") };
  await using server = startServer(tools, undefined, { log });
  const socket = await sendRaw(server.origin, `${post}Content-Length: 100\r\n\r\n{`);
  await (await fetch(`${server.origin}/healthz`)).text();
  socket.destroy();
  expect(await level).toBe("debug");
});
