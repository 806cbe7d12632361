import { describe, expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { Dialog } from "../../lib/terminal/dialog.ts";
import type { ReadLineOptions } from "../../lib/terminal/editor/read-line.ts";
import { LineTerminal } from "../../lib/terminal/line-terminal.ts";

const promptOptions: ReadLineOptions = { prompt: "> ", hasLines: true, takesTyped: true };

function openTerminal() {
  const input = new PassThrough();
  const written = Promise.withResolvers<void>();
  let all = "";
  const write = (text: string) => {
    all += text;
    written.resolve();
  };
  const terminal = new LineTerminal(input, { write });
  return {
    terminal,
    input,
    text: () => all,
    /** Resolves once anything was written. */
    written: written.promise,
    /** Types, and waits until it was taken. */
    async type(text: string) {
      input.write(text);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("a terminal of plain lines", () => {
  test("gives each line, and keeps what is typed ahead for the next prompt", async () => {
    const { terminal, type, text } = openTerminal();
    terminal.open();
    const first = terminal.readLine(promptOptions);
    await type("one\ntwo\nthree\n");
    expect(await first).toEqual({ type: "line", text: "one" });
    expect(await terminal.readLine(promptOptions)).toEqual({ type: "line", text: "two" });
    expect(await terminal.readLine(promptOptions)).toEqual({ type: "line", text: "three" });
    expect(text()).toBe("> > two\n> three\n");
  });

  test("joins lines that end with a backslash at a prompt, and not at a question", async () => {
    const { terminal, type } = openTerminal();
    terminal.open();
    const prompt = terminal.readLine(promptOptions);
    await type("one\\\ntwo\n");
    expect(await prompt).toEqual({ type: "line", text: "one\ntwo" });
    const question = terminal.readLine({ prompt: "? " });
    await type("three\\\n");
    expect(await question).toEqual({ type: "line", text: "three\\" });
  });

  test("a question is not answered by what was typed before it", async () => {
    const { terminal, type, text } = openTerminal();
    terminal.open();
    await type("always\n");
    const question = terminal.readLine({ prompt: "Run it? " });
    expect(text()).toBe("Run it? ");
    await type("n\n");
    expect(await question).toEqual({ type: "line", text: "n" });
    expect(await terminal.readLine(promptOptions)).toEqual({ type: "line", text: "always" });
  });

  test("nor by what was typed before the terminal was taken", async () => {
    const { terminal, input, type, written } = openTerminal();
    input.write("always\n");
    const answered = new Dialog(terminal, () => {}).hold((ask) => ask({ prompt: "? " }), {});
    await written;
    await type("n\n");
    expect(await answered).toEqual({ type: "line", text: "n" });
  });

  test("Ctrl-C ends the line, then what runs, and drops what waits; else it is for the program", async () => {
    const { terminal, type } = openTerminal();
    terminal.open();
    const line = terminal.readLine(promptOptions);
    expect(terminal.takeSignal()).toBe(true);
    expect(await line).toEqual({ type: "interrupt", hadText: false });
    let interrupts = 0;
    const stop = terminal.watchInterrupt(() => (interrupts += 1));
    await type("later\n");
    expect([terminal.takeSignal(), interrupts]).toEqual([true, 1]);
    stop();
    expect([terminal.takeSignal(), interrupts]).toEqual([false, 1]);
    const next = terminal.readLine(promptOptions);
    await type("anew\n");
    expect(await next).toEqual({ type: "line", text: "anew" });
  });

  test("the end of the input ends the line, what runs, and every later one", async () => {
    const { terminal, input } = openTerminal();
    terminal.open();
    let interrupts = 0;
    terminal.watchInterrupt(() => (interrupts += 1));
    const line = terminal.readLine(promptOptions);
    input.end();
    expect(await line).toEqual({ type: "end" });
    expect(interrupts).toBe(1);
    expect(await terminal.readLine(promptOptions)).toEqual({ type: "end" });
  });

  test("the signal ends a line, also before it is asked for", async () => {
    const { terminal } = openTerminal();
    terminal.open();
    const controller = new AbortController();
    const line = terminal.readLine({ ...promptOptions, signal: controller.signal });
    controller.abort();
    expect(await line).toEqual({ type: "end" });
    expect(await terminal.readLine({ ...promptOptions, signal: controller.signal })).toEqual({ type: "end" });
  });
});
