import { type Abortable, unlessAborted } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import type { CallOptions, CallResult, ContentBlock, ToolDescription } from "./contract.ts";
import { explainError, isInvalidParams } from "./explain-error.ts";
import { growingOnly } from "./growing-progress.ts";
import { Link, type LinkOptions } from "./link.ts";
import { listenForTools } from "./listen-for-tools.ts";
import { quoteNearest } from "./nearest-name.ts";
import type {
  Completion,
  CompletionRequest,
  FullConnection,
  LifeSign,
  PromptDescription,
  PromptResult,
  ResourceContents,
  ResourceDescription,
  ResourceTemplateDescription,
} from "./offers.ts";
import { type Limits, noLimitMs, Operation } from "./operation.ts";
import { describeTool } from "./tool-description.ts";
import {
  complete,
  getPrompt,
  listPrompts,
  listResources,
  listResourceTemplates,
  ping,
  readResource,
} from "./server-features.ts";

/** What a connection keeps to work with. */
export interface ConnectionSettings extends LinkOptions {
  readonly limits: Limits;
}

interface Work {
  readonly subject: string;
  readonly hasEffects: boolean;
  readonly signal: AbortSignal | undefined;
}

/** An open connection that finds its way back after the server forgot the session. */
export class ServerConnection implements FullConnection {
  readonly #settings: ConnectionSettings;
  readonly #running = new Set<Operation>();
  readonly #closer = new AbortController();
  #link: Link;
  #reopening: Promise<Link> | undefined;
  #closing: Promise<void> | undefined;
  readonly #toolWatchers = new Set<() => void>();
  #listening: Promise<void> | undefined;

  private constructor(settings: ConnectionSettings, link: Link) {
    this.#settings = settings;
    this.#link = link;
  }

  static async open(
    settings: ConnectionSettings,
    signal: AbortSignal | undefined,
  ): Promise<ServerConnection> {
    return new ServerConnection(settings, await openLink(settings, signal));
  }

  get serverName(): string | undefined {
    return this.#link.server.name;
  }

  get serverVersion(): string | undefined {
    return this.#link.server.version;
  }

  get protocolVersion(): string {
    return this.#link.protocolVersion;
  }

  get capabilities(): readonly string[] {
    return this.#link.capabilities;
  }

  async listTools({ signal }: Abortable = {}): Promise<readonly ToolDescription[]> {
    const work = { subject: "The list of tools", hasEffects: false, signal };
    return this.#perform(work, (link, operation) => listTools(link, operation));
  }

  async callTool(
    name: string,
    args: Record<string, unknown>,
    { signal, onProgress }: CallOptions = {},
  ): Promise<CallResult> {
    const work = { subject: `The call of ${quote(name)}`, hasEffects: true, signal };
    return this.#perform(work, async (link, operation) => {
      const onprogress = onProgress && growingOnly(onProgress, operation);
      const options = { signal: operation.signal, timeout: noLimitMs, ...(onprogress && { onprogress }) };
      try {
        const request = { name, arguments: args, ...link.requestMeta };
        const result = await link.run(operation, (client) => client.callTool(request, options));
        const { content, structuredContent, isError } = result;
        return {
          content: content as readonly ContentBlock[],
          ...(structuredContent !== undefined && { structuredContent }),
          isError: isError === true,
        };
      } catch (thrown) {
        if (isInvalidParams(thrown, operation)) await refuseUnknownTool(name, link, operation);
        throw thrown;
      }
    });
  }

  listResources(options: Abortable = {}): Promise<readonly ResourceDescription[]> {
    return this.#read("The list of resources", options, listResources);
  }

  listResourceTemplates(options: Abortable = {}): Promise<readonly ResourceTemplateDescription[]> {
    return this.#read("The list of resource templates", options, listResourceTemplates);
  }

  listPrompts(options: Abortable = {}): Promise<readonly PromptDescription[]> {
    return this.#read("The list of prompts", options, listPrompts);
  }

  readResource(uri: string, options: Abortable = {}): Promise<readonly ResourceContents[]> {
    return this.#read(`The resource ${quote(uri)}`, options, readResource(uri));
  }

  getPrompt(
    name: string,
    args: Readonly<Record<string, string>>,
    options: Abortable = {},
  ): Promise<PromptResult> {
    return this.#read(`The prompt ${quote(name)}`, options, getPrompt(name, args));
  }

  complete(request: CompletionRequest, options: Abortable = {}): Promise<Completion> {
    return this.#read(`The completion of ${quote(request.argument.name)}`, options, complete(request));
  }

  ping(options: Abortable = {}): Promise<LifeSign> {
    return this.#read("The sign of life", options, ping);
  }

  #read<T>(
    subject: string,
    { signal }: Abortable,
    attempt: (link: Link, operation: Operation) => Promise<T>,
  ): Promise<T> {
    return this.#perform({ subject, hasEffects: false, signal }, attempt);
  }

  watchTools(onChange: () => void): void {
    this.#toolWatchers.add(onChange);
    this.#link.onToolsChanged = this.#tellOfTools;
    const link = this.#link;
    // In the older revisions the transport holds the stream on which such news comes.
    if (!link.tellsOfTools || !link.isStateless) return;
    this.#listening ??= listenForTools(link, this.#closer.signal, this.#tellOfTools);
  }

  readonly #tellOfTools = () => {
    for (const tell of this.#toolWatchers) tell();
  };

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const operation of this.#running) {
      operation.fail(new AppError("interrupted", `${operation.subject} was interrupted.`));
    }
    this.#closer.abort();
    await this.#reopening?.catch(() => {});
    await this.#listening;
    await this.#link.close();
  }

  /** Runs one operation, in a new session if the server forgot the old one. */
  async #perform<T>(work: Work, attempt: (link: Link, operation: Operation) => Promise<T>): Promise<T> {
    if (this.#closing) throw new AppError("interrupted", "The connection is closed.");
    const operation = new Operation(work, this.#settings.limits, work.signal);
    this.#running.add(operation);
    try {
      const link = this.#link;
      try {
        return await attempt(link, operation);
      } catch (thrown) {
        const error = explainError(thrown, operation);
        if (error.code !== "session_not_found") throw error;
      }
      // It says that the request was not run (MCP 2025-11-25, transports, session management).
      return await attempt(await this.#replace(link, operation), operation);
    } catch (thrown) {
      const error = explainError(thrown, operation);
      throw error.code === "session_not_found" ? explainLostAgain(error) : error;
    } finally {
      operation.finish();
      this.#running.delete(operation);
    }
  }

  /** Gives a link that is newer than the stale one; callers that lost the session together share it. */
  async #replace(stale: Link, operation: Operation): Promise<Link> {
    if (this.#link !== stale) return this.#link;
    this.#reopening ??= this.#reopen(stale).finally(() => {
      this.#reopening = undefined;
    });
    const link = await unlessAborted(this.#reopening, operation.signal);
    operation.touch();
    return link;
  }

  async #reopen(stale: Link): Promise<Link> {
    const link = await openLink(this.#settings, this.#closer.signal);
    this.#link = link;
    link.onToolsChanged = this.#tellOfTools;
    // A server that forgot the session has likely been started anew, perhaps with other tools.
    this.#tellOfTools();
    // Calls of the old session may still be at work on their streams; they end it with them.
    if (stale.isIdle) await stale.drop();
    return link;
  }
}

async function openLink(settings: ConnectionSettings, signal: AbortSignal | undefined): Promise<Link> {
  const what = { subject: "The connection attempt", hasEffects: false };
  const operation = new Operation(what, settings.limits, signal);
  const link = new Link(settings);
  try {
    await link.open(operation);
    return link;
  } finally {
    operation.finish();
  }
}

async function listTools(link: Link, operation: Operation): Promise<readonly ToolDescription[]> {
  // The SDK would write a line about that on standard output (client 2.4.0).
  if (!link.capabilities.includes("tools")) return [];
  const options = { signal: operation.signal, timeout: noLimitMs };
  const { tools } = await link.run(operation, (client) => client.listTools(undefined, options));
  return tools.map(describeTool);
}

/** `-32602` has many reasons; that the tool is not in the list is the one that we can name. */
async function refuseUnknownTool(name: string, link: Link, operation: Operation): Promise<void> {
  const tools = await listTools(link, operation).catch(() => undefined);
  operation.answer = "error";
  if (!tools || tools.some((tool) => tool.name === name)) return;
  const names = tools.map((tool) => tool.name);
  throw new AppError("unknown_tool", `The server has no tool ${quote(name)}.${quoteNearest(name, names)}`);
}

function explainLostAgain({ cause }: AppError): AppError {
  // Not a 404: a new session was tried on suspicion, and it was something else.
  if (cause instanceof AppError) return cause;
  return new AppError("connection_lost", "The server ended the session, and the new one at once again.", {
    hint: "The request was not run. If several servers share the address, sessions must stick to one of them.",
  });
}
