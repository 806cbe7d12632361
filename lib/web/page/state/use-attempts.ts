import { useCallback, useRef, useState } from "react";
import type { Problem } from "../../contract.ts";
import { toProblem } from "../api/problem.ts";

/** What a person tries, one thing after the other: whoever begins the next has given up the last. */
export interface Attempts {
  readonly isUnderWay: boolean;
  /** Why the last one failed, or what else was put in its place. */
  readonly problem: Problem | undefined;
  setProblem(change: (last: Problem | undefined) => Problem | undefined): void;
  /** Does the work, which gives what changes the page in the end. */
  attempt(work: () => Promise<() => void>): Promise<void>;
}

/** Keeps the attempts to sign in and out. */
export function useAttempts(): Attempts {
  const count = useRef(0);
  const [isUnderWay, setIsUnderWay] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const attempt = useCallback(async (work: () => Promise<() => void>) => {
    const turn = ++count.current;
    const ifLatest = (change: () => void) => void (turn === count.current && change());
    setProblem(undefined);
    setIsUnderWay(true);
    try {
      ifLatest(await work());
    } catch (thrown) {
      ifLatest(() => setProblem(toProblem(thrown)));
    } finally {
      ifLatest(() => setIsUnderWay(false));
    }
  }, []);
  return { isUnderWay, problem, setProblem, attempt };
}
