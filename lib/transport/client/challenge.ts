import { AppError } from "../../base/errors.ts";
import { quoteAtEnd, quoteRemote } from "./remote-text.ts";

/** What a Bearer challenge says (RFC 6750 section 3). Other people's text. */
export interface Challenge {
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;
  readonly scope: string | undefined;
}

const authParam = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

/** Reads the Bearer challenge of an answer. Reads 8 KiB of the header at most. */
export function readChallenge(response: Response): Challenge {
  const header = (response.headers.get("www-authenticate") ?? "").slice(0, 8192);
  const start = header.search(/\bbearer\b/i);
  const params = new Map<string, string>();
  for (const [, name, quoted, plain] of header.slice(Math.max(start, 0)).matchAll(authParam)) {
    const key = (name ?? "").toLowerCase();
    if (!params.has(key)) params.set(key, quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "");
  }
  return {
    error: params.get("error"),
    errorDescription: params.get("error_description"),
    scope: params.get("scope"),
  };
}

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
