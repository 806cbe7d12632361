/** Where lines go that come while something else is drawn: above it, or straight to standard error. */
export class NoticeBoard {
  #show: (line: string) => void;
  readonly #plain: (line: string) => void;

  constructor(stream: Pick<NodeJS.WriteStream, "write">) {
    this.#plain = (line) => void stream.write(`${line}\n`);
    this.#show = this.#plain;
  }

  /** Shows a line; it is the caller's to make safe. */
  readonly print = (line: string): void => this.#show(line);

  /** Shows lines above what is drawn. */
  attach(view: { printAbove(text: string): void }): void {
    this.#show = (line) => view.printAbove(line);
  }

  detach(): void {
    this.#show = this.#plain;
  }
}
