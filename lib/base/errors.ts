/** How one error code shows itself at each edge of the programs. */
interface ErrorRow {
  /** Exit code of the process (DESIGN 7). */
  readonly exit: number;
  /** HTTP status of an answer. */
  readonly status: number;
  /** JSON-RPC error code. */
  readonly jsonRpc: number;
  /**
   * `error` of a Bearer challenge (RFC 6750 section 3.1); absent where the challenge carries none. That RFC has no
   * word for a valid token whose caller is not let in, and `insufficient_scope` would make clients ask for more
   * scopes: there it is RFC 6749's `access_denied`.
   */
  readonly oauth?: "invalid_request" | "invalid_token" | "insufficient_scope" | "access_denied";
}

const internal = { status: 500, jsonRpc: -32603 } as const;
const invalidToken = { exit: 3, status: 401, jsonRpc: -32603, oauth: "invalid_token" } as const;
const refused = { exit: 3, status: 403, jsonRpc: -32603, oauth: "access_denied" } as const;

const errorTable = {
  // Programs
  unexpected: { exit: 1, ...internal },
  usage: { exit: 2, ...internal },
  invalid_config: { exit: 2, ...internal },
  port_in_use: { exit: 2, ...internal },
  unknown_tool: { exit: 2, status: 404, jsonRpc: -32602 },
  unknown_prompt: { exit: 2, status: 404, jsonRpc: -32602 },
  unknown_resource: { exit: 2, status: 404, jsonRpc: -32602 },
  invalid_arguments: { exit: 2, status: 400, jsonRpc: -32602 },
  several_accounts: { exit: 2, ...internal },
  cache_unusable: { exit: 2, ...internal },
  interrupted: { exit: 130, ...internal },
  output_failed: { exit: 1, ...internal },
  // Signing in
  sign_in_required: { exit: 3, ...internal },
  sign_in_failed: { exit: 3, ...internal },
  sign_in_blocked: { exit: 3, ...internal },
  sign_in_declined: { exit: 3, ...internal },
  sign_in_expired: { exit: 3, ...internal },
  untrusted_destination: { exit: 3, ...internal },
  token_refused: { exit: 3, ...internal },
  access_denied: { exit: 3, ...internal },
  // Talking to a server
  unreachable: { exit: 4, ...internal },
  connection_lost: { exit: 4, ...internal },
  server_failed: { exit: 4, status: 502, jsonRpc: -32603 },
  rate_limited: { exit: 4, status: 429, jsonRpc: -32603 },
  tool_failed: { exit: 5, status: 422, jsonRpc: -32603 },
  not_mcp: { exit: 6, ...internal },
  protocol_error: { exit: 6, ...internal },
  timeout: { exit: 7, status: 504, jsonRpc: -32603 },
  // Setting up app registrations
  az_missing: { exit: 2, ...internal },
  az_wrong_tenant: { exit: 2, ...internal },
  several_registrations: { exit: 2, ...internal },
  app_id_uri_refused: { exit: 2, ...internal },
  setup_denied: { exit: 3, ...internal },
  consent_denied: { exit: 3, ...internal },
  // Talking to a model
  model_refused: { exit: 3, ...internal },
  model_failed: { exit: 4, ...internal },
  step_limit: { exit: 1, ...internal },
  unknown_session: { exit: 2, ...internal },
  session_unusable: { exit: 2, ...internal },
  // Requests to our server
  forbidden_host: { exit: 3, status: 403, jsonRpc: -32600 },
  forbidden_origin: { exit: 3, status: 403, jsonRpc: -32600 },
  not_found: { exit: 6, status: 404, jsonRpc: -32600 },
  method_not_allowed: { exit: 6, status: 405, jsonRpc: -32600 },
  not_acceptable: { exit: 6, status: 406, jsonRpc: -32600 },
  unsupported_media_type: { exit: 6, status: 415, jsonRpc: -32600 },
  body_too_large: { exit: 6, status: 413, jsonRpc: -32600 },
  body_too_complex: { exit: 6, status: 413, jsonRpc: -32600 },
  body_timeout: { exit: 6, status: 408, jsonRpc: -32600 },
  invalid_json: { exit: 6, status: 400, jsonRpc: -32700 },
  invalid_request: { exit: 6, status: 400, jsonRpc: -32600 },
  batch_not_supported: { exit: 6, status: 400, jsonRpc: -32600 },
  session_not_found: { exit: 6, status: 404, jsonRpc: -32001 },
  too_many_sessions: { exit: 4, status: 429, jsonRpc: -32603 },
  too_many_calls: { exit: 4, status: 429, jsonRpc: -32603 },
  too_many_streams: { exit: 4, status: 429, jsonRpc: -32603 },
  too_many_subscriptions: { exit: 4, status: 503, jsonRpc: -32603 },
  shutting_down: { exit: 4, status: 503, jsonRpc: -32603 },
  // Tokens presented to our server
  missing_token: { exit: 3, status: 401, jsonRpc: -32603 },
  malformed_authorization: { exit: 3, status: 400, jsonRpc: -32603, oauth: "invalid_request" },
  malformed_token: invalidToken,
  unsupported_algorithm: invalidToken,
  unsupported_header: invalidToken,
  unsupported_version: invalidToken,
  unknown_key: invalidToken,
  bad_signature: invalidToken,
  token_expired: invalidToken,
  token_not_yet_valid: invalidToken,
  missing_claim: invalidToken,
  invalid_claim: invalidToken,
  wrong_issuer: invalidToken,
  wrong_tenant: invalidToken,
  wrong_audience: invalidToken,
  graph_token: invalidToken,
  id_token: invalidToken,
  v1_token: invalidToken,
  token_revoked: invalidToken,
  insufficient_scope: { exit: 3, status: 403, jsonRpc: -32603, oauth: "insufficient_scope" },
  client_not_allowed: refused,
  app_only_token: refused,
  missing_role: refused,
  guest_not_allowed: refused,
  keys_unavailable: { exit: 4, status: 503, jsonRpc: -32603 },
} as const satisfies Record<string, ErrorRow>;

/** Every error code of the three programs. Stable: scripts and other people's clients branch on it. */
export type ErrorCode = keyof typeof errorTable;

/** All of them, in the order of the table. */
export const errorCodes = Object.keys(errorTable) as readonly ErrorCode[];

/** Looks up how an error code shows itself as exit code, HTTP status, JSON-RPC code and OAuth error. */
export function describeErrorCode(code: ErrorCode): ErrorRow {
  return errorTable[code];
}

/** What an {@link AppError} carries beside its code and message. */
export interface AppErrorOptions {
  /** One more sentence that says what to do. Safe to show. */
  readonly hint?: string;
  /** For logs only; never shown to a caller. Holds no secret. */
  readonly detail?: string;
  /** What caused it; never shown. */
  readonly cause?: unknown;
  /** Seconds after which a retry makes sense. Becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/**
 * The one error type of the project. `message` is a sentence that is safe to show: it holds no secret,
 * and other people's values in it went through `quote()`.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The exit code of a process that ends with this error. */
  get exitCode(): number {
    return describeErrorCode(this.code).exit;
  }
}

/** Turns anything thrown into an {@link AppError}; what is not one becomes `unexpected` and keeps its cause. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const detail = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : typeof thrown;
  return new AppError("unexpected", "Something unexpected went wrong.", { cause: thrown, detail });
}
