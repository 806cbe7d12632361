import { StringDecoder } from "node:string_decoder";
import { sleep } from "../../base/abort.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { SharedHold } from "../shared-hold.ts";
import { type Key, KeyDecoder } from "./decode-keys.ts";

/** A terminal's keys. `process.stdin` is one. */
export interface KeyInput extends NodeJS.ReadableStream {
  setRawMode?(isRaw: boolean): unknown;
  ref?(): unknown;
  unref?(): unknown;
}

/** Who gets the keys. */
export interface KeyListener {
  take(key: Key): void;
  /** The keys are gone for good: the terminal was closed. */
  end(): void;
  /** Whether it also gets what was typed while nobody listened. */
  readonly takesTyped: boolean;
  /**
   * Whether something is allowed with the keys. Then it gets no paste and nothing right behind one, which may be the
   * rest of a paste that held the mark of its end; and a line that was begun before goes on to the next prompt.
   */
  readonly isDecision: boolean;
}

/** After an ESC the rest of a sequence comes at once; what comes later is another key. */
const escapeMs = 60;
/** What the terminal keeps back arrives within it, and a signal takes effect. */
const resumeMs = 50;
/** What is typed ahead beyond it is lost, in keys. */
const maxTyped = 10_000;
/** What follows a paste within it may be a part of it. */
const pastedMs = 300;
/** Whoever pauses so long in the middle of a line has seen what stands there now. */
const pauseMs = 1000;
/** Signals that would end the program at once, and leave the terminal as nobody wants it. */
const endings = process.platform === "win32" ? [] : (["SIGHUP", "SIGQUIT"] as const);
const pasteOn = "\u001B[?2004h";
const pasteOff = "\u001B[?2004l";

/** The one reader of a terminal's keys. What is typed while nobody listens waits for the next prompt. */
export class Keyboard {
  readonly #input: KeyInput;
  readonly #output: { write(text: string): unknown };
  readonly #clock: Clock;
  readonly #listeners: KeyListener[] = [];
  readonly #hold = new SharedHold(
    () => this.#start(),
    () => this.#stop(),
  );
  #keys = new KeyDecoder();
  #text = new StringDecoder("utf8");
  #typed: Key[] = [];
  /** When a key was typed ahead last. */
  #typedMs = 0;
  #isPastedUntilMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasEnded = false;
  #onInterrupt = () => {};

  constructor(input: KeyInput, output: { write(text: string): unknown }, clock: Clock = systemClock) {
    this.#input = input;
    this.#output = output;
    this.#clock = clock;
  }

  /** Whether the terminal is gone, or its input was closed. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether the keys are taken from the terminal. */
  get isOpen(): boolean {
    return this.#hold.isHeld;
  }

  /** Takes the keys from the terminal until the returned function is called; several may hold it. */
  open(): () => void {
    return this.#hold.hold();
  }

  /** Gives the keys to a listener, the latest first, until the returned function is called. */
  listen(listener: KeyListener): () => void {
    this.#listeners.push(listener);
    // Not at once: the caller does not know the function yet with which it stops listening.
    queueMicrotask(() => this.#giveTyped());
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }

  /** Says what Ctrl-C does while nobody listens; it also drops what was typed ahead. */
  watchInterrupt(onInterrupt: () => void): () => void {
    this.#onInterrupt = onInterrupt;
    return () => {
      this.#onInterrupt = () => {};
    };
  }

  /** Stops the program as Ctrl-Z does, and gives the terminal back meanwhile. */
  suspend(onResume: () => void): void {
    if (process.platform === "win32") return;
    this.#stop();
    process.kill(process.pid, "SIGTSTP");
    const resume = () => {
      this.#start();
      onResume();
    };
    // Comes when the program goes on; at once where nobody can stop it, as without a shell.
    setTimeout(resume, resumeMs);
  }

  /** Waits for what was typed up to now: a terminal gives that on a moment later. It goes to the next prompt. */
  async awaitEarlier(): Promise<void> {
    await sleep(resumeMs);
  }

  /** Drops what was typed before {@link open}. */
  async forgetEarlier(): Promise<void> {
    await this.awaitEarlier();
    this.#typed = [];
  }

  #start(): void {
    this.#input.setRawMode?.(true);
    this.#output.write(pasteOn);
    process.once("exit", this.#onExit);
    for (const name of endings) process.once(name, this.#onEnding);
    this.#input.on("data", this.#onData);
    this.#input.on("end", this.#onEnd);
    this.#input.on("close", this.#onEnd);
    this.#input.off("error", this.#onEnd);
    this.#input.on("error", this.#onEnd);
    this.#input.resume();
    this.#input.ref?.();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#input.off("data", this.#onData);
    this.#input.off("end", this.#onEnd);
    this.#input.off("close", this.#onEnd);
    this.#output.write(pasteOff);
    process.off("exit", this.#onExit);
    for (const name of endings) process.off(name, this.#onEnding);
    // A terminal that is gone says so in an error, to which nobody else listens.
    if (!this.#hasEnded) this.#input.setRawMode?.(false);
    this.#input.pause();
    this.#input.unref?.();
  }

  /** Also where the program ends in the middle of it all, the next one finds the terminal as it was. */
  readonly #onExit = (): void => this.#stop();

  /** The terminal first. A hangup then ends the program in order: where it was ignored before, it comes here, too. */
  readonly #onEnding = (name: NodeJS.Signals): void => {
    try {
      this.#stop();
    } catch {
      // The terminal is gone.
    }
    process.kill(process.pid, name === "SIGHUP" ? "SIGTERM" : name);
  };

  readonly #onData = (chunk: string | Uint8Array): void => {
    clearTimeout(this.#timer);
    const text = typeof chunk === "string" ? chunk : this.#text.write(Buffer.from(chunk));
    for (const key of this.#keys.push(text)) this.#give(key);
    if (!this.#keys.isWaiting) return;
    this.#timer = setTimeout(() => {
      for (const key of this.#keys.flush()) this.#give(key);
    }, escapeMs);
  };

  readonly #onEnd = (): void => {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    // What runs has nobody to run for any more.
    this.#onInterrupt();
    for (const listener of this.#listeners.toReversed()) listener.end();
  };

  #give(key: Key): void {
    const listener = this.#listeners.at(-1);
    const isInterrupt = key.type === "press" && key.name === "interrupt";
    if (isInterrupt) this.#typed = [];
    else if (listener?.isDecision) return this.#giveDecision(listener, key);
    if (listener && (this.#typed.length === 0 || !listener.takesTyped)) return listener.take(key);
    if (isInterrupt) return this.#onInterrupt();
    this.#keep(key);
  }

  #giveDecision(listener: KeyListener, key: Key): void {
    const nowMs = this.#clock.nowMs();
    if (key.type === "paste" || nowMs < this.#isPastedUntilMs) {
      this.#isPastedUntilMs = nowMs + pastedMs;
      return;
    }
    const last = this.#typed.at(-1);
    const isWhole = last === undefined || (last.type === "press" && last.name === "enter");
    const goesOn = !isWhole && nowMs - this.#typedMs < pauseMs;
    if (goesOn) this.#keep(key);
    else listener.take(key);
  }

  #keep(key: Key): void {
    this.#typedMs = this.#clock.nowMs();
    if (this.#typed.length < maxTyped) this.#typed.push(key);
  }

  #giveTyped(): void {
    for (;;) {
      const listener = this.#listeners.at(-1);
      if (listener?.takesTyped !== true) return;
      const key = this.#typed.shift();
      if (!key) return;
      listener.take(key);
    }
  }
}
