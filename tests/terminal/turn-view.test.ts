import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { createTurnView } from "../../lib/terminal/turn-view.ts";
import { Screen } from "./screen.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Answer and rows on one terminal, as people see them. */
function openTurn() {
  const screen = new Screen(80, 24);
  const view = createTurnView({ stdout: screen, stderr: screen, mode: "bar", color: false });
  return { screen, view };
}

test("an answer that follows the last call at once is not drawn over", () => {
  const { screen, view } = openTurn();
  view.handle({ type: "text_delta", text: "I will reverse it." });
  view.handle({ type: "text_ended" });
  view.handle({ type: "call_started", callId: "1", tool: "reverse_tool", summary: 'query: "ab"' });
  jest.advanceTimersByTime(300);
  view.handle({ type: "call_ended", callId: "1", outcome: "done" });
  view.handle({ type: "text_delta", text: "It is " });
  jest.advanceTimersByTime(300);
  view.handle({ type: "text_delta", text: "ba." });
  jest.advanceTimersByTime(300);
  view.handle({ type: "text_ended" });
  view.handle({ type: "turn_ended", outcome: "done", usage: { inputTokens: 1, outputTokens: 1 } });
  view.close();
  expect(screen.text).toEqual([
    "I will reverse it.",
    expect.stringMatching(/^✓ reverse_tool\(query: "ab"\) \d\.\ds$/),
    "It is ba.",
    "1 token in, 1 out, 0.9s",
  ]);
  expect(screen.isCursorVisible).toBe(true);
});

test("a call begins on a line of its own, whatever the model left open", () => {
  const { screen, view } = openTurn();
  view.handle({ type: "text_delta", text: "Wait" });
  view.handle({ type: "call_started", callId: "1", tool: "reverse_tool" });
  jest.advanceTimersByTime(100);
  expect(screen.text).toEqual(["Wait", expect.stringContaining("reverse_tool")]);
  view.close();
});

test("what a model says cannot command the terminal, and a pipe gets it as it is", () => {
  const { screen, view } = openTurn();
  view.handle({ type: "text_delta", text: "a\u001B[2J\u001B]52;c;ZXZpbA==\u0007b" });
  view.close();
  expect(screen.text).toEqual(["ab"]);
  let piped = "";
  const pipe = { write: (text: string) => void (piped += text) };
  const plain = createTurnView({ stdout: pipe, stderr: pipe, mode: "none", color: false });
  plain.handle({ type: "text_delta", text: "a\u001B[2Jb" });
  plain.close();
  plain.close();
  expect(piped).toBe("a\u001B[2Jb\n");
});

test("what a person types beside a row is not left there", () => {
  const { screen, view } = openTurn();
  view.handle({ type: "call_started", callId: "1", tool: "reverse_tool" });
  screen.write("^C");
  view.handle({ type: "call_ended", callId: "1", outcome: "cancelled" });
  view.close();
  expect(screen.text).toEqual([expect.stringMatching(/^✗ reverse_tool \d\.\ds cancelled$/)]);
});
