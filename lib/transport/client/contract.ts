import type { Abortable } from "../../base/abort.ts";
import type { ProgressUpdate } from "../../base/events.ts";
import type { ElicitedForm, Elicitation } from "./elicitation.ts";
import type { ServerLog } from "./server-log.ts";

/** What is wanted of {@link AccessTokens}. */
export interface AccessTokenRequest {
  readonly signal?: AbortSignal;
  /** A token that the server answered with 401: another one is wanted, by force. */
  readonly rejected?: string;
  /** The 401 that was answered. Present only while somebody waits for the request, who may be asked to sign in. */
  readonly challenged?: Response;
}

/** An access token and when it ends. */
export interface TokenGiven {
  readonly value: string;
  readonly expiresAtSeconds: number;
}

/** Where bearer tokens come from. The part of a sign-in that a connection needs. */
export interface AccessTokens {
  /** Gives a token that is good now; undefined where the server has to say first what it wants (401). */
  getToken(request?: AccessTokenRequest): Promise<TokenGiven | undefined>;
  /**
   * Gives a token with the scope that a 403 with `insufficient_scope` asks for; undefined where there is none to
   * be had, and then the 403 stands. Absent: scopes are fixed.
   */
  widenToken?(request: {
    readonly signal: AbortSignal;
    readonly denied: Response;
    /** The token that was not enough. */
    readonly used: string;
  }): Promise<TokenGiven | undefined>;
}

/** Headers that somebody configured, sent with every request to the server and nowhere else. */
export interface ExtraHeaders {
  /** By name, without `Authorization`. None of them takes the place of one that the protocol sets. */
  readonly others: Readonly<Record<string, string>>;
  /** A whole `Authorization` header; only without {@link AccessTokens}. */
  readonly authorization?: string | undefined;
}

/** Which family of MCP revisions to speak: `auto` asks the server, `legacy` is 2025-11-25 and older. */
export type ProtocolChoice = "auto" | "legacy" | "2026-07-28";

/** How to reach an MCP server. */
export interface ConnectOptions {
  /** The MCP endpoint, http or https, without user name and password. */
  readonly url: string;
  /** Absent: no `Authorization` header is ever sent. */
  readonly tokens?: AccessTokens | undefined;
  /** Sent with every request. */
  readonly headers?: ExtraHeaders | undefined;
  /** Default `auto`. */
  readonly protocol?: ProtocolChoice | undefined;
  /** How long a request may show no sign of life, in milliseconds. Default 60,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** How long a request may take in all, in milliseconds. Default: without end. */
  readonly maxTimeMs?: number | undefined;
  /** Ends the attempt to connect; it does not close the connection later. */
  readonly signal?: AbortSignal | undefined;
  /** The name under which the client introduces itself. Default `mcp-client`. */
  readonly clientName?: string | undefined;
  /** Present: what the server writes in its log comes here. Default: it is not asked for. */
  readonly log?: ServerLog | undefined;
  /** Present: the client declares roots, sampling and elicitation, and answers with these. Default: none of them. */
  readonly answers?: ServerAnswers | undefined;
  /** Present: the client declares elicitation alone, and a person answers. */
  readonly elicitation?: Elicitation | undefined;
}

/** How a client answers what a server asks of it. Roots are always an empty list. */
export interface ServerAnswers {
  /** Fills in a form; members that are left out get their defaults. */
  elicit(form: ElicitedForm): Readonly<Record<string, string | number | boolean | string[]>>;
  /** Text that stands for a model's answer. */
  sample(): string;
}

/** A tool as the server describes it. Other people's text: neutralise it before it is shown. */
export interface ToolDescription {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** JSON Schema 2020-12 of the arguments, an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** JSON Schema 2020-12 of `structuredContent`. */
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  /** What the server claims about the tool; nothing to rely on. */
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/** One part of a result, in MCP's shape: `type` says which other members there are. */
export interface ContentBlock {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** How a call was answered, in MCP's shape. */
export interface CallResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: unknown;
  /** The tool failed; `content` says why. */
  readonly isError: boolean;
}

/** What a call takes beside the tool and its arguments. */
export interface CallOptions extends Abortable {
  /** Asks the tool for progress. Called with growing values only, never after the result. */
  readonly onProgress?: ((update: ProgressUpdate) => void) | undefined;
}

/** An open connection to one MCP server. */
export interface Connection {
  /** What the server calls itself. Other people's text. */
  readonly serverName: string | undefined;
  /** The version that the server claims. Other people's text. */
  readonly serverVersion: string | undefined;
  /** The MCP revision in use, e.g. `2026-07-28`. */
  readonly protocolVersion: string;
  /** All tools, from every page. */
  listTools(options?: Abortable): Promise<readonly ToolDescription[]>;
  /**
   * Calls a tool. A tool that failed is a result with `isError`; everything else that goes wrong throws.
   *
   * @throws `unknown_tool`, `timeout`, `interrupted`, `connection_lost` and the codes of {@link connect}
   */
  callTool(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<CallResult>;
  /**
   * Tells when the tools may have changed: when the server says so, and after a time in which it could not be heard.
   * Ends with the connection. A server that does not offer this is silent.
   */
  watchTools(onChange: () => void): void;
  /** Cancels what runs, ends the session and closes. May be called twice; takes 4 s at most. */
  close(): Promise<void>;
}
