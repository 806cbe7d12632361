/** What a key means to an editor of lines; keys that mean nothing have no name. */
export type KeyName =
  | "enter"
  | "new-line"
  | "left"
  | "right"
  | "up"
  | "down"
  | "word-left"
  | "word-right"
  | "home"
  | "end"
  | "backspace"
  | "delete"
  | "delete-word-left"
  | "delete-word-right"
  | "kill-to-start"
  | "kill-to-end"
  | "yank"
  | "tab"
  | "escape"
  | "interrupt"
  | "end-of-input"
  | "search"
  | "redraw"
  | "suspend";

/** What a person did: pressed a key, typed text, or pasted some. */
export type Key =
  | { readonly type: "press"; readonly name: KeyName }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "paste"; readonly text: string };

const controls: Readonly<Record<string, KeyName>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\u0001": "home",
  "\u0002": "left",
  "\u0003": "interrupt",
  "\u0004": "end-of-input",
  "\u0005": "end",
  "\u0006": "right",
  "\b": "backspace",
  "\u000B": "kill-to-end",
  "\f": "redraw",
  "\u000E": "down",
  "\u0010": "up",
  "\u0012": "search",
  "\u0015": "kill-to-start",
  "\u0017": "delete-word-left",
  "\u0019": "yank",
  "\u001A": "suspend",
  "\u007F": "backspace",
};

/** Behind ESC: Alt and a key. */
const altKeys: Readonly<Record<string, KeyName>> = {
  "\r": "new-line",
  "\n": "new-line",
  b: "word-left",
  f: "word-right",
  d: "delete-word-right",
  "\u007F": "delete-word-left",
  "\b": "delete-word-left",
};

/** Behind ESC [ or ESC O, as xterm, the Linux console, rxvt and the kitty protocol send them. */
const sequences: Readonly<Record<string, KeyName>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  H: "home",
  F: "end",
  "1~": "home",
  "7~": "home",
  "4~": "end",
  "8~": "end",
  "3~": "delete",
  "1;5C": "word-right",
  "1;5D": "word-left",
  "1;3C": "word-right",
  "1;3D": "word-left",
  "1;9C": "word-right",
  "1;9D": "word-left",
  "5C": "word-right",
  "5D": "word-left",
  "3;5~": "delete-word-right",
  "3;3~": "delete-word-right",
  "13;2u": "new-line",
  "13;3u": "new-line",
  "27;2;13~": "new-line",
};

const escape = "\u001B";
const interrupt = "\u0003";
const pasteStart = "\u001B[200~";
const pasteEnd = "\u001B[201~";
/** A paste that grows beyond it is given on in pieces, in characters. */
const maxPaste = 1_000_000;
const sequence = /^\u001B(?:\[([0-?]*[ -/]*[@-~])|O([A-Za-z]))/;
const unfinished = /^\u001B(?:\[[0-?]*[ -/]*|O)?$/;

/** Reads keys out of what a terminal sends; a key may come in several pieces. */
export class KeyDecoder {
  #rest = "";
  #isPasting = false;

  /** Takes what came and gives the keys that are complete. */
  push(chunk: string): Key[] {
    // Ctrl-C by itself is a key, also where the end of a paste got lost: nothing else would get out of it.
    if (this.#isPasting && chunk === interrupt) {
      this.#isPasting = false;
      this.#rest = "";
    }
    this.#rest += chunk;
    const keys: Key[] = [];
    while (this.#rest !== "") {
      const before = this.#rest;
      const key = this.#isPasting ? this.#readPaste() : this.#readKey();
      if (key) keys.push(key);
      else if (this.#rest === before) break;
    }
    return keys;
  }

  /** Whether more is to come: after a moment without it, what came is the escape key. */
  get isWaiting(): boolean {
    return this.#rest !== "" && !this.#isPasting;
  }

  /** Gives what waits as it is. */
  flush(): Key[] {
    if (!this.isWaiting) return [];
    this.#rest = "";
    return [{ type: "press", name: "escape" }];
  }

  #skip(length: number): string {
    const taken = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    return taken;
  }

  #readPaste(): Key | undefined {
    const end = this.#rest.indexOf(pasteEnd);
    if (end < 0 && this.#rest.length < maxPaste) return undefined;
    const text = this.#skip(end < 0 ? maxPaste / 2 : end);
    if (end >= 0) {
      this.#skip(pasteEnd.length);
      this.#isPasting = false;
    }
    return text === "" ? undefined : { type: "paste", text: text.replace(/\r\n?/g, "\n") };
  }

  /** Undefined with nothing taken: more has to come. Undefined with something taken: it means nothing. */
  #readKey(): Key | undefined {
    const text = /^[^\u0000-\u001F\u007F]+/.exec(this.#rest)?.[0];
    if (text !== undefined) return { type: "text", text: this.#skip(text.length) };
    if (this.#rest.startsWith(escape)) return this.#readEscape();
    return press(controls[this.#skip(1)]);
  }

  #readEscape(): Key | undefined {
    if (this.#rest.startsWith(pasteStart)) {
      this.#skip(pasteStart.length);
      this.#isPasting = true;
      return undefined;
    }
    const [whole, csi, ss3] = sequence.exec(this.#rest) ?? [];
    if (whole !== undefined) {
      this.#skip(whole.length);
      return press(sequences[csi ?? ss3 ?? ""]);
    }
    if (unfinished.test(this.#rest)) return undefined;
    this.#skip(1);
    const name = altKeys[this.#rest.slice(0, 1)];
    if (name !== undefined) this.#skip(1);
    return name === undefined ? press("escape") : press(name);
  }
}

function press(name: KeyName | undefined): Key | undefined {
  return name === undefined ? undefined : { type: "press", name };
}
