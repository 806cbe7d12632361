import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import { type Check, ok, skipped } from "./check.ts";

/** Servers of ours accept a token whose times are that much off. */
const maxDifferenceMs = 60_000;

function describeDifference(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;
}

function directionOf(ms: number): string {
  return ms > 0 ? "ahead of" : "behind";
}

/** This machine's clock is wrong. @param aheadMs by how much the others are ahead of it */
export function ownIsOff(aheadMs: number): AppError {
  const said = `This machine's clock is ${describeDifference(aheadMs)} ${directionOf(-aheadMs)} that of the others.`;
  return new AppError("invalid_config", said, {
    hint: "Set it, best by network time (NTP): tokens would be refused as expired or not valid yet.",
  });
}

function theirsIsOff(origin: string, aheadMs: number, isOnlyOne: boolean): AppError {
  const said = `The clock of ${quote(origin)} is ${describeDifference(aheadMs)} ${directionOf(aheadMs)} this machine's.`;
  const hint = isOnlyOne
    ? "Compare both with the right time; tokens would be refused as expired or not valid yet."
    : "Its operator must set it: it would refuse tokens as expired or not valid yet.";
  return new AppError("server_failed", said, { hint });
}

/** Our clock against the `Date` of the server and of the sign-in service. */
export const clockCheck: Check = {
  id: "clock",
  title: "Clock",
  run({ facts }) {
    const noted = [...facts.dates].map(([origin, { aheadMs }]) => ({ origin, aheadMs }));
    if (noted.length === 0) return skipped("nobody sent a date");
    const off = noted.filter(({ aheadMs }) => Math.abs(aheadMs) > maxDifferenceMs);
    const [first] = off;
    if (!first) return ok(`less than ${maxDifferenceMs / 1000} s off`);
    const isAgreed = off.every(({ aheadMs }) => Math.abs(aheadMs - first.aheadMs) <= maxDifferenceMs);
    // Two that agree with one another and not with us are more likely to be right.
    if (noted.length > 1 && off.length === noted.length && isAgreed) throw ownIsOff(first.aheadMs);
    throw theirsIsOff(first.origin, first.aheadMs, noted.length === 1);
  },
};
