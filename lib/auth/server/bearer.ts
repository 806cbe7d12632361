import { AppError } from "../../base/errors.ts";

/** Entra's tokens have 1 to 4 KB; Bun itself refuses headers beyond about 16 KB. */
const maxAuthorizationLength = 16_384;

const credentials = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i;

/** Made once: an error's stack costs more than all else that is done for a request without a token. */
const missingToken = new AppError(
  "missing_token",
  "This server needs an access token: Authorization: Bearer <token>.",
);
const malformedAuthorization = new AppError(
  "malformed_authorization",
  "The Authorization header is not one Bearer token.",
);

/**
 * What an `Authorization` header holds where it looks like those of nearly all callers; undefined for any other. Its
 * characters are not looked at: it is good for asking whether a token is known, and for nothing else.
 */
export function peekBearerToken(authorization: string | null): string | undefined {
  const isUsual = authorization?.startsWith("Bearer ey") && authorization.length <= maxAuthorizationLength;
  return isUsual ? authorization?.slice("Bearer ".length) : undefined;
}

/**
 * Reads the token from an `Authorization` header. Nothing else is ever read: no query, no body.
 *
 * @throws `missing_token` without a Bearer header, `malformed_authorization` for one that is not exactly
 *   `Bearer <token>`; several headers arrive joined by a comma and are refused with it
 * @see RFC 6750 section 2.1
 */
export function readBearerToken(authorization: string | null): string {
  const isUsual = authorization?.startsWith("Bearer ");
  const scheme = isUsual ? "bearer" : authorization?.trimStart().split(/[ ,]/, 1)[0]?.toLowerCase();
  if (authorization === null || scheme !== "bearer") throw missingToken;
  const token =
    authorization.length > maxAuthorizationLength ? undefined : credentials.exec(authorization)?.[1];
  if (token === undefined) throw malformedAuthorization;
  return token;
}
