import { AppError } from "../../base/errors.ts";

/** What each caller has running at a time. */
export interface Slots {
  /**
   * Takes a slot of a caller.
   *
   * @returns a function that gives it back and may be called twice; undefined where the caller holds all of its own
   */
  take(caller: string): (() => void) | undefined;
  /** Slots of that caller that are taken. */
  taken(caller: string): number;
}

/** Opens the slots; callers who hold none are forgotten. */
export function createSlots(maxPerCaller: number): Slots {
  const taken = new Map<string, number>();

  function giveBack(caller: string): void {
    const left = (taken.get(caller) ?? 0) - 1;
    if (left > 0) taken.set(caller, left);
    else taken.delete(caller);
  }

  return {
    take(caller) {
      const before = taken.get(caller) ?? 0;
      if (before >= maxPerCaller) return undefined;
      taken.set(caller, before + 1);
      let isTaken = true;
      return () => {
        if (isTaken) giveBack(caller);
        isTaken = false;
      };
    },
    taken: (caller) => taken.get(caller) ?? 0,
  };
}

/**
 * Takes a slot for one call.
 *
 * @returns a function that gives it back and may be called twice
 * @throws `too_many_calls`
 */
export function takeCall(calls: Slots, caller: string): () => void {
  const giveBack = calls.take(caller);
  if (giveBack) return giveBack;
  throw new AppError("too_many_calls", "You have too many calls running at a time.", {
    retryAfterSeconds: 1,
  });
}
