import { APICallError, UnsupportedFunctionalityError } from "ai";
import { AppError, type AppErrorOptions, type ErrorCode } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import { explainNetworkError } from "../transport/client/network-error.ts";
import { unwrapErrors } from "./find-app-error.ts";
import type { ModelApi, ModelTokens } from "./model-options.ts";
import { quoteProvider } from "./redact-key.ts";

/** Whose errors are explained. */
export interface ModelServer {
  readonly baseUrl: URL;
  readonly model: string;
  readonly api: ModelApi;
  /** Taken out of everything that is quoted. Absent where the server needs none. */
  readonly apiKey: string | undefined;
  /** In place of a key: an Entra sign-in. */
  readonly tokens?: ModelTokens | undefined;
}

const apiNames = { chat: "Chat Completions do", responses: "the Responses API does" } as const;

/** What a refused request tells, whichever of the AI SDK's errors brings it. */
interface Refusal {
  readonly status: number;
  readonly isQuotaUsedUp: boolean;
  /** Quoted, or empty. */
  readonly said: string;
  readonly retryAfter: string | undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** The provider's error object, wherever this error of the AI SDK keeps it. */
function findProviderError(thrown: unknown): unknown {
  // An error in the middle of a stream comes without a response around it.
  if (!APICallError.isInstance(thrown)) return thrown;
  // As the first thing in a stream it comes without the object around it.
  return member(thrown.data, "error") ?? thrown.data;
}

function readRefusal(thrown: unknown, { apiKey }: ModelServer): Refusal | undefined {
  const status = member(thrown, "statusCode");
  if (typeof status !== "number") return undefined;
  return {
    status,
    isQuotaUsedUp: isQuotaUsedUp(thrown),
    said: quoteProvider(member(findProviderError(thrown), "message"), apiKey),
    retryAfter: APICallError.isInstance(thrown) ? thrown.responseHeaders?.["retry-after"] : undefined,
  };
}

/** Whether the account has nothing left: OpenAI says that with 429 too, but waiting does not help. */
export function isQuotaUsedUp(thrown: unknown): boolean {
  const error = findProviderError(thrown);
  return [member(error, "code"), member(error, "type")].includes("insufficient_quota");
}

/** Seconds or a date (RFC 9110 section 10.2.3); at most a day. */
function readRetryAfter(text = ""): { retryAfterSeconds?: number } {
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? { retryAfterSeconds: Math.min(Math.max(seconds, 0), 86_400) } : {};
}

type Explanation = readonly [code: ErrorCode, message: string, options: AppErrorOptions];

function explainSignIn(host: string, { status }: Refusal): Explanation {
  const hint =
    'The account needs a role on the resource, such as "Cognitive Services OpenAI User", and the resource must be ' +
    "of the same tenant.";
  return ["model_refused", `${host} refused the sign-in (HTTP ${status}).`, { hint }];
}

function explainKey(server: ModelServer, refusal: Refusal): Explanation {
  const { status, said } = refusal;
  const host = quote(server.baseUrl.host);
  if (server.tokens) return explainSignIn(host, refusal);
  if (status === 403) {
    const message = `${host} does not allow the use of the model ${quote(server.model)} (HTTP 403)`;
    const hint = "May this API key use the model? --model names another one.";
    return ["model_refused", said === "" ? `${message}.` : `${message}: ${said}.`, { hint }];
  }
  // What the provider says here is about the key, and often holds a part of it.
  if (server.apiKey === undefined) {
    return ["model_refused", `${host} wants an API key (HTTP 401).`, { hint: "Set OPENAI_API_KEY." }];
  }
  const hint = "Is OPENAI_API_KEY complete, still valid, and meant for this address?";
  return ["model_refused", `${host} refused the API key (HTTP 401).`, { hint }];
}

function explainLimit(server: ModelServer, refusal: Refusal): Explanation {
  const host = quote(server.baseUrl.host);
  if (refusal.isQuotaUsedUp) {
    const hint = "Look at the plan and the billing of the account.";
    return ["rate_limited", `The quota of the account at ${host} is used up (HTTP 429).`, { hint }];
  }
  const when = readRetryAfter(refusal.retryAfter);
  const hint =
    when.retryAfterSeconds === undefined ? "Try again later." : `Try again in ${when.retryAfterSeconds} s.`;
  return ["rate_limited", `${host} takes no more requests for now (HTTP 429).`, { hint, ...when }];
}

function hintAtAddress({ api }: ModelServer): string {
  const hint = "Check --model, and --base-url: it usually ends in /v1.";
  return api === "chat" ? hint : `${hint} Many servers know Chat Completions only: --api chat.`;
}

function explainRefusal(server: ModelServer, refusal: Refusal): AppError {
  const { status, said } = refusal;
  if (status === 401 || status === 403) return new AppError(...explainKey(server, refusal));
  if (status === 429) return new AppError(...explainLimit(server, refusal));
  const host = quote(server.baseUrl.host);
  const model = quote(server.model);
  const end = said === "" ? `(HTTP ${status}).` : `(HTTP ${status}): ${said}.`;
  const failed = (message: string, hint: string) =>
    new AppError("model_failed", `${message} ${end}`, { hint });
  if (status >= 500) return failed(`The model's server at ${host} failed`, "Try again later.");
  if (status === 404) {
    return failed(`${host} does not know the model ${model}, or the path is wrong`, hintAtAddress(server));
  }
  if (status >= 300 && status < 400) {
    return failed(
      `${host} redirects elsewhere, where the API key does not go`,
      "Give the final address as --base-url.",
    );
  }
  return failed(`${host} does not take the request for the model ${model}`, "Does the model know tools?");
}

/** The error for an answer that broke off. */
export function answerCutOff({ baseUrl }: ModelServer): AppError {
  return new AppError("model_failed", `The model's answer from ${quote(baseUrl.host)} was cut off.`, {
    hint: "Try again.",
  });
}

/** The error for an answer that is no stream of the API that was asked. */
export function notThisApi({ baseUrl, api }: ModelServer, detail: string): AppError {
  const message = `${quote(baseUrl.host)} answers, but not as ${apiNames[api]} (${detail}).`;
  const other = api === "chat" ? "" : " Many servers know Chat Completions only: --api chat.";
  const hint = `Check --base-url: it usually ends in /v1.${other}`;
  return new AppError("model_failed", message, { hint });
}

function explainNetwork(thrown: unknown, server: ModelServer): AppError | undefined {
  const broken = unwrapErrors(thrown).find((error) => typeof member(error, "code") === "string");
  if (broken === undefined) return undefined;
  const { code, message, hint } = explainNetworkError(broken, server.baseUrl, undefined);
  const known = code === "not_mcp" ? "model_failed" : code;
  // There is another server in the game, the one with the tools.
  return new AppError(
    known,
    `The model's server does not answer: ${message}`,
    hint === undefined ? {} : { hint },
  );
}

/**
 * Turns what the AI SDK throws for a request to a model into one error of ours. Nothing of the original is kept:
 * it holds the request's body, the answer, and what the provider says about the key.
 */
export function explainModelError(thrown: unknown, server: ModelServer): AppError {
  const known = unwrapErrors(thrown).find((error) => error instanceof AppError);
  if (known instanceof AppError) return known;
  const refusal = readRefusal(thrown, server);
  const isRefused = refusal !== undefined && (refusal.status < 200 || refusal.status >= 300);
  if (isRefused) return explainRefusal(server, refusal);
  const host = quote(server.baseUrl.host);
  if (member(thrown, "name") === "TimeoutError") {
    return new AppError("timeout", `${host} took too long to answer.`, { hint: "Try again." });
  }
  if (UnsupportedFunctionalityError.isInstance(thrown)) {
    const message = "One of the tools has a schema that cannot be sent to the model.";
    return new AppError("model_failed", message, { hint: "This is for the operator of the tools' server." });
  }
  return explainNetwork(thrown, server) ?? notThisApi(server, "its answer cannot be read");
}
