/** One request of a script, as its text; `{{id}}` and `{{session}}` are filled in for each time it is sent. */
export interface LoadStep {
  readonly text: string;
  /** What it must be answered with; anything else is counted as a failure. */
  readonly status: number;
}

/** What the load process is to do. */
export interface LoadPlan {
  readonly port: number;
  /** One script for each connection, sent again and again: a request as soon as the last one is answered. */
  readonly scripts: readonly (readonly LoadStep[])[];
  /** For so long, in milliseconds. */
  readonly ms?: number;
  /** In the place of `ms`: until so many scripts were sent. */
  readonly count?: number;
}

/** What the load process saw. A script counts as one, however many requests it has. */
export interface LoadReport {
  readonly done: number;
  readonly failures: number;
  readonly ms: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** CPU time of the load process; where it comes near `ms`, it and not the server is what is measured. */
  readonly cpuMs: number;
}

/** Length of what `{{id}}` becomes: ids are unique, and of one length so that the request's length never changes. */
export const idDigits = 10;
