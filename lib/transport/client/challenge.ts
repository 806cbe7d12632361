import { AppError } from "../../base/errors.ts";
import { type Challenge, readChallenge } from "../../auth/client/bearer-challenge.ts";
import { quoteAtEnd, quoteRemote } from "./remote-text.ts";

function reasonOf({ error, errorDescription }: Challenge): string {
  if (error === undefined && errorDescription === undefined) return ".";
  const code = error === undefined ? "" : ` ${quoteRemote(error, 60)}`;
  return `:${code}${errorDescription === undefined ? "." : ` ${quoteAtEnd(errorDescription)}`}`;
}

/** The error for a token that the server does not take even after it was renewed. */
export function tokenRefused(response: Response): AppError {
  return new AppError(
    "token_refused",
    `The server refuses the access token${reasonOf(readChallenge(response))}`,
    {
      hint: "Check that the scope belongs to this server, or sign in again.",
    },
  );
}

/** The error for a server that wants a token from a caller who has none. */
export function tokenWanted(): AppError {
  return new AppError("sign_in_required", "The server wants a sign-in, and none was sent (HTTP 401).", {
    hint: "Call it again without --no-auth.",
  });
}

/** The error for a server that does not take the `Authorization` header that somebody configured. */
export function headerRefused(response: Response): AppError {
  const said = `The server refuses the Authorization header${reasonOf(readChallenge(response))}`;
  return new AppError("token_refused", said, { hint: "Check the file of --header-file." });
}

/** The error for a 403, naming the scope where the server asks for one. */
export function accessDenied(response: Response, reason: string | undefined): AppError {
  const challenge = readChallenge(response);
  if (challenge.error === "insufficient_scope") {
    const wanted =
      challenge.scope === undefined ? "more rights" : `the scope ${quoteRemote(challenge.scope)}`;
    return new AppError("access_denied", `The server asks for ${wanted}, which the access token lacks.`, {
      hint: "Ask an administrator to grant it, or sign in with another account.",
    });
  }
  const said = reason === undefined ? reasonOf(challenge) : `: ${quoteAtEnd(reason)}`;
  return new AppError("access_denied", `The server denies access (HTTP 403)${said}`);
}
