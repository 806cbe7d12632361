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

test("two calls at once have two rows, and what is finished stays above", () => {
  const { screen, view } = openTurn();
  view.handle({ type: "call_started", callId: "1", tool: "one" });
  view.handle({ type: "call_started", callId: "2", tool: "two" });
  view.handle({ type: "call_progress", callId: "2", progress: 1, total: 2, message: "half" });
  jest.advanceTimersByTime(200);
  expect(screen.text).toEqual([
    expect.stringContaining("one"),
    expect.stringMatching(/two .* 50% 1\/2 half$/),
  ]);
  view.handle({ type: "call_ended", callId: "1", outcome: "done", resultFile: "/tmp/x" });
  jest.advanceTimersByTime(200);
  expect(screen.text).toEqual([
    expect.stringMatching(/^✓ one/),
    "  the whole result is in /tmp/x",
    expect.stringContaining("two"),
  ]);
  view.close();
});

test.each([
  [80, "✗ order(id: 1) 0.0s the tool reported an error: sold out"],
  [120, "✗ my shop order(id: 1) 0.0s the tool reported an error: sold out"],
])("a call that failed says why; on a terminal of %p columns: %p", (columns, line) => {
  const screen = new Screen(columns, 24);
  const server = "my\n\u001B[31m shop";
  const view = createTurnView({ stdout: screen, stderr: screen, mode: "bar", color: false, server });
  view.handle({ type: "call_started", callId: "1", tool: "order", summary: "id: 1" });
  view.handle({ type: "call_ended", callId: "1", outcome: "tool_error", message: "sold\n\u001B[31m out" });
  view.close();
  expect(screen.text).toEqual([line]);
});

test("an answer is Markdown, in place while it grows, and what is written is one frame at a time", () => {
  const { screen, view } = openTurn();
  for (const piece of ["# He", "ad\n", "- a\n", "- ", "**b**"]) {
    view.handle({ type: "text_delta", text: piece });
    jest.advanceTimersByTime(100);
  }
  expect(screen.text).toEqual(["Head", "====", "", "  * a", "  * b"]);
  view.handle({ type: "text_ended" });
  view.close();
  expect(screen.text).toEqual(["Head", "====", "", "  * a", "  * b"]);
  for (const write of screen.writes) expect(write.split("\u001B[?2026h").length).toBeLessThanOrEqual(2);
  expect(screen.violations).toEqual([]);
});

test("while the model is waited for and thinks, a row says so; then a line says how long", () => {
  const { screen, view } = openTurn();
  view.handle({ type: "reasoning_delta", text: "I should\nreverse \u001B[2Jit" });
  jest.advanceTimersByTime(1500);
  expect(screen.text).toEqual([expect.stringMatching(/^\S thinking 1\.5s …I should reverse it$/)]);
  view.handle({ type: "reasoning_ended" });
  jest.advanceTimersByTime(300);
  expect(screen.text).toEqual([
    "thought for 1.5s",
    expect.stringMatching(/^\S waiting for the model 0\.[23]s$/),
  ]);
  view.close();
  expect(screen.text).toEqual(["thought for 1.5s"]);
});

test("calls that are not made, retries and changed tools are lines", () => {
  const { screen, view } = openTurn();
  view.handle({
    type: "call_refused",
    callId: "1",
    tool: "rm\u001B[2J",
    summary: "path: x",
    reason: "denied",
  });
  view.handle({ type: "model_retry", attempt: 2, afterMs: 2000, message: "HTTP\u001B[2J 500\n" });
  view.handle({ type: "tools_changed", added: ["a", "b"], removed: ["c\u009B2J"] });
  view.handle({ type: "step_ended", usage: { inputTokens: 1200, outputTokens: 30 } });
  view.handle({ type: "turn_ended", outcome: "done", usage: { inputTokens: 1200, outputTokens: 30 } });
  view.close();
  expect(screen.text).toEqual([
    "✗ rm(path: x) not called: denied",
    "The model is asked again in 2.0s (2): HTTP 500",
    "The server's tools changed; new: a, b; gone: c.",
    "1,200 tokens in, 30 out, 1 step, 0.0s",
  ]);
  expect(screen.violations).toEqual([]);
});

test("a piped answer stays as it is while the rows are on the terminal", () => {
  const screen = new Screen(80, 24);
  let piped = "";
  const stdout = { write: (text: string) => void (piped += text) };
  const view = createTurnView({ stdout, stderr: screen, mode: "bar", color: false });
  view.handle({ type: "text_delta", text: "# He" });
  view.handle({ type: "text_delta", text: "ad" });
  view.handle({ type: "text_ended" });
  view.handle({ type: "call_started", callId: "1", tool: "one" });
  view.handle({ type: "call_ended", callId: "1", outcome: "done" });
  view.close();
  expect(piped).toBe("# Head\n");
  expect(screen.text).toEqual([expect.stringMatching(/^✓ one/)]);
});

test("without rows the lines go to standard error, as JSON where that is wanted", () => {
  const refused = { type: "call_refused", callId: "1", tool: "rm", reason: "not_approved" } as const;
  const seen = (["plain", "json", "none"] as const).map((mode) => {
    let text = "";
    const stream = { write: (piece: string) => void (text += piece) };
    const view = createTurnView({ stdout: { write() {} }, stderr: stream, mode, color: false });
    view.handle(refused);
    view.close();
    return text;
  });
  expect(seen).toEqual(["✗ rm not called: not approved\n", `${JSON.stringify(refused)}\n`, ""]);
});

test("a terminal of one row and few columns shows what fits", () => {
  const screen = new Screen(10, 3);
  const view = createTurnView({ stdout: screen, stderr: screen, mode: "bar", color: true });
  view.handle({ type: "text_delta", text: "| a very wide table |\n|---|\n| 漢字漢字漢字漢字漢字 |" });
  jest.advanceTimersByTime(200);
  for (const id of ["1", "2", "3"]) view.handle({ type: "call_started", callId: id, tool: "tool" });
  jest.advanceTimersByTime(200);
  expect(screen.text.at(-1)).toContain("… and 3");
  view.close();
  expect(screen.isCursorVisible).toBe(true);
});
