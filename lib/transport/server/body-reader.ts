import type { AdmittedRequest } from "./admitted-request.ts";
import type { TransportLimits } from "./limits.ts";
import { createDeadlines } from "./deadlines.ts";
import { checkBodyHeaders, parseBody, readJsonBody, readSmallBody } from "./read-body.ts";
import { createSlots, takeCall } from "./slots.ts";

/** Bodies that say that they are no larger are not counted: they cost less than the connection they come on. */
const smallBytes = 64 * 1024;

/**
 * Reads the bodies of admitted requests. Of one caller only so many large ones are read at a time as it may have
 * calls running: slowly sent, thousands of them would fill the memory within the rate that it may send requests.
 */
export function createBodyReader({ body, caller: { maxCalls } }: Pick<TransportLimits, "body" | "caller">) {
  const largeBodies = createSlots(maxCalls);
  const deadlines = createDeadlines(body.deadlineMs);

  /** @throws `too_many_calls`, and as {@link readJsonBody} does */
  return async ({ request, caller }: AdmittedRequest): Promise<unknown> => {
    if (Number(request.headers.get("content-length") ?? Number.NaN) <= smallBytes) {
      checkBodyHeaders(request, body);
      return parseBody(await readSmallBody(request, deadlines, body), body);
    }
    const giveBack = takeCall(largeBodies, caller);
    try {
      return await readJsonBody(request, body);
    } finally {
      giveBack();
    }
  };
}
