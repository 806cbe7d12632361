import { type Abortable, sleep } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import { type FaultSettings, findBadFault, noFaults } from "./fault-settings.ts";

/** Faults that strike a number of times. */
type Countdown = "slowDownPolls" | "throttledRequests" | "conditionalAccessBlocks";

/** A refresh that waits for other clients to arrive. */
interface Hold {
  readonly clients: number;
  readonly released: AbortController;
  arrivals: number;
  isTaken: boolean;
}

/** The faults that are switched on. */
export class Faults {
  #settings: FaultSettings = noFaults;
  #hold: Hold | undefined;

  /** What is switched on now; countdowns show what is left. */
  get settings(): FaultSettings {
    return this.#settings;
  }

  /**
   * Switches faults on or off; members that are not named stay as they are.
   *
   * @throws `usage` for an unknown member or a value out of bounds
   */
  set(changes: Readonly<Partial<FaultSettings>>): void {
    const bad = findBadFault(changes);
    if (bad !== undefined)
      throw new AppError("usage", `The fault ${quote(bad)} is unknown or out of bounds.`);
    this.#settings = { ...this.#settings, ...changes };
    const clients = changes.holdRefreshUntilClients;
    if (clients === undefined) return;
    this.#hold?.released.abort();
    this.#hold =
      clients === 0 ? undefined : { clients, released: new AbortController(), arrivals: 0, isTaken: false };
  }

  /** Switches everything off and releases what is held. */
  clear(): void {
    this.set(noFaults);
  }

  /** Whether a countdown strikes; it then has one time less to go. */
  strikes(name: Countdown): boolean {
    const left = this.#settings[name];
    if (left === 0) return false;
    this.#settings = { ...this.#settings, [name]: left - 1 };
    return true;
  }

  /** Notes a request for an OpenID configuration: a client starts. */
  noteArrival(): void {
    if (!this.#hold) return;
    this.#hold.arrivals += 1;
    if (this.#hold.arrivals >= this.#hold.clients) this.#hold.released.abort();
  }

  /**
   * Waits while this refresh is to be held: only the first one is, and not beyond the limit.
   *
   * @throws the signal's reason when it is aborted
   */
  async holdRefresh({ signal }: Abortable = {}): Promise<void> {
    const hold = this.#hold;
    if (!hold || hold.isTaken) return;
    hold.isTaken = true;
    const released = hold.released.signal;
    const either = signal ? AbortSignal.any([signal, released]) : released;
    try {
      await sleep(this.#settings.holdLimitMs, { signal: either });
    } catch {
      signal?.throwIfAborted();
    }
  }
}
