import { AsyncLocalStorage } from "node:async_hooks";
import { Client } from "@modelcontextprotocol/client";
import { unlessAborted } from "../../base/abort.ts";
import { programVersion } from "../../base/version.ts";
import { answerServer, capabilitiesFor } from "./answer-server.ts";
import { answerValidator } from "./check-schema.ts";
import type { ProtocolChoice, ServerAnswers } from "./contract.ts";
import { answerElicitation, type Elicitation } from "./elicitation.ts";
import { explainError } from "./explain-error.ts";
import { noLimitMs, type Operation } from "./operation.ts";
import { askForServerLog, logMetaFor, type ServerLog, takeServerLog } from "./server-log.ts";
import type { Wire, WireFactory } from "./wire.ts";

/** The first revision without sessions and without `ping`; revisions are dates. */
const firstStateless = "2026-07-28";

/** How a link is made. */
export interface LinkOptions {
  readonly wire: WireFactory;
  readonly protocol: ProtocolChoice;
  readonly clientName: string;
  readonly answers: ServerAnswers | undefined;
  readonly elicitation?: Elicitation | undefined;
  readonly log?: ServerLog | undefined;
  /** After how much silence a server is taken for one of the older revisions. Default: never. */
  readonly probeTimeoutMs?: number;
}

/** One SDK client over one wire: one session in the older revisions. A lost session needs a new link. */
export class Link {
  readonly client: Client;
  /** What the server said about itself; the SDK forgets it on close. */
  server: { readonly name?: string; readonly version?: string } = {};
  protocolVersion = "";
  /** Names of what the server declares. */
  capabilities: readonly string[] = [];
  /** The server declares that it tells of changes of its tools. */
  tellsOfTools = false;
  /** Called when the server tells that its tools changed. */
  onToolsChanged: () => void = () => {};
  readonly #wire: Wire;
  readonly #log: ServerLog | undefined;
  readonly #operations = new AsyncLocalStorage<Operation>();
  readonly #running = new Set<Operation>();

  constructor(options: LinkOptions) {
    const { protocol, probeTimeoutMs } = options;
    this.#wire = options.wire(this.#operations);
    this.client = new Client(
      { name: options.clientName, version: programVersion },
      {
        capabilities: capabilitiesFor(options.answers, options.elicitation),
        jsonSchemaValidator: answerValidator,
        versionNegotiation: {
          mode: protocol === "2026-07-28" ? { pin: protocol } : protocol,
          ...(probeTimeoutMs !== undefined && { probe: { timeoutMs: probeTimeoutMs } }),
        },
      },
    );
    const { answers, elicitation } = options;
    if (elicitation) answerElicitation(this.client, elicitation, (ask) => this.#whileAsked(ask));
    else if (answers) answerServer(this.client, answers);
    this.client.setNotificationHandler("notifications/tools/list_changed", () => this.onToolsChanged());
    if (options.log) takeServerLog(this.client, options.log);
    this.#log = options.log;
  }

  /** Whether each request says everything that the server has to know. */
  get isStateless(): boolean {
    return this.protocolVersion >= firstStateless;
  }

  /** What goes with a request during which the server's log is wanted. */
  get requestMeta(): ReturnType<typeof logMetaFor> {
    return this.isStateless && this.capabilities.includes("logging") ? logMetaFor(this.#log) : {};
  }

  /** Whether nothing runs over this link. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Shakes hands with the server. */
  async open(operation: Operation): Promise<void> {
    try {
      await this.run(operation, async () => {
        await this.client.connect(this.#wire.transport, { signal: operation.signal, timeout: noLimitMs });
        this.server = this.client.getServerVersion() ?? {};
        const capabilities = this.client.getServerCapabilities() ?? {};
        this.capabilities = Object.keys(capabilities);
        this.tellsOfTools = capabilities.tools?.listChanged === true;
        this.protocolVersion = this.client.getNegotiatedProtocolVersion() ?? "";
        if (!this.#log || this.isStateless || !this.capabilities.includes("logging")) return;
        await askForServerLog(this.client, this.#log, { signal: operation.signal, timeout: noLimitMs });
      });
    } catch (thrown) {
      const error = explainError(thrown, operation);
      await this.#wire.transport.close();
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

  /** Which of the running requests a question belongs to does not always show: all of them wait for the person. */
  async #whileAsked<T>(ask: () => Promise<T>): Promise<T> {
    const releases = [...this.#running].map((operation) => operation.hold());
    try {
      return await ask();
    } finally {
      for (const release of releases) release();
    }
  }

  /** Waits until cancellations have left, ends the session and closes; at most 4 s. */
  async close(): Promise<void> {
    await this.#wire.settle();
    await this.#wire.endSession().catch(() => {});
    await this.drop();
  }

  /** Closes without a word to the server. */
  async drop(): Promise<void> {
    await this.client.close().catch(() => {});
  }
}
