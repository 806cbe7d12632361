import { AppError, type ErrorCode } from "../../base/errors.ts";
import { neutraliseLine } from "../../base/text.ts";
import { type AadstsHint, findAadstsHint, signInHint } from "./aadsts-hints.ts";

/** An error answer of the sign-in service (RFC 6749 section 5.2, with Entra's additions). */
export interface OAuthError {
  readonly error: string;
  /** Numbers of `AADSTS…`, the first one first. */
  readonly aadsts: readonly number[];
  readonly description: string;
  /** Entra's word for what would help, or that nothing does. */
  readonly suberror?: string | undefined;
}

/** `device_code` and `browser` while a person signs in, `renewal` when nobody is there, `application` for machines. */
export type SignInStep = "device_code" | "browser" | "renewal" | "application";

function readNumbers(body: Readonly<Record<string, unknown>>, description: string): readonly number[] {
  const codes = body["error_codes"];
  const listed = Array.isArray(codes) ? codes.filter((code) => Number.isSafeInteger(code)) : [];
  const written = /^AADSTS(\d{4,8})\b/.exec(description)?.[1];
  return written === undefined ? listed : [...listed, Number(written)];
}

/** Reads the error in an answer's body, or nothing when there is none. */
export function readOAuthError(body: Readonly<Record<string, unknown>>): OAuthError | undefined {
  const { error, error_description: text, suberror } = body;
  if (typeof error !== "string" || error === "") return undefined;
  const description = typeof text === "string" ? text : "";
  const aadsts = readNumbers(body, description);
  return { error, aadsts, description, ...(typeof suberror === "string" && { suberror }) };
}

/** Entra's words for a refresh token that will never be good again. MSAL forgets it at the first one, too. */
const deadTokenWords: readonly string[] = ["bad_token", "token_expired"];
/** Expired, revoked, of a changed password; told by their number where Entra adds no word. */
const deadTokenNumbers: readonly number[] = [50173, 54005, 70000, 70008, 70043, 700081, 700082, 700084];

/**
 * Whether the refresh token that was refused is good for nothing any more. After every other refusal (a policy, a
 * further proof, a missing consent) it may be good again once somebody did something.
 *
 * @see RFC 6749 section 5.2 (`invalid_grant`)
 */
export function isDeadRefreshToken({ error, suberror, aadsts }: OAuthError): boolean {
  if (error !== "invalid_grant") return false;
  if (suberror !== undefined && suberror !== "") return deadTokenWords.includes(suberror);
  return aadsts.some((number) => deadTokenNumbers.includes(number));
}

const codesOfErrors: Readonly<Record<string, ErrorCode>> = {
  authorization_declined: "sign_in_declined",
  access_denied: "sign_in_declined",
  expired_token: "sign_in_expired",
  code_expired: "sign_in_expired",
};

/** Errors of a renewal after which only a person can help (OpenID Connect Core 3.1.2.6, RFC 6749 5.2). */
const needPerson: readonly string[] = [
  "invalid_grant",
  "interaction_required",
  "login_required",
  "consent_required",
];

const sentences: Partial<Record<ErrorCode, readonly [message: string, hint: string]>> = {
  sign_in_declined: [
    "The sign-in was declined in the browser",
    "Run the command again and approve the sign-in if you want it.",
  ],
  sign_in_expired: [
    "The code expired before it was entered",
    "Run the command again and enter the new code within its time.",
  ],
  sign_in_required: ["The earlier sign-in is no longer valid", signInHint],
};

function chooseCode({ error }: OAuthError, step: SignInStep, known: AadstsHint | undefined): ErrorCode {
  if (step === "renewal") return needPerson.includes(error) ? "sign_in_required" : "sign_in_failed";
  // Entra says access_denied both when the person declined and when a policy did.
  if (known?.code === "sign_in_blocked") return known.code;
  const code = (Object.hasOwn(codesOfErrors, error) ? codesOfErrors[error] : undefined) ?? known?.code;
  return code === undefined || code === "sign_in_required" ? "sign_in_failed" : code;
}

/** The remote text for logs: one line, cut, without anything that could be a token or a code. */
function redact(description: string): string {
  return neutraliseLine(description)
    .replaceAll(/[\w.~+/=-]{37,}/g, "…")
    .slice(0, 300);
}

function hintFor(code: ErrorCode, known: AadstsHint | undefined, aadsts: number | undefined): string {
  if (known) return known.hint;
  const sentence = sentences[code];
  if (sentence) return sentence[1];
  if (aadsts !== undefined) return `See https://login.microsoftonline.com/error?code=${aadsts} .`;
  return "Check --tenant-id, --client-id and --scope.";
}

/** Makes an error answer of the sign-in service one of ours. Its text stays out of the message. */
export function describeOAuthError(oauth: OAuthError, step: SignInStep): AppError {
  const number = oauth.aadsts.find((candidate) => findAadstsHint(candidate)) ?? oauth.aadsts[0];
  const known = number === undefined ? undefined : findAadstsHint(number);
  const code = chooseCode(oauth, step, known);
  const word = /^[a-z_]{1,40}$/.test(oauth.error) ? oauth.error : "unknown error";
  const label = number === undefined ? word : `AADSTS${number}`;
  const reason = known
    ? `The sign-in was refused: ${known.meaning}`
    : (sentences[code]?.[0] ?? "The sign-in was refused");
  const detail = `${word} ${redact(oauth.description)}`;
  return new AppError(code, `${reason} (${label}).`, { hint: hintFor(code, known, number), detail });
}

/** The error for when only a person can go on and nobody is there. */
export function createSignInRequiredError(): AppError {
  return new AppError("sign_in_required", "You are not signed in.", { hint: signInHint });
}

const transientCodes: readonly ErrorCode[] = ["unreachable", "timeout", "server_failed", "rate_limited"];

/** Whether asking again later may help: a token that still lives for a moment is used until then. */
export function isTransientSignInError({ code }: AppError): boolean {
  return transientCodes.includes(code);
}
