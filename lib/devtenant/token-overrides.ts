import { findPerson, type PersonId } from "./people.ts";
import { rsaAlgorithms, type RsaAlgorithm } from "./rsa-key.ts";
import type { Claims, TokenVersion } from "./token-claims.ts";

/** A part of a token that replaces the one made of members: JSON text as it is, or the finished segment. */
export type RawPart = string | { readonly segment: string };

/**
 * What signs, and under which `kid` and `alg` unless the header overrides say otherwise.
 *
 * Under the current `kid`: `current`; `foreign`, an unpublished key; `none`, an empty signature with `alg` as it
 * was; `ec`, a fresh key on P-256 by ES256; `public-pem`, `public-der` and `public-n`, HS256 with the current
 * public key as the secret (as SPKI text, as SPKI bytes, as the bytes of the modulus). Under a `kid` of their own
 * are the bad keys that the `jwks` faults publish.
 */
export const keyNames = [
  "current",
  "foreign",
  "none",
  "ec",
  "public-pem",
  "public-der",
  "public-n",
  "weak",
  "weak-padded",
  "symmetric",
  "encryption",
  "foreign-issuer",
  "msa-issuer",
] as const;
export type KeyName = (typeof keyNames)[number];

const fixedAlgorithmKeys: readonly unknown[] = ["ec", "public-pem", "public-der", "public-n", "symmetric"];

/** What sort of token it is. */
export const tokenKinds = ["user", "app", "id", "graph"] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** What was done to a signature: its last byte cut off, a bit turned, or an unused bit of its encoding set. */
export const signatureDamages = ["cut", "altered", "noncanonical"] as const;
export type SignatureDamage = (typeof signatureDamages)[number];

/** What is odd about a token made for a test; without any member it is a good access token. */
export interface AccessTokenOverrides {
  /**
   * Default `user`: a person's access token for the API. `app`: the daemon's own, without roles and `idtyp`.
   * `id`: an id token for the public client. `graph`: a person's for Microsoft Graph, which only Graph can verify.
   */
  readonly kind?: TokenKind;
  /** Default `ada`. */
  readonly person?: PersonId;
  /** Default: what the API's registration asks for. */
  readonly version?: TokenVersion;
  /** Short names for `scp`. Default `execute`, for Graph `User.Read`. */
  readonly scopes?: readonly string[];
  /** `aud` of a v1.0 token. Default: the App ID URI, for Graph its client id. */
  readonly resource?: string;
  /** Default: the dev tenant's; negative makes an expired token. */
  readonly lifetimeSeconds?: number;
  /** Claims set last of all; null or undefined removes one. */
  readonly claims?: Claims;
  /** Header members set last of all; null or undefined removes one. What `alg` says does not change how we sign. */
  readonly header?: Claims;
  /** Stands in place of all claims, and is signed as it stands. */
  readonly rawClaims?: RawPart;
  /** Stands in place of the whole header, and is signed as it stands. */
  readonly rawHeader?: RawPart;
  /** Adds a claim `padding` of so many characters, up to 4 MiB; 2 MB do not fit into a control request. */
  readonly paddingLength?: number;
  /** Default `current`. */
  readonly key?: KeyName;
  /** For RSA keys and `none`. Default RS256. */
  readonly algorithm?: RsaAlgorithm;
  /** Default: none. */
  readonly signature?: SignatureDamage;
  /** 1 to 200000: cuts the token off after so many segments, or adds segments (`e30`) up to so many. Default 3. */
  readonly segments?: number;
  /** Stands after the token: `==` pads the signature. */
  readonly suffix?: string;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isObject: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isOneOf =
  (words: readonly unknown[]): Check =>
  (value) =>
    words.includes(value);
const isWhole =
  (min: number, max: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;

/** A segment is not looked into, but that it be one: a dot would make two of it. */
function isRawPart(value: unknown): boolean {
  if (typeof value === "string") return true;
  if (typeof value !== "object" || value === null || !("segment" in value)) return false;
  return typeof value.segment === "string" && !value.segment.includes(".") && Object.keys(value).length === 1;
}

const checks: Readonly<Record<keyof AccessTokenOverrides, Check>> = {
  kind: isOneOf(tokenKinds),
  person: (value) => typeof value === "string" && findPerson(value) !== undefined,
  version: isOneOf(["1.0", "2.0"]),
  scopes: (value) => Array.isArray(value) && value.every(isText),
  resource: isText,
  lifetimeSeconds: (value) => Number.isSafeInteger(value),
  claims: isObject,
  header: isObject,
  rawClaims: isRawPart,
  rawHeader: isRawPart,
  paddingLength: isWhole(0, 4 * 1024 * 1024),
  key: isOneOf(keyNames),
  algorithm: isOneOf(rsaAlgorithms),
  signature: isOneOf(signatureDamages),
  segments: isWhole(1, 200_000),
  suffix: isText,
};

type Overrides = Readonly<Record<string, unknown>>;
type MemberName = keyof AccessTokenOverrides;

/** Members that would change nothing beside others: a test that names them means something else than it gets. */
const idleMembers: readonly (readonly [
  when: (overrides: Overrides) => boolean,
  idle: readonly MemberName[],
])[] = [
  [({ kind }) => kind === "app", ["person", "scopes"]],
  [({ kind }) => kind === "id", ["version", "scopes", "resource"]],
  [({ kind }) => kind === "graph", ["version"]],
  [({ rawClaims }) => rawClaims !== undefined, ["claims", "paddingLength"]],
  [({ rawHeader }) => rawHeader !== undefined, ["header"]],
  [({ key }) => fixedAlgorithmKeys.includes(key), ["algorithm"]],
  [({ key }) => key === "none", ["signature"]],
];

/** The first member that is unknown, has a wrong value or changes nothing beside the others; else undefined. */
export function findBadOverride(overrides: Overrides): string | undefined {
  const bad = Object.entries(overrides).find(([name, value]) => {
    return !Object.hasOwn(checks, name) || !checks[name as MemberName](value);
  });
  if (bad) return bad[0];
  const idle = idleMembers.filter(([when]) => when(overrides)).flatMap(([, members]) => members);
  return idle.find((name) => overrides[name] !== undefined);
}
