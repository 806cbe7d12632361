import { type AppError, describeErrorCode } from "../../base/errors.ts";

/** What a challenge tells a client. */
export interface ChallengeOptions {
  /** Address of the protected-resource metadata (RFC 9728 section 5.1). */
  readonly metadataUrl: string;
  /** Fully qualified scopes, as a client must ask for them. */
  readonly scopes: readonly string[];
  /** Leaves out why a token was refused; the log has it. Default false. */
  readonly isTerse?: boolean;
}

/** Keeps to the characters that RFC 6750 section 3 permits in a quoted value. */
function toQuotedText(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, "?");
}

/** The reason code and the sentence, in one text: some clients show nothing but this. */
function describeRefusal(error: AppError): string {
  return `${error.code}: ${error.message}`;
}

function toChallenge(error: AppError, { metadataUrl, scopes, isTerse }: ChallengeOptions): string {
  const { oauth } = describeErrorCode(error.code);
  const description = `error_description="${toQuotedText(describeRefusal(error))}"`;
  const parameters = [
    ...(oauth === undefined ? [] : [`error="${oauth}"`]),
    ...(oauth === undefined || isTerse ? [] : [description]),
    `scope="${toQuotedText(scopes.join(" "))}"`,
    `resource_metadata="${toQuotedText(metadataUrl)}"`,
  ];
  return `Bearer ${parameters.join(", ")}`;
}

/** What a refusal is called where its reason is left out; undefined where no token was sent. */
export function nameRefusal({ code }: AppError): string | undefined {
  const { status, oauth } = describeErrorCode(code);
  return oauth ?? (status === 503 ? "temporarily_unavailable" : undefined);
}

function toBody(error: AppError, isTerse: boolean | undefined): Readonly<Record<string, string>> {
  const name = nameRefusal(error);
  return {
    ...(name === undefined ? {} : { error: name }),
    ...(isTerse ? {} : { error_description: describeRefusal(error), reason: error.code }),
  };
}

/** Headers of the answer to a request whose token was missing or refused: the challenge, or when to come again. */
export function toRefusalHeaders(error: AppError, options: ChallengeOptions): Headers {
  const { status } = describeErrorCode(error.code);
  const headers = new Headers({ "cache-control": "no-store" });
  if (status < 500) headers.set("www-authenticate", toChallenge(error, options));
  if (status === 503) headers.set("retry-after", String(error.retryAfterSeconds ?? 1));
  return headers;
}

/**
 * The HTTP answer to a request whose token was missing or refused: status and challenge by the error's code, the
 * stable reason in the body and in `error_description`.
 *
 * @see RFC 6750 section 3, MCP 2026-07-28 basic/authorization
 */
export function toRefusal(error: AppError, options: ChallengeOptions): Response {
  return prepareRefusal(error, options)();
}

/** The same, for errors that many callers meet: the returned function gives the answer, each time a new one. */
export function prepareRefusal(error: AppError, options: ChallengeOptions): () => Response {
  const { status } = describeErrorCode(error.code);
  const headers = toRefusalHeaders(error, options);
  headers.set("content-type", "application/json;charset=utf-8");
  const body = JSON.stringify(toBody(error, options.isTerse));
  return () => new Response(body, { status, headers });
}
