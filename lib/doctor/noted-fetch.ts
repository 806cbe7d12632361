import type { Fetch } from "../auth/client/fetch-json.ts";
import type { Clock } from "../base/clock.ts";
import { verifiedFetch } from "../base/verified-fetch.ts";
import type { NotedDate } from "./check.ts";

/** Seconds that an answer waited in a cache on its way (RFC 9111 section 5.1). */
function ageMsOf(headers: Headers): number {
  const text = headers.get("age") ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) * 1000 : 0;
}

function readDate(headers: Headers, sentMs: number, receivedMs: number): NotedDate | undefined {
  // The header counts whole seconds: on average half a second has gone.
  const theirs = Date.parse(headers.get("date") ?? "") + 500 + ageMsOf(headers);
  return Number.isFinite(theirs) ? { aheadMs: theirs - (sentMs + receivedMs) / 2 } : undefined;
}

/** {@link verifiedFetch}, which notes the `Date` of every answer by the origin that was asked. */
export function createNotedFetch(dates: Map<string, NotedDate>, clock: Clock): Fetch {
  return async (url, init) => {
    const sentMs = clock.nowMs();
    const response = await verifiedFetch(url, init);
    const noted = readDate(response.headers, sentMs, clock.nowMs());
    if (noted) dates.set(new URL(url).origin, noted);
    return response;
  };
}
