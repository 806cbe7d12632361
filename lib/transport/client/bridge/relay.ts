import type { Log } from "../../../base/log.ts";
import type { HostChannel } from "./host-channel.ts";
import type { Call, Outcome, RequestId } from "./message.ts";
import type { RemoteHttp } from "./remote-http.ts";

/** The two ends that a relay connects. */
export interface RelayEnds {
  readonly host: HostChannel;
  readonly http: RemoteHttp;
  readonly log: Log;
}

/** Carries messages between a host and a server, each in the family of revisions that it speaks. */
export interface Relay {
  /** Who speaks what, for the log. */
  readonly summary: string;
  /** Answers a request of the host. */
  request(call: Call, signal: AbortSignal, id: RequestId): Promise<Outcome>;
  /** Takes a notification of the host. */
  notification(call: Call): void;
  /** Ends what it holds open; 4 s at most. */
  close(): Promise<void>;
}

/** A relay, or nothing where the server refused. */
export interface OpenedRelay {
  readonly relay: Relay | undefined;
  readonly outcome: Outcome;
  /** The outcome is the answer to the request that opened it; else the relay has to be asked. */
  readonly answers: boolean;
}
