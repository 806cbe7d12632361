import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import type { LogLevel } from "../../lib/base/log.ts";
import { connect, type FullConnection, type ServerLogLine } from "../../lib/transport/client/connect.ts";
import { connectCommand } from "../../lib/transport/client/connect-command.ts";
import { bindTalkingLegacy, bindTalkingModern } from "../harness/talking-server.ts";
import { startSdkServer } from "./sdk-server.ts";

const script = resolve(import.meta.dir, "../harness/talking-server.ts");
const eras = ["modern", "legacy"] as const;

function openLog(level: LogLevel) {
  const lines: ServerLogLine[] = [];
  return { lines, log: { level, take: (line: ServerLogLine) => void lines.push(line) } };
}

function startTalking(era: (typeof eras)[number]) {
  const asked = { levels: [] as unknown[] };
  const bind = { modern: () => bindTalkingModern(asked), legacy: () => bindTalkingLegacy(asked) };
  return { asked, server: startSdkServer({ tools: [], bind, eras: era }) };
}

async function talk(connection: FullConnection): Promise<void> {
  await connection.callTool("talk", {});
  await connection.close();
}

const heard: readonly (readonly [LogLevel, string, readonly ServerLogLine["level"][]])[] = [
  ["debug", "debug", ["debug", "info", "warning", "critical"]],
  ["info", "info", ["info", "warning", "critical"]],
  ["warn", "warning", ["warning", "critical"]],
  ["error", "error", ["critical"]],
];

describe.each([...eras])("the log of a server (%s)", (era) => {
  test.each([...heard])("is taken at --log-level %s", async (level, word, levels) => {
    const { asked, server } = startTalking(era);
    await using _ = server;
    const { lines, log } = openLog(level);
    await talk(await connect({ url: server.url, log }));
    expect(asked.levels).toEqual([word]);
    expect(lines.map((line) => line.level)).toEqual([...levels]);
    expect(lines.at(-1)).toMatchObject({ data: "a fire" });
  });

  test("is taken from a command, too", async () => {
    const { lines, log } = openLog("debug");
    const server = { command: process.execPath, args: [script, era] };
    await talk(await connectCommand({ server, log, onStderr: () => {} }));
    expect(lines.map((line) => line.level)).toEqual(["debug", "info", "warning", "critical"]);
  });

  test("is not asked for where nobody reads it", async () => {
    const { asked, server } = startTalking(era);
    await using _ = server;
    await talk(await connect({ url: server.url }));
    expect(asked.levels).toEqual(era === "modern" ? [undefined] : []);
  });
});

test("a server that refuses to be told a level is used all the same", async () => {
  const asked = { levels: [] };
  const legacy = () => {
    const server = bindTalkingLegacy(asked);
    server.removeRequestHandler("logging/setLevel");
    return server;
  };
  const bind = { legacy, modern: () => bindTalkingModern(asked) };
  await using server = startSdkServer({ tools: [], bind, eras: "legacy" });
  const { lines, log } = openLog("info");
  await talk(await connect({ url: server.url, log }));
  expect(lines).toHaveLength(3);
});
