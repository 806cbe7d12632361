import { describe, expect, test } from "bun:test";
import { say } from "../agent/openai-server.ts";
import { startAgent } from "../harness/agent-session.ts";
import { runProgram } from "../harness/program.ts";
import { bindTalkingLegacy, bindTalkingModern } from "../harness/talking-server.ts";
import { Screen } from "../terminal/screen.ts";
import { startSdkServer } from "../transport-client/sdk-server.ts";

const eras = ["modern", "legacy"] as const;

function startTalkingServer(era: (typeof eras)[number]) {
  const asked = { levels: [] };
  const bind = { modern: () => bindTalkingModern(asked), legacy: () => bindTalkingLegacy(asked) };
  return startSdkServer({ tools: [], eras: era, bind });
}

function show(written: string): Screen {
  const screen = new Screen(80, 24);
  screen.write(written.replaceAll("\r\n", "\n"));
  return screen;
}

describe.each(eras)("the log of a server (%s)", (era) => {
  const talk = () => [say({ calls: [{ name: "talk", args: {} }] }), say({ text: ["It talked."] })];

  test("is shown above the rows, neutralised, as loud as --log-level says", async () => {
    await using server = startTalkingServer(era);
    await using session = await startAgent(talk(), { url: server.url, args: ["--allow", "talk"] });
    const { agent } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(/It talked\.[^]*steps[^]*> /);
    agent.type("/exit\r");
    const screen = show((await agent.finished).screen);
    expect(screen.violations).toEqual([]);
    expect(screen.text).toContain("server info (db): a red word and a row");
    expect(screen.text).toContain("server critical (x): a fire");
    expect(screen.text.join()).not.toContain("a detail");
  });

  test("leaves standard output to the answer", async () => {
    await using server = startTalkingServer(era);
    await using session = await startAgent(talk(), { url: server.url });
    const { stdout, stderr } = await runProgram("mcp-agent", {
      args: ["-n", "--url", server.url, "--base-url", session.model.url, "--model", "m", "-p", "go"].concat([
        "--allow",
        "talk",
        "--progress",
        "json",
      ]),
    });
    expect(stdout).toBe("It talked.\n");
    const ofLog = stderr.split("\n").filter((line) => line.startsWith('{"type":"log"'));
    expect(ofLog.map((line) => JSON.parse(line).level)).toEqual(["info", "warning", "critical"]);
  });
});

test("a warning of our own is not drawn over the prompt", async () => {
  await using session = await startAgent([say({ text: ["Half an ans"], finishReason: "length" })]);
  const { agent } = session;
  await agent.waitFor(/> /);
  agent.type("go\r");
  await agent.waitFor(/was cut at its limit of tokens[^]*> /);
  agent.type("more");
  await agent.waitFor(/> more/);
  agent.type("\u0015/exit\r");
  const { text } = show((await agent.finished).screen);
  expect(text.filter((line) => line.includes("limit of tokens"))).toEqual([
    "[warn] The model's answer was cut at its limit of tokens.",
  ]);
});
