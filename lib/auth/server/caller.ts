import type { Principal } from "../../base/principal.ts";

/** Who a verified token speaks for, before it is decided whether they may come in. */
export interface Caller {
  readonly principal: Principal;
  /** An application that calls for itself, without a signed-in person. */
  readonly isApplication: boolean;
  /** A person whose home is elsewhere. */
  readonly isGuest: boolean;
}
