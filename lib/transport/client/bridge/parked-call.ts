import type { JsonObject } from "../../../base/json.ts";
import { isJsonObject } from "../../../base/json.ts";
import type { Call, Outcome } from "./message.ts";

interface Question {
  readonly call: Call;
  readonly answer: (outcome: Outcome) => void;
}

/**
 * A call to a server of the older revisions on behalf of a host of the newer: when the server asks something in its
 * middle, the host gets the question as a result, and its next request brings the answer to the call that waits here.
 */
export class ParkedCall {
  /** Says to the host's next request which call it goes on with. */
  readonly state: string = crypto.randomUUID();
  readonly method: string;
  readonly #abort = new AbortController();
  readonly #questions = new Map<string, Question>();
  #turn = Promise.withResolvers<void>();
  #outcome: Outcome | undefined;
  #failure: { readonly thrown: unknown } | undefined;
  #lastKey = 0;

  constructor(method: string) {
    this.method = method;
  }

  /** Fires when the host gives the call up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Follows the call at the server to its end. */
  follow(running: Promise<Outcome>): void {
    running
      .then(
        (outcome) => void (this.#outcome = outcome),
        (thrown: unknown) => void (this.#failure = { thrown }),
      )
      .finally(() => this.#turn.resolve());
  }

  /** Takes a question of the server; resolves with the host's answer. */
  ask(call: Call): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#questions.set(`q${++this.#lastKey}`, { call, answer: resolve });
    this.#turn.resolve();
    return promise;
  }

  /** Gives the answers to whom they belong; what is missing stays open. */
  answer(responses: unknown): void {
    for (const [key, response] of Object.entries(isJsonObject(responses) ? responses : {})) {
      const question = this.#questions.get(key);
      if (!question || !isJsonObject(response)) continue;
      this.#questions.delete(key);
      question.answer({ result: response });
    }
  }

  /**
   * Waits for the end of the call or for questions.
   *
   * @returns the outcome, or the result that hands the questions to the host
   */
  async next(): Promise<{ readonly outcome: Outcome; readonly isOver: boolean }> {
    for (;;) {
      if (this.#failure) throw this.#failure.thrown;
      if (this.#outcome) return { outcome: this.#outcome, isOver: true };
      if (this.#questions.size > 0) return { outcome: { result: this.#inputRequired() }, isOver: false };
      this.#turn = Promise.withResolvers<void>();
      await this.#turn.promise;
    }
  }

  /** Ends it; the server is told. */
  drop(reason: unknown): void {
    this.#abort.abort(reason);
  }

  #inputRequired(): JsonObject {
    const questions = [...this.#questions].map(([key, { call }]) => [key, call] as const);
    return {
      resultType: "input_required",
      inputRequests: Object.fromEntries(questions),
      requestState: this.state,
    };
  }
}
