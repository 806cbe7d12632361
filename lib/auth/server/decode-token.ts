import { isUtf8 } from "node:buffer";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import type { SignatureAlgorithm } from "../../config/signature-algorithms.ts";
import { parseStrictObject } from "./strict-json.ts";

/** A token taken apart, not yet verified. */
export interface DecodedToken {
  readonly algorithm: SignatureAlgorithm;
  /** Absent where the issuer gives its one key no name. */
  readonly kid: string | undefined;
  /** Unverified: good for refusing, never for accepting. */
  readonly claims: Readonly<Record<string, unknown>>;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Members that would tell us where to find or which key to use (ours come from the key store alone), and `crit`. */
const refusedMembers = ["jwk", "jku", "x5u", "x5c", "crit"] as const;

/** Values of `typ`, in lower case. `at+jwt` is RFC 9068's; either may stand with its prefix. */
const acceptedTypes: readonly unknown[] = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"];

const maxTokenLength = 16_000;
const maxKidLength = 128;

/** Takes base64url only as an encoder writes it: a token has one form, so that none passes for another. */
function decodeCanonical(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, "base64url");
  return segment !== "" && bytes.toString("base64url") === segment ? bytes : undefined;
}

function decodeSegment(segment: string): JsonObject {
  const bytes = decodeCanonical(segment);
  const object = bytes && isUtf8(bytes) ? parseStrictObject(bytes.toString("utf8")) : undefined;
  if (!object) throw new AppError("malformed_token", "The token is not a well-formed JWT.");
  return object;
}

function readAlgorithm({ alg }: JsonObject, accepted: readonly SignatureAlgorithm[]): SignatureAlgorithm {
  const algorithm = accepted.find((name) => name === alg);
  if (algorithm !== undefined) return algorithm;
  const message = `The token is signed with ${quote(alg ?? "nothing")}, not with ${accepted.join(" or ")}.`;
  throw new AppError("unsupported_algorithm", message);
}

function checkType({ typ }: JsonObject): void {
  if (typ === undefined || (typeof typ === "string" && acceptedTypes.includes(typ.toLowerCase()))) return;
  throw new AppError("unsupported_header", `The token's type is ${quote(typ)}, not JWT.`);
}

function checkMembers(header: JsonObject): void {
  const refused = refusedMembers.find((member) => Object.hasOwn(header, member));
  if (refused === undefined) return;
  throw new AppError("unsupported_header", `The token's header has "${refused}", which is not accepted.`);
}

function readKeyId({ kid }: JsonObject): string | undefined {
  if (kid === undefined) return undefined;
  if (typeof kid === "string" && kid !== "" && kid.length <= maxKidLength) return kid;
  throw new AppError("unknown_key", "The token's header names no usable key (kid).");
}

/**
 * Takes a JWT apart and refuses, before any cryptography, what no token of ours looks like: at most 16 000
 * characters, three segments in canonical base64url, strict JSON, an accepted `alg` and `typ`, no key or address
 * of a key in the header, a `kid` of at most 128 characters. Checks neither the signature nor any claim.
 *
 * @throws `malformed_token`, `unsupported_algorithm`, `unsupported_header`, `unknown_key`
 * @see RFC 7515 section 5.2, RFC 8725 section 3
 */
export function decodeToken(token: string, accepted: readonly SignatureAlgorithm[]): DecodedToken {
  const isSized = token.length <= maxTokenLength;
  const segments = isSized ? token.split(".", 4) : [];
  const [first = "", second = "", signature = ""] = segments;
  if (segments.length !== 3 || !decodeCanonical(signature)) {
    throw new AppError("malformed_token", "The token is not a signed JWT of at most 16 000 characters.");
  }
  const header = decodeSegment(first);
  const algorithm = readAlgorithm(header, accepted);
  checkType(header);
  checkMembers(header);
  return { algorithm, kid: readKeyId(header), claims: decodeSegment(second) };
}
