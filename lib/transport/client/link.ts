import { AsyncLocalStorage } from "node:async_hooks";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { unlessAborted } from "../../base/abort.ts";
import type { Clock } from "../../base/clock.ts";
import { programVersion } from "../../base/version.ts";
import { answerServer, capabilitiesFor } from "./answer-server.ts";
import type { AccessTokens, ExtraHeaders, ProtocolChoice, ServerAnswers } from "./contract.ts";
import { Exchange, maxResumes } from "./exchange.ts";
import { explainError } from "./explain-error.ts";
import { noLimitMs, type Operation } from "./operation.ts";

/** How a link is made. */
export interface LinkOptions {
  readonly endpoint: URL;
  readonly tokens: AccessTokens | undefined;
  readonly headers: ExtraHeaders | undefined;
  readonly protocol: ProtocolChoice;
  readonly clientName: string;
  readonly answers: ServerAnswers | undefined;
  readonly clock: Clock;
}

/** One SDK client over one transport: one session in the older revisions. A lost session needs a new link. */
export class Link {
  readonly client: Client;
  /** What the server said about itself; the SDK forgets it on close. */
  server: { readonly name?: string; readonly version?: string } = {};
  protocolVersion = "";
  /** Names of what the server declares. */
  capabilities: readonly string[] = [];
  readonly #transport: StreamableHTTPClientTransport;
  readonly #exchange: Exchange;
  readonly #operations = new AsyncLocalStorage<Operation>();
  readonly #running = new Set<Operation>();

  constructor(options: LinkOptions) {
    const { endpoint, tokens, headers, protocol, clock } = options;
    const isPinned = protocol === "2026-07-28";
    this.#exchange = new Exchange({
      endpoint,
      tokens,
      headers,
      isPinned,
      operations: this.#operations,
      clock,
    });
    this.#transport = new StreamableHTTPClientTransport(endpoint, {
      fetch: this.#exchange.fetch,
      reconnectionOptions: {
        initialReconnectionDelay: 1000,
        reconnectionDelayGrowFactor: 1.5,
        maxReconnectionDelay: 10_000,
        maxRetries: maxResumes,
      },
    });
    this.client = new Client(
      { name: options.clientName, version: programVersion },
      {
        capabilities: capabilitiesFor(options.answers),
        versionNegotiation: { mode: isPinned ? { pin: protocol } : protocol },
      },
    );
    if (options.answers) answerServer(this.client, options.answers);
  }

  /** Whether nothing runs over this link. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Shakes hands with the server. */
  async open(operation: Operation): Promise<void> {
    try {
      await this.run(operation, async () => {
        await this.client.connect(this.#transport, { signal: operation.signal, timeout: noLimitMs });
        this.server = this.client.getServerVersion() ?? {};
        this.capabilities = Object.keys(this.client.getServerCapabilities() ?? {});
        this.protocolVersion = this.client.getNegotiatedProtocolVersion() ?? "";
      });
    } catch (thrown) {
      const error = explainError(thrown, operation);
      await this.#transport.close();
      throw error;
    }
  }

  /**
   * Does one piece of work whose requests belong to the operation, and ends with it at the latest: the SDK
   * waits on without regard to its signal when the stream of its first request breaks (client 2.4.0).
   */
  async run<T>(operation: Operation, work: (client: Client) => Promise<T>): Promise<T> {
    if (operation.failure) throw operation.failure;
    this.#running.add(operation);
    try {
      const working = this.#operations.run(operation, () => work(this.client));
      return await unlessAborted(working, operation.signal);
    } finally {
      this.#running.delete(operation);
    }
  }

  /** Waits until cancellations have left, ends the session and closes; at most 4 s. */
  async close(): Promise<void> {
    await this.#exchange.settle();
    await this.#transport.terminateSession().catch(() => {});
    await this.drop();
  }

  /** Closes without a word to the server. */
  async drop(): Promise<void> {
    await this.client.close().catch(() => {});
  }
}
