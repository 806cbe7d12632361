import { describe, expect, test } from "bun:test";
import { PromptHistory } from "../../../lib/terminal/editor/prompt-history.ts";
import { down, home, left, openTerminal, paste, right, settle, typeLine, up } from "./typing.ts";

describe("keys", () => {
  test.each([
    ["plain text", "hello", "hello"],
    ["going left", `helo${left}l`, "hello"],
    ["going right", `helo${left}${left}${right}l`, "hello"],
    ["Home and Ctrl-E", `ello${home}h\u0005!`, "hello!"],
    ["Ctrl-A and End", `ello\u0001h\u001B[4~!`, "hello!"],
    ["Backspace", "hellp\u007Fo", "hello"],
    ["Delete", `hxello${home}${right}\u001B[3~`, "hello"],
    ["word by word to the left", "one two\u001Bb2", "one 2two"],
    ["word by word with Ctrl and arrows", "one two\u001B[1;5D\u001B[1;5D1\u001B[1;5C!", "1one! two"],
    ["Ctrl-W", "one two three\u0017", "one two "],
    ["Ctrl-U", `one two${left}${left}${left}\u0015`, "two"],
    ["Ctrl-K", `one two${home}\u000B`, ""],
    ["Ctrl-Y", "one two\u0017\u0001\u0019", "twoone "],
    ["Alt-D", `one two${home}\u001Bd`, " two"],
    ["a wide character is one step", `漢字${left}x`, "漢x字"],
    ["an emoji of several parts is one step", `👩‍👩‍👧‍👦${left}x`, "x👩‍👩‍👧‍👦"],
    ["a combining mark goes with its letter", `ae\u0301\u007F`, "a"],
    ["a flag goes as one", "x🇩🇪\u007F", "x"],
    ["unknown sequences mean nothing", "a\u001B[99;5Xb\u001BOPc", "abc"],
    ["a backslash at the end begins another line", "one\\\rtwo", "one\ntwo"],
    ["two backslashes do not", "one\\\\", "one\\\\"],
    ["Alt-Enter begins another line", "one\u001B\rtwo", "one\ntwo"],
    ["Shift-Enter of the kitty protocol, too", "one\u001B[13;2utwo", "one\ntwo"],
    ["arrows move in several lines", `one\u001B\rtwo${up}!`, "one!\ntwo"],
    ["and down again", `one\u001B\rtwo${up}${down}!`, "one\ntwo!"],
    ["pasted lines stay together", paste("a\r\nb\rc\n"), "a\nb\nc\n"],
    ["what is pasted cannot be keys", paste("a\u0003\u001B[Ab\u0004"), "ab"],
    ["a tab in pasted code stays", paste("if:\n\tx"), "if:\n\tx"],
  ])("%s", async (_, keys, expected) => {
    expect(await typeLine(keys)).toBe(expected);
  });

  test("a key may come in pieces, and so may a character", async () => {
    const { read, input, type } = openTerminal();
    const line = read();
    type("ab\u001B");
    type("[");
    type("Dx");
    const bytes = Buffer.from("漢");
    input.emit("data", bytes.subarray(0, 1));
    input.emit("data", bytes.subarray(1));
    type("\r");
    expect(await line).toEqual({ type: "line", text: "ax漢b" });
  });

  test("Ctrl-C gets out of a paste whose end was lost", async () => {
    const { read, type } = openTerminal();
    const line = read();
    type("\u001B[200~abc");
    type("d\u0003e\r");
    type("\u0003");
    expect((await line).type).toBe("interrupt");
    const next = read();
    type("ok\r");
    expect(await next).toEqual({ type: "line", text: "ok" });
  });

  test("a paste may come in pieces", async () => {
    const { read, type } = openTerminal();
    const line = read();
    for (const piece of paste("one\rtwo").match(/.{1,2}/gs) ?? []) type(piece);
    type("\r");
    expect(await line).toEqual({ type: "line", text: "one\ntwo" });
  });

  test("a paste of a megabyte is taken whole, and drawn in a screenful", async () => {
    const { read, type, shown } = openTerminal(80, 24);
    const line = read();
    const text = "0123456789 漢\n".repeat(70_000);
    type(paste(text));
    type("\r");
    const event = await line;
    expect(event.type === "line" && event.text.length).toBe(text.length);
    expect(shown.text.length).toBeLessThan(60);
    expect(shown.text.at(-1)).toContain("more lines");
  });
});

describe("the ways out", () => {
  test.each([
    ["Ctrl-C with text", "abc\u0003", { type: "interrupt", hadText: true }],
    ["Ctrl-C without", "\u0003", { type: "interrupt", hadText: false }],
    ["Ctrl-D without text", "\u0004", { type: "end" }],
  ])("%s", async (_, keys, expected) => {
    const { read, type } = openTerminal();
    const line = read();
    type(keys);
    expect(await line).toEqual(expected as never);
  });

  test("Ctrl-D with text deletes", async () => {
    expect(await typeLine(`abc${home}\u0004`)).toBe("bc");
  });

  test.each(["end", "close", "error"])(
    "a terminal that is gone (%s) ends it, now and later",
    async (event) => {
      const { read, input } = openTerminal();
      const line = read();
      input.emit(event, new Error("EIO"));
      expect(await line).toEqual({ type: "end" });
      expect(await read()).toEqual({ type: "end" });
    },
  );

  test("the signal ends it", async () => {
    const { read } = openTerminal();
    const stop = new AbortController();
    const line = read({ signal: stop.signal });
    stop.abort();
    expect(await line).toEqual({ type: "end" });
  });

  test("the terminal is given back as it was", () => {
    const { input, close, shown } = openTerminal();
    expect(input.isRaw).toBe(true);
    close();
    close();
    expect(input.isRaw).toBe(false);
    expect(shown.writes.join("")).toContain("\u001B[?2004l");
    expect(input.listenerCount("data")).toBe(0);
  });
});

describe("the history", () => {
  const entries = ["first", "second", "third one"];

  test.each([
    ["up is the latest", up, "third one"],
    ["up twice", up + up, "second"],
    ["up beyond the oldest stays there", up.repeat(9), "first"],
    ["down comes back to what was typed", `draft${up}${up}${down}${down}`, "draft"],
    ["what was found can be changed", `${up}!`, "third one!"],
    ["Ctrl-R finds", "\u0012sec", "second"],
    ["Ctrl-R finds whatever the case", "\u0012SEC", "second"],
    ["Ctrl-R again goes further back", "\u0012s\u0012", "first"],
    ["Ctrl-R, then an arrow, edits", `\u0012sec${left}!`, "secon!d"],
    ["Ctrl-R that finds nothing keeps what stands there", "abc\u0012zzz", "abc"],
  ])("%s", async (_, keys, expected) => {
    expect(await typeLine(keys, { history: new PromptHistory(entries, 100) })).toBe(expected);
  });

  test("Ctrl-C in a search brings back what was typed", async () => {
    const { read, type } = openTerminal();
    const line = read({ history: new PromptHistory(entries, 100) });
    type("abc\u0012sec\u0003");
    type("\r");
    expect(await line).toEqual({ type: "line", text: "abc" });
  });

  test("keeps each prompt once, and not too many", () => {
    const history = new PromptHistory(["a", "b"], 3);
    for (const text of ["c", "a", "d"]) history.add(text);
    expect([history.older(""), history.older(""), history.older(""), history.older("")]).toEqual([
      "d",
      "a",
      "c",
      undefined,
    ]);
  });
});

describe("completion", () => {
  const names = ["/tools", "/help", "/history"];
  const complete = async (text: string) => ({
    start: 0,
    candidates: names.filter((name) => name.startsWith(text)).map((name) => ({ text: name, help: "helps" })),
  });

  test("one candidate is taken, with a blank behind it", async () => {
    const { read, type } = openTerminal();
    const line = read({ complete });
    type("/t\t");
    await settle();
    type("x\r");
    expect(await line).toEqual({ type: "line", text: "/tools x" });
  });

  test("several give what they have in common, then are shown below", async () => {
    const { read, type, shown } = openTerminal();
    const line = read({ complete });
    type("/\t");
    await settle();
    expect(shown.text).toEqual([
      "> /",
      expect.stringMatching(/^ {2}\/tools {2,}helps$/),
      expect.stringContaining("/help"),
      expect.stringContaining("/history"),
    ]);
    type("h\t");
    await settle();
    expect(shown.text.length).toBe(3);
    type("e\t");
    await settle();
    type("\r");
    expect(await line).toEqual({ type: "line", text: "/help " });
    expect(shown.text).toEqual(["> /help"]);
  });

  test("an answer that comes after the next key is dropped", async () => {
    const { read, type } = openTerminal();
    const answer = Promise.withResolvers<void>();
    const line = read({ complete: async (text) => (await answer.promise, complete(text)) });
    type("/t\tx");
    answer.resolve();
    await settle();
    type("\r");
    expect(await line).toEqual({ type: "line", text: "/tx" });
  });

  test("a server that fails completes nothing, and what it says is made safe", async () => {
    const { read, type, shown } = openTerminal();
    const line = read({ complete: () => Promise.reject(new Error("no")) });
    type("/t\t");
    await settle();
    type("\r");
    expect(await line).toEqual({ type: "line", text: "/t" });
    const evil = read({
      complete: async () => ({
        start: 0,
        candidates: [{ text: "\u001B[2Jab\u0007\nc", help: "\u001B]0;x\u0007" }],
      }),
    });
    type("\t");
    await settle();
    type("\r");
    expect(await evil).toEqual({ type: "line", text: "ab c " });
    expect(shown.violations).toEqual([]);
  });
});

describe("what is typed while nobody asks", () => {
  test("is kept for the next prompt, line by line", async () => {
    const { read, type } = openTerminal();
    type("one\rtwo\rthr");
    expect(await read()).toEqual({ type: "line", text: "one" });
    expect(await read()).toEqual({ type: "line", text: "two" });
    const line = read();
    await settle();
    type("ee\r");
    expect(await line).toEqual({ type: "line", text: "three" });
  });

  test("does not answer a question, and waits behind it", async () => {
    const { read, type } = openTerminal();
    type("a\r");
    const question = read({ prompt: "? ", takesTyped: false });
    await settle();
    type("n\r");
    expect(await question).toEqual({ type: "line", text: "n" });
    expect(await read()).toEqual({ type: "line", text: "a" });
  });

  test("in the middle of a line does not answer a decision with the rest of it", async () => {
    const { read, type } = openTerminal();
    type("delete the file");
    const decision = read({ takesTyped: false, isDecision: true });
    await settle();
    type("s\r");
    type("n\r");
    expect(await decision).toEqual({ type: "line", text: "n" });
    expect(await read()).toEqual({ type: "line", text: "delete the files" });
  });

  test("in the middle of a line long ago does not keep a decision from its answer", async () => {
    const clock = { ms: 0, nowMs: () => clock.ms };
    const { read, type } = openTerminal(40, 12, clock);
    type("del");
    clock.ms = 1000;
    const decision = read({ takesTyped: false, isDecision: true });
    await settle();
    type("n\r");
    expect(await decision).toEqual({ type: "line", text: "n" });
    type("ete\r");
    expect(await read()).toEqual({ type: "line", text: "delete" });
  });

  test("is dropped by Ctrl-C, which whoever watches is told", async () => {
    const { read, type, keyboard } = openTerminal();
    let interrupts = 0;
    const stop = keyboard.watchInterrupt(() => (interrupts += 1));
    type("one\r\u0003two");
    expect(interrupts).toBe(1);
    stop();
    const line = read();
    await settle();
    type("\r");
    expect(await line).toEqual({ type: "line", text: "two" });
  });
});

describe("a decision", () => {
  test.each([
    ["is not pasted", [paste("y")]],
    ["is not the rest of a paste that holds the mark of its end", [paste("x\u001B[201~y\r")]],
    ["is not that, either, where it comes in pieces", [paste("x"), "y", "\r"]],
  ])("%s", async (_, pieces) => {
    const clock = { ms: 0, nowMs: () => clock.ms };
    const { read, type } = openTerminal(40, 12, clock);
    const decision = read({ takesTyped: false, isDecision: true });
    for (const piece of pieces) {
      type(piece);
      clock.ms += 100;
    }
    clock.ms += 300;
    type("n\r");
    expect(await decision).toEqual({ type: "line", text: "n" });
  });

  test("is interrupted at once, whatever was pasted", async () => {
    const { read, type } = openTerminal();
    const decision = read({ takesTyped: false, isDecision: true });
    type(`${paste("y")}\u0003`);
    expect((await decision).type).toBe("interrupt");
  });
});

describe("drawing", () => {
  test("the cursor stands where the next character goes, behind wide ones and in broken rows", () => {
    const { read, type, shown } = openTerminal(20);
    void read();
    type("漢字");
    expect(shown.cursor).toEqual({ row: 0, column: 6 });
    type(`x${left}`);
    expect(shown.cursor).toEqual({ row: 0, column: 6 });
    type("\u0005");
    type("abcdefghijklmnopqrstuvwxyz");
    expect(shown.text).toEqual(["> 漢字xabcdefghijkl", "  mnopqrstuvwxyz"]);
    expect(shown.cursor).toEqual({ row: 1, column: 16 });
    expect(shown.wraps).toBe(0);
  });

  test("a row that became too narrow is drawn anew", () => {
    const { read, type, shown } = openTerminal(80);
    void read();
    type("a".repeat(60));
    shown.columns = 30;
    type("b");
    expect(shown.writes.at(-1)).toContain("a".repeat(27));
    expect(shown.wraps).toBe(0);
  });

  test("a text of more lines than the screen shows those around the cursor", () => {
    const { read, type, shown } = openTerminal(40, 8);
    void read();
    type(paste(Array.from({ length: 50 }, (_, at) => `line ${at}`).join("\n")));
    expect(shown.text.at(-1)).toBe("  line 49");
    expect(shown.text.length).toBeLessThanOrEqual(6);
    type(up.repeat(49));
    expect(shown.text[0]).toBe("> line 0");
  });

  test("text that comes meanwhile goes above, and what is typed stays", () => {
    const { read, type, shown, screen } = openTerminal();
    void read();
    type("typed");
    screen.print("news");
    screen.draw();
    expect(shown.text).toEqual(["news", "> typed"]);
    expect(shown.cursor).toEqual({ row: 1, column: 7 });
    expect(shown.isCursorVisible).toBe(true);
  });

  test("Ctrl-L empties the screen, and the line stands at its top", () => {
    const { read, type, shown, screen } = openTerminal();
    void read();
    screen.print("old\nnews");
    type("ab\fc");
    expect(shown.text).toEqual(["> abc"]);
  });

  test("each key is one write", () => {
    const { read, type, shown } = openTerminal();
    void read();
    const before = shown.writes.length;
    type("a");
    expect(shown.writes.length).toBe(before + 1);
    expect(shown.writes.at(-1)).toMatch(/^\u001B\[\?2026h[^]*\u001B\[\?2026l$/);
  });
});
