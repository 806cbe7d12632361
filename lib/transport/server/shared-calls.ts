import { type BodyReader, createBodyReader } from "./body-reader.ts";
import { createInFlight, type InFlight } from "./in-flight.ts";
import type { TransportLimits } from "./limits.ts";
import { createSlots, type Slots } from "./slots.ts";

/** What all ways to the tools have in common, so that nobody has more of it by taking another way. */
export interface SharedCalls {
  /** Calls of each caller that may run at a time. */
  readonly calls: Slots;
  /** Knows what a stop has to wait for. */
  readonly inFlight: InFlight;
  readonly readBody: BodyReader;
  /** Fires when the server stops: what runs may finish, nothing new begins. */
  readonly stopping: AbortController;
}

/** Begins to count. */
export function createSharedCalls(limits: Pick<TransportLimits, "body" | "caller">): SharedCalls {
  return {
    calls: createSlots(limits.caller.maxCalls),
    inFlight: createInFlight(),
    readBody: createBodyReader(limits),
    stopping: new AbortController(),
  };
}
