import type { AdmittedRequest } from "./admitted-request.ts";
import type { TransportLimits } from "./limits.ts";
import { createDeadlines } from "./deadlines.ts";
import { readJsonBody, readSmallBody } from "./read-body.ts";
import { createSlots, takeCall } from "./slots.ts";

/** Bodies that say that they are no larger are not counted: they cost less than the connection they come on. */
const smallBytes = 64 * 1024;

/**
 * Reads a request's body and hands it on.
 *
 * @returns what `use` gives
 * @throws `too_many_calls`, as {@link readJsonBody} does, and what `use` throws
 */
export type BodyReader = <Outcome>(
  admitted: AdmittedRequest,
  use: (body: unknown) => Outcome | Promise<Outcome>,
) => Promise<Outcome>;

/**
 * Reads the bodies of admitted requests. Of one caller only so many large ones are read at a time as it may have
 * calls running: slowly sent, thousands of them would fill the memory within the rate that it may send requests.
 */
export function createBodyReader({
  body: limits,
  caller: { maxCalls },
}: Pick<TransportLimits, "body" | "caller">): BodyReader {
  const largeBodies = createSlots(maxCalls);
  const maxSmall = Math.min(smallBytes, limits.maxBytes);
  const small = { limits, deadlines: createDeadlines(limits.deadlineMs) };

  async function readLarge({ request, caller }: AdmittedRequest): Promise<unknown> {
    const giveBack = takeCall(largeBodies, caller);
    try {
      return await readJsonBody(request, limits);
    } finally {
      giveBack();
    }
  }

  return (admitted, use) => {
    const { request } = admitted;
    const length = Number(request.headers.get("content-length") ?? Number.NaN);
    return length <= maxSmall ? readSmallBody(request, small, use) : readLarge(admitted).then(use);
  };
}
