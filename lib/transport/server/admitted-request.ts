import type { Principal } from "../../base/principal.ts";

/** One request that passed the gate. */
export interface AdmittedRequest {
  readonly request: Request;
  readonly principal: Principal | undefined;
  /** Who the request is counted for: the caller, or without tokens an address. */
  readonly caller: string;
  /**
   * Closes the request's connection after so many seconds without traffic; 0 keeps it open, because calls and
   * streams may be quiet for long. The limit belongs to the connection, so it is put back at their end.
   */
  readonly limitIdle: (seconds: number) => void;
}

/** A connection on which no call runs is closed after this, and so is a sender who stops in mid-request. */
export const idleTimeoutSeconds = 10;
