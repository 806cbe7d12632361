import type { Abortable } from "../../base/abort.ts";
import type { LiveScreen } from "../live-screen.ts";
import type { Keyboard, KeyListener } from "./keyboard.ts";
import { LineEditor, type LineEditorOptions, type LineEvent } from "./line-editor.ts";

/** What a line is typed and drawn with. */
interface LiveParts {
  readonly screen: LiveScreen;
  readonly keyboard: Keyboard;
}

/** How a line is asked for. */
export interface ReadLineOptions extends LineEditorOptions, Abortable {
  /** Whether it also gets what was typed before it was asked for. A question must not. */
  readonly takesTyped?: boolean | undefined;
  /** Whether something is allowed with it; see {@link KeyListener}. */
  readonly isDecision?: boolean | undefined;
}

/** Longer texts are not repeated in full above the next line, in lines. */
const maxEchoedLines = 20;

/** What stays on the screen of a line. */
function echo(prompt: string, text: string): string {
  const [first = "", ...rest] = text.replaceAll("\t", "  ").split("\n");
  const shown = rest.slice(0, maxEchoedLines);
  const more = rest.length - shown.length;
  const indent = " ".repeat(prompt.length);
  const lines = [prompt + first, ...shown.map((line) => indent + line)];
  if (more > 0) lines.push(`${indent}… and ${more} more lines`);
  return lines.join("\n");
}

/** Asks for a line below everything else that is drawn; it stays on the screen when it is done. */
export function readLine({ screen, keyboard }: LiveParts, options: ReadLineOptions): Promise<LineEvent> {
  const { signal, prompt, takesTyped = false, isDecision = false } = options;
  if (signal?.aborted || keyboard.hasEnded) return Promise.resolve({ type: "end" });
  const { promise, resolve } = Promise.withResolvers<LineEvent>();
  const finish = (event: LineEvent) => {
    stopListening();
    signal?.removeEventListener("abort", onEnd);
    editor.close();
    screen.setSection("editor", undefined);
    if (event.type === "line") options.history?.add(event.text);
    if (event.type !== "end" || editor.text !== "") screen.print(echo(prompt, editor.text));
    screen.draw();
    resolve(event);
  };
  const onEnd = () => finish({ type: "end" });
  const editor = new LineEditor(options, {
    done: finish,
    changed: () => screen.draw(),
    clear: () => screen.clear(),
    suspend() {
      screen.leave();
      keyboard.suspend(() => screen.draw());
    },
  });
  const listener: KeyListener = { take: (key) => editor.take(key), end: onEnd, takesTyped, isDecision };
  const stopListening = keyboard.listen(listener);
  signal?.addEventListener("abort", onEnd, { once: true });
  screen.setSection("editor", editor);
  screen.draw();
  return promise;
}
