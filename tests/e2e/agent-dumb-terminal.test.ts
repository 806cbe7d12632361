import { describe, expect, test } from "bun:test";
import { say } from "../agent/openai-server.ts";
import { startAgent } from "../harness/agent-session.ts";

const env = { TERM: "dumb" };
const order = (id: string) => say({ calls: [{ name: "order", args: { id } }] });
const done = (text: string) => say({ text: [text] });

describe("on a terminal that cannot be drawn on", () => {
  test("calls are approved by lines, and nothing but text is written", async () => {
    await using session = await startAgent([order("11"), done("First."), order("22"), done("A pity.")], {
      env,
    });
    const { agent, results } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(/wants to call order[^]*"id": "11"[^]*Run it\?/);
    agent.type("o\r");
    await agent.waitFor(/order\(id: "11"\) done\s+First\.\s+> /);
    agent.type("go\r");
    await agent.waitFor(/"id": "22"[^]*Run it\?/);
    agent.type("n\r");
    await agent.waitFor(/not called: not approved\s+A pity\.\s+> /);
    expect(results().join()).toContain("did not approve");
    agent.type("\u0004");
    const { exitCode, screen } = await agent.finished;
    expect(exitCode).toBe(0);
    expect(screen).not.toContain("\u001B");
  });

  test("Ctrl-C stops the turn, at a question and in a call; twice at the prompt it leaves", async () => {
    const silent = say({ calls: [{ name: "silent", args: {} }] });
    await using session = await startAgent([order("11"), silent, done("Fine.")], {
      env,
      args: ["--allow", "silent"],
    });
    const { agent, server } = session;
    await agent.waitFor(/> /);
    agent.type("go\r");
    await agent.waitFor(/Run it\?/);
    agent.type("\u0003");
    await agent.waitFor(/Run it\?[^]*Interrupted\.\s+> /);
    agent.type("be silent\r");
    await agent.waitFor(/silent started/);
    // The row comes first, then the request.
    await server.started;
    agent.type("\u0003");
    await server.cancelled;
    await agent.waitFor(/silent cancelled\s+Interrupted\.\s+> /);
    agent.type("two \\\rlines\r");
    await agent.waitFor(/Fine\.\s+> /);
    expect(session.prompts().at(-1)).toBe(JSON.stringify("two \nlines"));
    agent.type("\u0003");
    await agent.waitFor(/Ctrl-C again/);
    agent.type("\u0003");
    expect((await agent.finished).exitCode).toBe(0);
  });

  test("one turn asks, too", async () => {
    await using session = await startAgent([order("11"), done("Said.")], { env, args: ["-p", "go"] });
    await session.agent.waitFor(/Run it\?/);
    session.agent.type("o\r");
    expect((await session.agent.finished).exitCode).toBe(0);
    expect(session.results().join()).toContain("11");
  });
});
