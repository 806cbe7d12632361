import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";
import type { Abortable } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { type Fetch, fetchJson, isRecord } from "./fetch-json.ts";
import {
  createSignInRequiredError,
  describeOAuthError,
  type OAuthError,
  readOAuthError,
  type SignInStep,
} from "./sign-in-error.ts";

/*
 * The network below MSAL. MSAL 7.2.1 loses the text of device code errors, has no time limits, treats
 * `slow_down` and 429 as fatal and cancels late (look again at the next major). So an
 * answer that is an error never reaches MSAL: it is thrown here, and remembered, because MSAL wraps it.
 */

const defaultTimeoutMs = 30_000;
const maxBytes = 1024 * 1024;
const hint = "Try again later.";
/** What MSAL reports about its own earlier requests. */
const telemetryParameters = ["x-client-current-telemetry", "x-client-last-telemetry"] as const;

/** How to reach the sign-in service. */
export interface MsalNetworkOptions extends Abortable {
  readonly fetch?: Fetch | undefined;
  /** Milliseconds for each request. Default 30 000. */
  readonly timeoutMs?: number | undefined;
}

/** An answer of the sign-in service. */
export interface EntraAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The error in the body; absent from good answers. */
  readonly oauth: OAuthError | undefined;
  /** `Retry-After` in seconds, where it was sent as a number. */
  readonly retryAfterSeconds: number | undefined;
}

/** Sends one POST of MSAL's and gives the body for it, or throws. */
export type PostHandler = (url: string, form: string) => Promise<Readonly<Record<string, unknown>>>;

/** Sends one GET of MSAL's and gives the answer to it, or throws. */
export type GetHandler = (
  url: string,
  headers: Readonly<Record<string, string>>,
) => Promise<NetworkResponse<Readonly<Record<string, unknown>>>>;

/** The network of one operation of MSAL's. */
export interface MsalNetwork {
  readonly module: INetworkModule;
  /**
   * Runs what uses the network, and gives its errors instead of those that MSAL makes of them.
   *
   * @throws `sign_in_failed`; whatever the network threw; the signal's reason when the caller aborts
   */
  run<T>(operation: () => Promise<T>): Promise<T>;
}

function parseRetryAfter(value: string | null): number | undefined {
  return value !== null && /^\d{1,6}$/.test(value.trim()) ? Number(value) : undefined;
}

function withoutTelemetry(form: string): string {
  const parameters = new URLSearchParams(form);
  for (const name of telemetryParameters) parameters.delete(name);
  return parameters.toString();
}

/**
 * Sends a form to the sign-in service and reads its answer, be it good or an error.
 *
 * @throws `unreachable`, `timeout`, `server_failed`, `protocol_error`
 */
export async function postForm(url: string, form: string, options: MsalNetworkOptions): Promise<EntraAnswer> {
  const answer = await fetchJson(url, {
    ...options,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: withoutTelemetry(form),
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    maxBytes,
    party: "The sign-in service",
  });
  const { status } = answer;
  const body = isRecord(answer.body) ? answer.body : undefined;
  const oauth = body && readOAuthError(body);
  if (status >= 500) {
    throw new AppError("server_failed", `The sign-in service failed with status ${status}.`, { hint });
  }
  // A redirect is not followed: the form holds secrets.
  if (status !== 429 && !oauth && !(status === 200 && body)) {
    throw new AppError("protocol_error", `The sign-in service's answer (${status}) is not understood.`, {
      hint,
    });
  }
  const retryAfterSeconds = parseRetryAfter(answer.headers.get("retry-after"));
  return { status, body: body ?? {}, oauth, retryAfterSeconds };
}

/** The error for an answer of 429. */
export function createThrottledError(retryAfterSeconds: number | undefined): AppError {
  return new AppError("rate_limited", "The sign-in service asks to slow down.", {
    hint: retryAfterSeconds === undefined ? "Try again later." : `Try again in ${retryAfterSeconds} s.`,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/**
 * Handles the one POST of a request for tokens: an error answer becomes an {@link AppError}.
 *
 * @param onRefusal sees the error answer before it is thrown
 */
export function createTokenPost(
  options: MsalNetworkOptions,
  step: SignInStep,
  onRefusal: (refusal: OAuthError) => void = () => {},
): PostHandler {
  return async (url, form) => {
    const answer = await postForm(url, form, options);
    if (answer.status === 429) throw createThrottledError(answer.retryAfterSeconds);
    if (answer.oauth) {
      onRefusal(answer.oauth);
      throw describeOAuthError(answer.oauth, step);
    }
    return answer.body;
  };
}

/** MSAL's codes for a renewal that it did not even try. */
const nothingToRenew: readonly string[] = ["no_tokens_found", "refresh_token_expired", "no_account_found"];

function createMsalError(thrown: unknown): AppError {
  const code = thrown instanceof Error && "errorCode" in thrown ? String(thrown.errorCode) : "unknown";
  if (nothingToRenew.includes(code)) return createSignInRequiredError();
  return new AppError("sign_in_failed", "The sign-in service's answer cannot be used.", {
    hint: "Check --tenant-id, --client-id and --scope; if they are right, try again later.",
    detail: /^[a-z_]{1,60}$/.test(code) ? code : "unknown",
    cause: thrown,
  });
}

/** Not needed at the sign-in service: MSAL knows Microsoft's endpoints, and is told those of the dev tenant. */
const refuseGet: GetHandler = () => Promise.reject(new Error("No metadata is fetched by MSAL itself."));

/** Makes the network of one operation of MSAL's. */
export function createMsalNetwork(
  post: PostHandler,
  { signal }: Abortable,
  get: GetHandler = refuseGet,
): MsalNetwork {
  let failure: { readonly thrown: unknown } | undefined;
  const remember = async <T>(answer: Promise<unknown>): Promise<NetworkResponse<T>> => {
    try {
      // MSAL reads the body with the care that its own client needs: any JSON object.
      return (await answer) as NetworkResponse<T>;
    } catch (error) {
      failure = { thrown: error };
      throw error;
    }
  };
  const send = async (url: string, options?: NetworkRequestOptions) => {
    return { status: 200, headers: {}, body: await post(url, options?.body ?? "") };
  };
  return {
    module: {
      sendGetRequestAsync: (url, options) => remember(get(url, options?.headers ?? {})),
      sendPostRequestAsync: (url, options) => remember(send(url, options)),
    },
    async run(operation) {
      try {
        return await operation();
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (error instanceof AppError) throw error;
        throw failure ? failure.thrown : createMsalError(error);
      }
    },
  };
}
