import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import type { SignatureAlgorithm } from "../../config/signature-algorithms.ts";
import type { Claims } from "./claims.ts";
import { parseStrictObject } from "./strict-json.ts";

/** The three parts of a token, still encoded. */
export interface TokenSegments {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/** What a token's header says about its signature. */
export interface TokenHeader {
  readonly algorithm: SignatureAlgorithm;
  /** Absent where the issuer gives its one key no name. */
  readonly kid: string | undefined;
}

/** Members that would tell us where to find or which key to use (ours come from the key store alone), and `crit`. */
const refusedMembers = ["jwk", "jku", "x5u", "x5c", "crit"] as const;

/** Values of `typ`, in lower case. `at+jwt` is RFC 9068's; either may stand with its prefix. */
const acceptedTypes: readonly unknown[] = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"];

const maxTokenLength = 16_000;
const maxKidLength = 128;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Characters that end canonical base64url, by the rest of its length modulo 4: those without stray bits. */
const canonicalEnds: readonly (string | undefined)[] = [undefined, "", "AQgw", "AEIMQUYcgkosw048"];

/**
 * Takes base64url only as an encoder writes it: a token has one form, so that none passes for another. White space
 * and padding, which the decoder skips, make the segment too long for its bytes.
 */
function decodeCanonical(segment: string): Uint8Array | undefined {
  try {
    const bytes = Uint8Array.fromBase64(segment, { alphabet: "base64url" });
    const ends = canonicalEnds[segment.length % 4];
    const hasStrayBits = ends !== undefined && !ends.includes(segment.at(-1) ?? "");
    const isWhole = bytes.length > 0 && bytes.length === Math.floor((segment.length * 3) / 4);
    return isWhole && !hasStrayBits ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function parseSegment(segment: string): Claims | undefined {
  const bytes = decodeCanonical(segment);
  try {
    return bytes && parseStrictObject(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

/** Made once, as whoever sends many of them would make many. */
const malformed = new AppError("malformed_token", "The token is not a well-formed JWT.");
const notSigned = new AppError(
  "malformed_token",
  "The token is not a signed JWT of at most 16 000 characters.",
);

function decodeSegment(segment: string): Claims {
  const object = parseSegment(segment);
  if (!object) throw malformed;
  return object;
}

function readAlgorithm({ alg }: Claims, accepted: readonly SignatureAlgorithm[]): SignatureAlgorithm {
  const algorithm = accepted.find((name) => name === alg);
  if (algorithm !== undefined) return algorithm;
  const said = alg === undefined ? "nothing" : quote(alg);
  const message = `The token is signed with ${said}, not with ${accepted.join(" or ")}.`;
  throw new AppError("unsupported_algorithm", message);
}

function checkType({ typ }: Claims): void {
  if (typ === undefined || (typeof typ === "string" && acceptedTypes.includes(typ.toLowerCase()))) return;
  throw new AppError("unsupported_header", `The token's type is ${quote(typ)}, not JWT.`);
}

function checkMembers(header: Claims): void {
  const refused = refusedMembers.find((member) => Object.hasOwn(header, member));
  if (refused === undefined) return;
  throw new AppError("unsupported_header", `The token's header has "${refused}", which is not accepted.`);
}

function readKeyId({ kid }: Claims): string | undefined {
  if (kid === undefined) return undefined;
  if (typeof kid === "string" && kid !== "" && kid.length <= maxKidLength) return kid;
  throw new AppError("unknown_key", "The token's header names no usable key (kid).");
}

/**
 * Divides a token of at most 16 000 characters into its three segments. It costs next to nothing, so that what is no
 * token costs no more.
 *
 * @throws `malformed_token`
 * @see RFC 7515 section 3.1
 */
export function splitToken(token: string): TokenSegments {
  const first = token.length <= maxTokenLength ? token.indexOf(".") : -1;
  const second = token.indexOf(".", first + 1);
  if (first < 1 || second === -1 || token.includes(".", second + 1)) {
    throw notSigned;
  }
  return {
    header: token.slice(0, first),
    payload: token.slice(first + 1, second),
    signature: token.slice(second + 1),
  };
}

function decodeHeader(segment: string, accepted: readonly SignatureAlgorithm[]): TokenHeader {
  const header = decodeSegment(segment);
  const algorithm = readAlgorithm(header, accepted);
  checkType(header);
  checkMembers(header);
  return { algorithm, kid: readKeyId(header) };
}

/**
 * Makes the reader of token headers, which takes an accepted `alg` and `typ`, no key or address of a key, and a
 * `kid` of at most 128 characters. The last good header is not decoded again: an issuer's tokens all begin alike.
 *
 * @throws the reader: `malformed_token`, `unsupported_algorithm`, `unsupported_header`, `unknown_key`
 * @see RFC 7515 section 5.2, RFC 8725 section 3
 */
export function createHeaderReader(
  accepted: readonly SignatureAlgorithm[],
): (segment: string) => TokenHeader {
  let last: { readonly segment: string; readonly header: TokenHeader } | undefined;
  return (segment) => {
    if (last?.segment !== segment) last = { segment, header: decodeHeader(segment, accepted) };
    return last.header;
  };
}

/**
 * Decodes the claims, and refuses a payload that is not strict JSON and a signature that no encoder wrote. Checks
 * neither the signature nor any claim: good for refusing, never for accepting.
 *
 * @throws `malformed_token`
 * @see RFC 7519 section 7.2
 */
export function decodeClaims({ payload, signature }: TokenSegments): Claims {
  if (!decodeCanonical(signature)) throw malformed;
  return decodeSegment(payload);
}
