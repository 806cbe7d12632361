import { AppError } from "../../base/errors.ts";

/** One event of a stream, as far as MCP uses them. */
export interface StreamEvent {
  /** It carries an id: the stream can be taken up again after it. */
  readonly hasId: boolean;
  readonly data: string;
}

/**
 * Cuts server-sent events out of text that arrives in pieces. Reads along only: the SDK has its own parser.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventReader {
  readonly #maxEventBytes: number;
  #line = "";
  #data: string[] = [];
  #size = 0;
  #type = "";
  #hasId = false;
  #lastId: string | undefined;
  #retryMs: number | undefined;
  #endsWithCr = false;

  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes;
  }

  /** The latest id, after which the stream can be taken up again. */
  get lastId(): string | undefined {
    return this.#lastId;
  }

  /** How long the server asks to wait before the stream is taken up again, in milliseconds. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /**
   * Takes the next piece.
   *
   * @returns the events that it completes
   * @throws `protocol_error` when one event is larger than allowed
   */
  push(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    let start = this.#endsWithCr && text.startsWith("\n") ? 1 : 0;
    const ends = /\r\n|\n|\r/g;
    ends.lastIndex = start;
    for (let end = ends.exec(text); end; end = ends.exec(text)) {
      const event = this.#takeLine(this.#line + text.slice(start, end.index));
      if (event) events.push(event);
      this.#line = "";
      start = ends.lastIndex;
    }
    this.#line += text.slice(start);
    this.#endsWithCr = text.endsWith("\r");
    this.#checkSize();
    return events;
  }

  #checkSize(): void {
    if (this.#size + this.#line.length <= this.#maxEventBytes) return;
    throw new AppError(
      "protocol_error",
      `The server sent an event larger than ${this.#maxEventBytes} bytes.`,
    );
  }

  #takeLine(line: string): StreamEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") {
      this.#data.push(value);
      // The whole line, or a server could fill the memory with lines of nothing.
      this.#size += line.length + 1;
      this.#checkSize();
    } else if (field === "id") {
      this.#hasId = value !== "" && !value.includes("\0");
      if (this.#hasId) this.#lastId = value;
    } else if (field === "retry") {
      if (/^\d{1,9}$/.test(value)) this.#retryMs = Number(value);
    } else if (field === "event") {
      this.#type = value;
    }
    return undefined;
  }

  #dispatch(): StreamEvent | undefined {
    const isMessage = this.#type === "" || this.#type === "message";
    const event =
      this.#data.length === 0
        ? undefined
        : { hasId: this.#hasId, data: isMessage ? this.#data.join("\n") : "" };
    this.#data = [];
    this.#size = 0;
    this.#type = "";
    this.#hasId = false;
    return event;
  }
}
