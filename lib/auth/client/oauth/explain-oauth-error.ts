import { IssuerMismatchError, OAuthError, RegistrationRejectedError } from "@modelcontextprotocol/client";
import { AppError } from "../../../base/errors.ts";
import { quote } from "../../../base/text.ts";

/** Error codes of OAuth that are safe to name: those of RFC 6749 and its kin have this shape, tokens do not. */
const codeShape = /^[a-z_]{1,40}$/;

function nameCode(code: string): string {
  return codeShape.test(code) ? ` (${code})` : "";
}

/** The error for a code of OAuth: in the answer of the token endpoint, or on the way back from the browser. */
export function refusedByIssuer(code: string): AppError {
  if (code === "access_denied") {
    return new AppError("sign_in_declined", "The sign-in was declined.", { hint: "Nothing was changed." });
  }
  return new AppError("sign_in_failed", `The sign-in service refuses${nameCode(code)}.`, {
    hint: "Check --client-id, --scope and the client's registration there.",
  });
}

/**
 * Turns what the SDK's OAuth code throws into one error of ours. Its messages hold raw answers, which may hold
 * tokens, so none of them is shown.
 */
export function explainOAuthError(thrown: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof IssuerMismatchError) {
    const where = thrown.kind === "metadata" ? "Its metadata names" : "The answer to the sign-in comes from";
    const other = thrown.received === undefined ? "no issuer" : `the issuer ${quote(thrown.received)}`;
    return new AppError(
      "untrusted_destination",
      `${where} ${other}, not ${quote(thrown.expected ?? "")}; nothing was sent there.`,
      { hint: "Somebody may be in between. Tell the operator of the server.", cause: thrown },
    );
  }
  if (thrown instanceof RegistrationRejectedError) {
    return new AppError(
      "sign_in_failed",
      `The sign-in service registers no client (HTTP ${thrown.status}).`,
      {
        hint: "Register one there, and give it with --client-id.",
        cause: thrown,
      },
    );
  }
  if (thrown instanceof OAuthError) return refusedByIssuer(String(thrown.code));
  return new AppError("sign_in_failed", "The sign-in service does not answer as OAuth wants it.", {
    cause: thrown,
  });
}
