import { AppError } from "../base/errors.ts";
import { type Claims, readOptionalText } from "../auth/server/claims.ts";
import { decodeClaims, splitToken, type TokenSegments } from "../auth/server/decode-token.ts";

/** What can be read in a token by whoever holds it. Neither the token nor its signature. */
export interface ReadToken {
  readonly claims: Claims;
  /** Of the header; other people's text. */
  readonly algorithm: string | undefined;
  readonly type: string | undefined;
  readonly hasKeyId: boolean;
}

function readHeader({ header, signature }: TokenSegments): Claims {
  // A header is encoded as the claims are.
  return decodeClaims({ header, payload: header, signature });
}

/** Reads a token without verifying it; undefined where it is no signed JWT, which is no fault by itself. */
export function readToken(value: string): ReadToken | undefined {
  try {
    const segments = splitToken(value);
    const header = readHeader(segments);
    return {
      claims: decodeClaims(segments),
      algorithm: readOptionalText(header, "alg"),
      type: readOptionalText(header, "typ"),
      hasKeyId: readOptionalText(header, "kid") !== undefined,
    };
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "malformed_token") return undefined;
    throw thrown;
  }
}
