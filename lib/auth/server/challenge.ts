import { type AppError, describeErrorCode } from "../../base/errors.ts";

/** What a challenge tells a client. */
export interface ChallengeOptions {
  /** Address of the protected-resource metadata (RFC 9728 section 5.1). */
  readonly metadataUrl: string;
  /** Fully qualified scopes, as a client must ask for them. */
  readonly scopes: readonly string[];
}

/** Keeps to the characters that RFC 6750 section 3 permits in a quoted value. */
function toQuotedText(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, "?");
}

function toChallenge(error: AppError, { metadataUrl, scopes }: ChallengeOptions): string {
  const { oauth } = describeErrorCode(error.code);
  const parameters = [
    ...(oauth === undefined
      ? []
      : [`error="${oauth}"`, `error_description="${toQuotedText(error.message)}"`]),
    `scope="${toQuotedText(scopes.join(" "))}"`,
    `resource_metadata="${toQuotedText(metadataUrl)}"`,
  ];
  return `Bearer ${parameters.join(", ")}`;
}

/**
 * The HTTP answer to a request whose token was missing or refused: status and challenge by the error's code, the
 * stable reason in the body.
 *
 * @see RFC 6750 section 3, MCP 2026-07-28 basic/authorization
 */
export function toRefusal(error: AppError, options: ChallengeOptions): Response {
  const { status, oauth } = describeErrorCode(error.code);
  const headers = new Headers({ "cache-control": "no-store" });
  if (status < 500) headers.set("www-authenticate", toChallenge(error, options));
  if (status === 503) headers.set("retry-after", String(error.retryAfterSeconds ?? 1));
  const name =
    oauth ?? (status === 503 ? "temporarily_unavailable" : status === 403 ? "access_denied" : undefined);
  const body = {
    ...(name === undefined ? {} : { error: name }),
    error_description: error.message,
    reason: error.code,
  };
  return Response.json(body, { status, headers });
}
