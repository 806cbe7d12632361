import { describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { say, startOpenAiServer } from "../agent/openai-server.ts";
import { startAgent } from "../harness/agent-session.ts";
import { startFullServer } from "../harness/full-servers.ts";
import { createFolder } from "../harness/program.ts";
import { Screen } from "../terminal/screen.ts";

const answers = (...texts: string[]) => texts.map((text) => say({ text: [text] }));
const up = "\u001B[A";

/** What stands on a screen of so many columns after all that was written. */
function show(written: string, columns = 80): Screen {
  const screen = new Screen(columns, 24);
  screen.write(written.replaceAll("\r\n", "\n"));
  return screen;
}

describe("typing at the prompt", () => {
  test("many pasted lines are one prompt", async () => {
    await using session = await startAgent(answers("Got it."));
    const { agent, prompts, model } = session;
    await agent.waitFor(/> /);
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at} 漢字`);
    agent.type(`\u001B[200~${lines.join("\r")}\u001B[201~`);
    await agent.waitFor(/line 39/);
    expect(model.requests).toHaveLength(0);
    agent.type("\r");
    await agent.waitFor(/Got it\./);
    expect(prompts()).toEqual([JSON.stringify(lines.join("\n"))]);
  });

  test("prompts are there in the next session: arrows, Ctrl-R; the file is the user's alone", async () => {
    const data = createFolder();
    const env = { XDG_DATA_HOME: data };
    await using first = await startAgent(answers("One.", "Two."), { env });
    await first.agent.waitFor(/> /);
    first.agent.type("first of all\r");
    await first.agent.waitFor(/One\.[^]*> /);
    first.agent.type(" kept out of it\r");
    await first.agent.waitFor(/Two\.[^]*> /);
    first.agent.type("second\\\rwith two lines\u0015\u0015\u0004");
    await first.agent.waitFor(/with two lines/);
    first.agent.type("\u0015\u0015\u0015\u0004");
    await first.agent.finished;
    const path = join(data, "mcp-entra/prompts.jsonl");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toBe('"first of all"\n');
    await using second = await startAgent(answers("Again.", "And again."), { env });
    await second.agent.waitFor(/> /);
    second.agent.type(`${up}\r`);
    await second.agent.waitFor(/Again\./);
    second.agent.type("\u0012OF A");
    await second.agent.waitFor(/\(search\) OF A: first of all/);
    second.agent.type("\r");
    await second.agent.waitFor(/And again\./);
    expect(second.prompts()).toEqual(['"first of all"', '"first of all"']);
  });

  test("Tab completes commands, prompts of the server, resources and tools", async () => {
    await using session = await startAgent(answers("Said."));
    const { agent, prompts } = session;
    await agent.waitFor(/> /);
    agent.type("/to\t");
    await agent.waitFor(/> \/tools /);
    agent.type("chat\t");
    await agent.waitFor(/> \/tools chatty /);
    agent.type("\u0015/full:\t");
    await agent.waitFor(/> \/full:greeting /);
    agent.type("\u0015Use chat\t");
    await agent.waitFor(/> Use chatty /);
    agent.type("on @test://b\t");
    await agent.waitFor(/> Use chatty on @test:\/\/bytes /);
    agent.type("\r");
    await agent.waitFor(/Said\./);
    expect(prompts()[0]).toContain("[resource test://bytes image/png, 8 B]");
  });

  test("a narrower terminal does not break what is typed, and Ctrl-L and the like are harmless", async () => {
    await using session = await startAgent(answers("Fine."), { columns: 30 });
    const { agent, prompts } = session;
    await agent.waitFor(/> /);
    agent.type(`${"word ".repeat(20)}\f\u001B[99~\u0000`);
    await agent.waitFor(/(word\s+){5}/);
    agent.type("\r");
    await agent.waitFor(/Fine\./);
    expect(prompts()).toEqual([JSON.stringify("word ".repeat(20).trim())]);
    agent.type("\u0004");
    const { screen } = await agent.finished;
    expect(show(screen, 30).violations).toEqual([]);
  });

  test("a terminal of another size has what is typed laid out anew at once", async () => {
    await using session = await startAgent([]);
    const { agent } = session;
    await agent.waitFor(/> /);
    agent.type("word ".repeat(10));
    await agent.waitFor(/(word ){10}/);
    agent.resize(30);
    await agent.waitFor(/> (word ){5}w\S*\s/);
  });

  test("Ctrl-Z gives the terminal back, and takes it again when the program goes on", async () => {
    await using session = await startAgent(answers("Fine."));
    const { agent, prompts } = session;
    await agent.waitFor(/> /);
    agent.type("be\u001A");
    await agent.waitFor(/\?2004l[^]*\?2004h[^]*> be/);
    agent.type("hind\r");
    await agent.waitFor(/Fine\./);
    expect(prompts()).toEqual(['"behind"']);
  });

  test("what stays on the screen is what a person saw: prompt, rows, answer", async () => {
    const call = say({ calls: [{ name: "chatty", args: {} }] });
    await using session = await startAgent([call, say({ text: ["# Don", "e\n\n- o", "ne\n- two\n"] })], {
      args: ["--allow", "chatty"],
    });
    const { agent } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(/steps[^]*> /);
    agent.type("\u0004");
    const screen = show((await agent.finished).screen);
    expect(screen.violations).toEqual([]);
    expect(screen.text).toEqual([
      expect.stringMatching(/^Connected to full/),
      expect.stringMatching(/^The model is "m" at "http:/),
      "Type /help for help, Ctrl-D to leave.",
      "> go",
      expect.stringMatching(/^✓ chatty \d\.\ds 10\/10 step 10$/),
      "Done",
      "====",
      "",
      "  * one",
      "  * two",
      expect.stringMatching(/^22 tokens in, 14 out, 2 steps, \d/),
    ]);
    expect(screen.isCursorVisible).toBe(true);
  });
});

describe("a terminal that is gone", () => {
  test.each([
    ["at the prompt", "", "> ", []],
    ["in a turn", "go\r", "silent 0", [{ name: "silent", args: {} }]],
    ["at a question", "go\r", "Run it?", [{ name: "order", args: { id: "1" } }]],
  ])("%s ends the program, also where the signal for it is ignored", async (_, typed, awaited, calls) => {
    await using server = startFullServer("modern");
    await using model = startOpenAiServer(say({ calls }), ...answers("x"));
    const program = resolve(import.meta.dir, "../../dist/mcp-agent");
    const args = ["-n", "--url", server.url, "--base-url", model.url, "--model", "m", "--allow", "silent"];
    const home = createFolder();
    let screen = "";
    let onText = () => {};
    const agent = Bun.spawn(["sh", "-c", 'trap "" HUP; exec "$0" "$@"', program, ...args], {
      env: { PATH: process.env["PATH"] ?? "", HOME: home, TERM: "xterm", NO_COLOR: "1" },
      cwd: home,
      terminal: {
        cols: 80,
        rows: 24,
        data(_terminal, chunk) {
          screen += new TextDecoder().decode(chunk);
          onText();
        },
      },
    });
    const waitFor = (text: string) =>
      new Promise<void>((found) => {
        onText = () => (screen.includes(text) ? found() : undefined);
        onText();
      });
    await waitFor("> ");
    agent.terminal?.write(typed);
    await waitFor(awaited);
    agent.terminal?.close();
    await agent.exited;
    expect(agent.signalCode).toBeNull();
  });
});
