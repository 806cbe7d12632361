import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Exchange, type ExchangeOptions, maxResumes } from "./exchange.ts";
import type { WireFactory } from "./wire.ts";

/** Streamable HTTP to one endpoint. */
export function httpWire(options: Omit<ExchangeOptions, "operations">): WireFactory {
  return (operations) => {
    const exchange = new Exchange({ ...options, operations });
    const transport = new StreamableHTTPClientTransport(options.endpoint, {
      fetch: exchange.fetch,
      reconnectionOptions: {
        initialReconnectionDelay: 1000,
        reconnectionDelayGrowFactor: 1.5,
        maxReconnectionDelay: 10_000,
        maxRetries: maxResumes,
      },
    });
    return {
      transport,
      settle: () => exchange.settle(),
      endSession: () => transport.terminateSession(),
    };
  };
}
