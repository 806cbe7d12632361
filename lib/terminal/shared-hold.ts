/** Something that several may hold: taken with the first of them, given back with the last. */
export class SharedHold {
  readonly #take: () => void;
  readonly #giveBack: () => void;
  #holders = 0;

  constructor(take: () => void, giveBack: () => void) {
    this.#take = take;
    this.#giveBack = giveBack;
  }

  /** Whether anybody holds it. */
  get isHeld(): boolean {
    return this.#holders > 0;
  }

  /** Holds it until the returned function is called, which may be called twice. */
  hold(): () => void {
    this.#holders += 1;
    if (this.#holders === 1) this.#take();
    let isHolding = true;
    return () => {
      if (isHolding) this.#holders -= 1;
      if (isHolding && this.#holders === 0) this.#giveBack();
      isHolding = false;
    };
  }
}
