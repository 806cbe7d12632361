import { AppError } from "../../base/errors.ts";
import { readChallenge } from "./bearer-challenge.ts";
import { isRecord } from "./fetch-json.ts";

const maxLength = 8192;

function parse(text: string): unknown {
  try {
    return JSON.parse(text.startsWith("{") ? text : Buffer.from(text, "base64").toString("utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Reads the `claims` of a claims challenge, JSON or base64 of it, as the JSON that MSAL takes.
 *
 * @throws `protocol_error`
 */
export function readClaimsChallenge(claims: string): string {
  const parsed = claims.length > maxLength ? undefined : parse(claims);
  if (isRecord(parsed)) return JSON.stringify(parsed);
  throw new AppError("protocol_error", "The server's claims challenge cannot be read.", {
    hint: "The server is at fault; report it to whoever runs it.",
  });
}

/**
 * The `claims` that a 401 asks for (continuous access evaluation); undefined where it is a 401 like any other.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export function findClaims(challenged: Response): string | undefined {
  const { error, claims } = readChallenge(challenged);
  return error === "insufficient_claims" ? claims : undefined;
}
