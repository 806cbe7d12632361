import { AppError } from "../../base/errors.ts";

/** The claims of a token by name, as JSON. */
export type Claims = Readonly<Record<string, unknown>>;

function missing(name: string): AppError {
  return new AppError("missing_claim", `The token has no "${name}" claim.`);
}

/** A claim that must be a text. @throws `missing_claim`, `invalid_claim` */
export function readText(claims: Claims, name: string): string {
  const value = claims[name];
  if (value === undefined) throw missing(name);
  if (typeof value === "string" && value !== "") return value;
  throw new AppError("invalid_claim", `The token's "${name}" claim is not a text.`);
}

/** A claim that is a text or nothing. */
export function readOptionalText(claims: Claims, name: string): string | undefined {
  const value = claims[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A claim that is a time where it is there. @throws `invalid_claim` */
export function readOptionalTime(claims: Claims, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new AppError("invalid_claim", `The token's "${name}" claim is not a time.`);
}

/** A claim that must be a time, in seconds since the Unix epoch. @throws `missing_claim`, `invalid_claim` */
export function readTime(claims: Claims, name: string): number {
  const value = readOptionalTime(claims, name);
  if (value === undefined) throw missing(name);
  return value;
}

/** The words of a claim, divided by single spaces and by nothing else (RFC 6749 section 3.3). */
export function readWords(claims: Claims, name: string): readonly string[] {
  return (readOptionalText(claims, name) ?? "").split(" ").filter((word) => word !== "");
}

/** The texts of a claim that is a list. */
export function readList(claims: Claims, name: string): readonly string[] {
  const value = claims[name];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** Moments by which a token is valid; `nbf` and `iat` where it has them. */
export interface Validity {
  readonly exp: number;
  readonly nbf: number | undefined;
  readonly iat: number | undefined;
}

/**
 * Refuses a token that has expired or is not valid yet.
 *
 * @throws `token_expired`, `token_not_yet_valid`
 */
export function checkValidity({ exp, nbf, iat }: Validity, skewSeconds: number, nowSeconds: number): void {
  if (exp <= nowSeconds - skewSeconds) {
    throw new AppError("token_expired", "The token has expired; get a new one.");
  }
  const latest = nowSeconds + skewSeconds;
  if ((nbf ?? latest) > latest || (iat ?? latest) > latest) {
    throw new AppError("token_not_yet_valid", "The token is not valid yet; compare the clocks.");
  }
}
