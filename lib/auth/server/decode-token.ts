import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { parseStrictObject } from "./strict-json.ts";

/** A token taken apart, not yet verified. */
export interface DecodedToken {
  readonly kid: string;
  /** Header members. */
  readonly header: Readonly<Record<string, unknown>>;
  /** Claims. Unverified: good for refusing, never for accepting. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Members that would tell us where to find or which key to use. Ours come from the key store alone. */
const foreignKeyMembers = ["jwk", "jku", "x5u", "x5c"] as const;

const maxTokenLength = 16_000;
const maxKidLength = 128;

/** Whether it is base64url as an encoder writes it: a token has one form, so that none passes for another. */
function isCanonical(segment: string): boolean {
  return segment !== "" && Buffer.from(segment, "base64url").toString("base64url") === segment;
}

function decodeSegment(segment: string): Readonly<Record<string, unknown>> {
  const bytes = isCanonical(segment) ? Buffer.from(segment, "base64url") : Buffer.alloc(0);
  const text = isUtf8(bytes) ? bytes.toString("utf8") : "";
  const object = parseStrictObject(text);
  if (!object) throw new AppError("malformed_token", "The token is not a well-formed JWT.");
  return object;
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString("utf8"), "utf8").equals(bytes);
}

function checkHeader(header: Readonly<Record<string, unknown>>): string {
  const { alg, typ, kid } = header;
  if (alg !== "RS256") {
    throw new AppError(
      "unsupported_algorithm",
      `The token is signed with ${quote(alg ?? "nothing")}, not RS256.`,
    );
  }
  if (typ !== undefined && !(typeof typ === "string" && ["jwt", "at+jwt"].includes(typ.toLowerCase()))) {
    throw new AppError("unsupported_header", `The token's type is ${quote(typ)}, not JWT.`);
  }
  const foreign = [...foreignKeyMembers, "crit"].find((member) => Object.hasOwn(header, member));
  if (foreign !== undefined) {
    throw new AppError("unsupported_header", `The token's header has "${foreign}", which is not accepted.`);
  }
  if (typeof kid !== "string" || kid === "" || kid.length > maxKidLength) {
    throw new AppError("unknown_key", "The token's header names no usable key (kid).");
  }
  return kid;
}

/**
 * Takes a JWT apart and refuses, before any cryptography, what no token of ours looks like. Does not check the
 * signature or any claim.
 *
 * @throws `malformed_token`, `unsupported_algorithm`, `unsupported_header`, `unknown_key`
 */
export function decodeToken(token: string): DecodedToken {
  const isSized = token.length <= maxTokenLength;
  const segments = isSized ? token.split(".", 4) : [];
  const [header = "", claims = "", signature = ""] = segments;
  if (segments.length !== 3 || !isCanonical(signature)) {
    throw new AppError("malformed_token", "The token is not a signed JWT of at most 16 000 characters.");
  }
  const decodedHeader = decodeSegment(header);
  const kid = checkHeader(decodedHeader);
  return { kid, header: decodedHeader, claims: decodeSegment(claims) };
}
