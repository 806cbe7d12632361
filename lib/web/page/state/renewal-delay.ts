import type { Token } from "../sign-in/sign-in.ts";

/** MSAL renews a token that has less than five minutes to go: it is asked a little after that. */
export const leadMs = 290_000;
/** Tokens that live shorter than the lead must not make the page ask all the time. */
const minDelayMs = 15_000;

/** Milliseconds until a token is to be renewed. */
export function renewalDelayMs(token: Pick<Token, "expiresAtMs">, nowMs: number): number {
  const leftMs = token.expiresAtMs - nowMs;
  return Math.max(leftMs - leadMs, Math.min(leftMs / 2, leadMs), minDelayMs);
}
