import type { AsyncLocalStorage } from "node:async_hooks";
import type { Transport } from "@modelcontextprotocol/client";
import type { Operation } from "./operation.ts";

/** What a link runs over: HTTP, or the pipes of a command. */
export interface Wire {
  readonly transport: Transport;
  /** Waits until what was told to the server in passing (cancellations) has left; limited in time. */
  settle(): Promise<void>;
  /** Tells the server that the session is over, where there is one. */
  endSession(): Promise<void>;
}

/** Makes the wire of one link; the storage says which operation a request belongs to. */
export type WireFactory = (operations: AsyncLocalStorage<Operation>) => Wire;
