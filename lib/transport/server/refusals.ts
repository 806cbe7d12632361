import { type ChallengeOptions, prepareRefusal } from "../../auth/server/challenge.ts";
import type { AppError } from "../../base/errors.ts";

/** What the answers have in common. */
export type RefusalOptions = Omit<ChallengeOptions, "metadataUrl">;

/** Gives the answer to a request whose token was missing or refused. */
export type Refusals = (error: AppError, metadataUrl: string) => Response;

const maxKept = 32;

/**
 * Keeps the last answers as they are sent: most refusals are alike. Whoever sends tokens that are each refused with
 * words of their own makes it begin anew, no more.
 */
export function createRefusals(options: RefusalOptions): Refusals {
  const kept = new Map<string, () => Response>();
  let last:
    { readonly error: AppError; readonly metadataUrl: string; readonly answer: () => Response } | undefined;

  function find(error: AppError, metadataUrl: string): () => Response {
    const { code, message, retryAfterSeconds } = error;
    const key = `${code} ${retryAfterSeconds} ${metadataUrl} ${message}`;
    const known = kept.get(key);
    if (known) return known;
    if (kept.size >= maxKept) kept.clear();
    const answer = prepareRefusal(error, { ...options, metadataUrl });
    kept.set(key, answer);
    return answer;
  }

  return (error, metadataUrl) => {
    if (last?.error !== error || last.metadataUrl !== metadataUrl) {
      last = { error, metadataUrl, answer: find(error, metadataUrl) };
    }
    return last.answer();
  };
}
