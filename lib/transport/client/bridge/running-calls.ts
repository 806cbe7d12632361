import { type Call, type RequestId } from "./message.ts";
import { progressTokenOf } from "./revisions.ts";

/** The progress tokens of the host's requests that run: progress for others is nobody's. */
export class RunningCalls {
  readonly #tokens = new Map<RequestId, number>();

  /** Notes a request; the function that it gives forgets it again. */
  begin(call: Call): () => void {
    const token = progressTokenOf(call);
    if (token === undefined) return () => {};
    this.#tokens.set(token, (this.#tokens.get(token) ?? 0) + 1);
    return () => {
      const left = (this.#tokens.get(token) ?? 1) - 1;
      if (left > 0) this.#tokens.set(token, left);
      else this.#tokens.delete(token);
    };
  }

  /** Whether the host may be told: everything but progress that it has not asked for, or no longer. */
  mayTell({ method, params }: Call): boolean {
    if (method !== "notifications/progress") return true;
    const token = params?.["progressToken"];
    return (typeof token === "string" || typeof token === "number") && this.#tokens.has(token);
  }
}
