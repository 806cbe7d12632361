/**
 * What the REST API answers, for everybody who asks it: the page, scripts, tests. Types only.
 *
 * | request | answer |
 * |---|---|
 * | `GET /api/config` (no token) | {@link PageConfig} |
 * | `GET /api/me` | {@link Me} |
 * | `GET /api/tools` | {@link ToolList} |
 * | `POST /api/tools/{name}`, the arguments as a JSON object | the tool's structured result |
 * | the same with `Accept: text/event-stream` | {@link CallStreamEvents} |
 * | `POST /reverse`, {@link ReverseRequest} | {@link ReverseAnswer} |
 * | `GET /api/openapi.json` | OpenAPI 3.1 |
 *
 * Everything that fails answers with a {@link Problem} and its status, as `application/problem+json`.
 */

/** A JSON object whose members are the tool's matter. */
export type JsonMembers = Readonly<Record<string, unknown>>;

/** How callers are authenticated: by Entra (also the dev tenant), by another issuer, or not at all. */
export type AuthenticationKind = "entra" | "issuer" | "none";

/** `GET /api/config`: what a page must know to sign a person in. Holds nothing secret. */
export interface PageConfig {
  readonly authentication: AuthenticationKind;
  /**
   * Where people sign in: `https://login.microsoftonline.com/<tenant>`, `.../organizations` where several tenants are
   * let in, the dev tenant's address, or the issuer. Absent without authentication.
   */
  readonly authority?: string;
  /** The public client's app registration. Absent where the operator did not name it (`--client-id`). */
  readonly clientId?: string;
  /** Fully qualified, as a client must ask for them; empty without authentication. */
  readonly scopes: readonly string[];
  /** The authority is the dev tenant of `--dev`, on http. */
  readonly isDevTenant: boolean;
  readonly product: { readonly name: string; readonly version: string };
}

/** Who the token speaks for. */
export interface CallerInfo {
  /** For display only. */
  readonly name?: string;
  /** As the person signs in, mostly an e-mail address. For display only. */
  readonly username?: string;
  readonly tenantId?: string;
  readonly objectId?: string;
  /** The application that asked for the token. */
  readonly clientId?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** `app`: an application that calls for itself, without a signed-in person. */
  readonly kind: "person" | "app";
  /** When the token ends, in seconds since the Unix epoch. */
  readonly expiresAt: number;
}

/** `GET /api/me`. */
export interface Me {
  readonly authentication: AuthenticationKind;
  /** Null without authentication. */
  readonly caller: CallerInfo | null;
}

/** Hints for people before a call (MCP, ToolAnnotations). */
export interface ToolHints {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** A JSON Schema (2020-12) of an object. */
export interface ObjectSchemaDocument {
  readonly type: "object";
  readonly [keyword: string]: unknown;
}

/** A tool as `GET /api/tools` lists it. */
export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: ObjectSchemaDocument;
  readonly outputSchema: ObjectSchemaDocument;
  readonly annotations: ToolHints;
}

/** `GET /api/tools`. */
export interface ToolList {
  readonly tools: readonly ListedTool[];
}

/** Data of `event: progress`. */
export interface ProgressData {
  /** Grows with every event. */
  readonly progress: number;
  /** Absent where the tool does not know it. */
  readonly total?: number;
  /** For people. */
  readonly message?: string;
}

/** Data of `event: result`. */
export interface ResultData {
  readonly content: readonly { readonly type: "text"; readonly text: string }[];
  /** What the call answers without a stream. */
  readonly structuredContent: JsonMembers;
}

/**
 * The events of a call's stream, by name: any number of `progress`, then exactly one `result` or `error`. A stream
 * that ends with neither broke off. What is refused before the tool starts (unknown tool, bad arguments, too many
 * calls) answers with its status and no stream. Hanging up cancels the call.
 */
export interface CallStreamEvents {
  readonly progress: ProgressData;
  readonly result: ResultData;
  readonly error: Problem;
}

/** Body of `POST /reverse`. */
export interface ReverseRequest {
  /** 1 to 10 000 UTF-16 code units. */
  readonly input_string: string;
}

/** `POST /reverse`. */
export interface ReverseAnswer {
  readonly reversed: string;
}

/** Why a request failed. @see RFC 9457 */
export interface Problem {
  /** Always `about:blank`: `code` says what happened. */
  readonly type: string;
  /** The status in words. */
  readonly title: string;
  /** The HTTP status; in a stream the one that the answer would have had. */
  readonly status: number;
  /** One sentence for people. */
  readonly detail: string;
  /**
   * Stable, to branch on: `missing_token`, `token_expired`, `insufficient_scope`, `unknown_tool`, `invalid_arguments`,
   * `tool_failed`, `timeout`, `rate_limited`, `too_many_calls`, `shutting_down`, ... With `--terse-errors` a refused
   * token is just `invalid_token`, `insufficient_scope` or `access_denied`.
   */
  readonly code: string;
  /** What to do about it. */
  readonly hint?: string;
}
