import { type Abortable, sleep as realSleep } from "../../base/abort.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import { neutraliseLine } from "../../base/text.ts";
import { isLoopbackUrl } from "../../base/loopback.ts";
import {
  createThrottledError,
  type EntraAnswer,
  type MsalNetworkOptions,
  postForm,
  type PostHandler,
} from "./msal-network.ts";
import { describeOAuthError } from "./sign-in-error.ts";

/*
 * The device code flow below MSAL (RFC 8628). MSAL asks once for a device code and once for the token; all
 * polling happens here, inside its one token request, so that every wait ends at once when it is cancelled.
 */

const minIntervalSeconds = 1;
const maxIntervalSeconds = 60;
const defaultIntervalSeconds = 5;
/** RFC 8628 section 3.5: `slow_down` adds 5 s; so does every failed connection. */
const slowDownSeconds = 5;
const maxFailuresInARow = 5;
const maxLifetimeSeconds = 3600;

/** What a person needs to sign in. Control characters are removed. */
export interface DeviceCodePrompt {
  /** To be typed in. Not secret from the person, but from logs. */
  readonly userCode: string;
  /** Where to type it: https, or http on this machine. */
  readonly verificationUri: string;
  readonly expiresInSeconds: number;
  /** The service's own sentence in the person's language; may be empty. */
  readonly message: string;
}

/** A longer wait than usual during a sign-in. */
export interface SignInWait {
  readonly reason: "slow_down" | "rate_limited" | "unreachable" | "lock";
  /** How long; 0 where it is not known. */
  readonly seconds: number;
}

/** How to run the flow. */
export interface DeviceCodeOptions extends MsalNetworkOptions {
  readonly showDeviceCode: (prompt: DeviceCodePrompt) => void;
  readonly onWait?: ((wait: SignInWait) => void) | undefined;
  readonly clock?: Clock | undefined;
  readonly sleep?: ((ms: number, options: Abortable) => Promise<void>) | undefined;
}

interface Polling {
  readonly expiresAtMs: number;
  readonly intervalSeconds: number;
}

function createUnusableError(): AppError {
  return new AppError("sign_in_failed", "The sign-in service's device code cannot be used.", {
    hint: "Try again later.",
  });
}

function readNumber(value: unknown, fallback: number | undefined): number {
  const number = Number(value ?? fallback);
  if (!Number.isFinite(number) || number < 0) throw createUnusableError();
  return number;
}

/** A dev tenant has its page on this machine: whatever else answers there must not send people to Microsoft's. */
function readVerificationUri(value: unknown, service: string): string {
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (!url || url.username !== "" || url.password !== "") throw createUnusableError();
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopbackUrl(url.href))) {
    throw createUnusableError();
  }
  if (isLoopbackUrl(service) && !isLoopbackUrl(url.href)) throw createUnusableError();
  return url.href;
}

function readPrompt(body: Readonly<Record<string, unknown>>, service: string): DeviceCodePrompt {
  const { user_code: userCode, device_code: deviceCode, message } = body;
  if (typeof deviceCode !== "string" || deviceCode === "") throw createUnusableError();
  if (typeof userCode !== "string" || !/^[\w-]{4,32}$/.test(userCode)) throw createUnusableError();
  return {
    userCode,
    verificationUri: readVerificationUri(body["verification_uri"], service),
    expiresInSeconds: Math.min(readNumber(body["expires_in"], undefined), maxLifetimeSeconds),
    message: typeof message === "string" ? neutraliseLine(message).slice(0, 500) : "",
  };
}

function readInterval(body: Readonly<Record<string, unknown>>): number {
  const seconds = readNumber(body["interval"], defaultIntervalSeconds);
  return Math.min(Math.max(seconds, minIntervalSeconds), maxIntervalSeconds);
}

function isTransient(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && ["unreachable", "timeout", "server_failed"].includes(thrown.code);
}

/** What to do after one poll: stop with the body, or wait, and for how much longer than before. */
type Verdict =
  | { readonly body: Readonly<Record<string, unknown>> }
  | { readonly wait?: SignInWait; readonly addSeconds: number };

function judge(answer: EntraAnswer): Verdict {
  const { oauth, retryAfterSeconds = 0 } = answer;
  if (answer.status === 429) {
    return { wait: { reason: "rate_limited", seconds: retryAfterSeconds }, addSeconds: 0 };
  }
  if (!oauth) return { body: answer.body };
  if (oauth.error === "authorization_pending") return { addSeconds: 0 };
  if (oauth.error !== "slow_down") throw describeOAuthError(oauth, "device_code");
  return { wait: { reason: "slow_down", seconds: slowDownSeconds }, addSeconds: slowDownSeconds };
}

async function start(url: string, form: string, options: DeviceCodeOptions) {
  const answer = await postForm(url, form, options);
  if (answer.status === 429) throw createThrottledError(answer.retryAfterSeconds);
  if (answer.oauth) throw describeOAuthError(answer.oauth, "device_code");
  const prompt = readPrompt(answer.body, url);
  const nowMs = (options.clock ?? systemClock).nowMs();
  const polling: Polling = {
    expiresAtMs: nowMs + prompt.expiresInSeconds * 1000,
    intervalSeconds: readInterval(answer.body),
  };
  options.showDeviceCode(prompt);
  return { polling, body: answer.body };
}

/** Polls once; a connection that fails is a reason to wait longer, a few times (RFC 8628 section 3.5). */
async function pollOnce(
  url: string,
  form: string,
  options: DeviceCodeOptions & { readonly canRetry: boolean },
): Promise<Verdict> {
  try {
    return judge(await postForm(url, form, options));
  } catch (error) {
    if (!isTransient(error) || !options.canRetry) throw error;
    return { wait: { reason: "unreachable", seconds: slowDownSeconds }, addSeconds: slowDownSeconds };
  }
}

async function poll(url: string, form: string, options: DeviceCodeOptions & Polling) {
  const { clock = systemClock, sleep = realSleep, signal, expiresAtMs } = options;
  let { intervalSeconds } = options;
  let nextSeconds = intervalSeconds;
  for (let failures = 0; ;) {
    const leftMs = expiresAtMs - clock.nowMs();
    await sleep(Math.min(nextSeconds * 1000, Math.max(leftMs, 0)), { signal });
    if (clock.nowMs() >= expiresAtMs) {
      throw describeOAuthError({ error: "expired_token", aadsts: [], description: "" }, "device_code");
    }
    const verdict = await pollOnce(url, form, { ...options, canRetry: failures < maxFailuresInARow });
    if ("body" in verdict) return verdict.body;
    failures = verdict.wait?.reason === "unreachable" ? failures + 1 : 0;
    intervalSeconds += verdict.addSeconds;
    nextSeconds = Math.max(intervalSeconds, verdict.wait?.seconds ?? 0);
    if (verdict.wait) options.onWait?.({ ...verdict.wait, seconds: nextSeconds });
  }
}

/** Handles the two requests that MSAL makes for a device code sign-in. */
export function createDeviceCodePost(options: DeviceCodeOptions): PostHandler {
  let polling: Polling | undefined;
  return async (url, form) => {
    if (polling) return poll(url, form, { ...options, ...polling });
    const started = await start(url, form, options);
    polling = started.polling;
    // MSAL's own count of the time must not end the flow before ours does.
    return { ...started.body, expires_in: maxLifetimeSeconds * 2, interval: defaultIntervalSeconds };
  };
}
