import { importJWK, type JWK } from "jose";
import type { SignatureAlgorithm } from "../../config/signature-algorithms.ts";

/** A public key that may have signed a token. */
export interface SigningKey {
  /** Absent where the issuer gives its one key no name. */
  readonly kid: string | undefined;
  /** The key itself by the algorithms that it may be used with; at least one. */
  readonly keys: ReadonlyMap<SignatureAlgorithm, CryptoKey>;
  /** `issuer` member of Entra's keys, e.g. `https://login.microsoftonline.com/{tenantid}/v2.0`. */
  readonly issuer: string | undefined;
  /** Tells whether a key of a later set is the same one. */
  readonly fingerprint: string;
}

type Member = string | undefined;

const maxKeys = 100;
const minModulusBits = 2048;
/** Larger ones only make every verification slow. */
const maxModulusBits = 8192;

const rsaAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const;
const curveAlgorithms: ReadonlyMap<Member, SignatureAlgorithm> = new Map([
  ["P-256", "ES256"],
  ["P-384", "ES384"],
  ["P-521", "ES512"],
  ["Ed25519", "EdDSA"],
]);

function textOf(jwk: object, name: string): Member {
  const value: unknown = Reflect.get(jwk, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The number of bits of an unsigned number; zeros in front of it do not make a key longer. */
function countBits(base64url: string): number {
  const hex = Buffer.from(base64url, "base64url").toString("hex").replace(/^0+/, "");
  return hex === "" ? 0 : hex.length * 4 - (Math.clz32(Number.parseInt(hex[0] ?? "0", 16)) - 28);
}

/** An exponent of 1 would make every text its own signature. */
function isSoundExponent(base64url: string): boolean {
  return countBits(base64url) >= 2 && (Buffer.from(base64url, "base64url").at(-1) ?? 0) % 2 === 1;
}

/** The members of the JWK that make the key, without any that could widen its use; undefined if it is too weak. */
function readMaterial(jwk: object): JWK | undefined {
  const [kty, n, e, crv, x, y] = ["kty", "n", "e", "crv", "x", "y"].map((name) => textOf(jwk, name));
  if (kty === "RSA" && n !== undefined && e !== undefined) {
    const bits = countBits(n);
    return bits >= minModulusBits && bits <= maxModulusBits && isSoundExponent(e) ? { kty, n, e } : undefined;
  }
  if (crv === undefined || x === undefined || !curveAlgorithms.has(crv)) return undefined;
  if (kty === "OKP" && crv === "Ed25519") return { kty, crv, x };
  return kty === "EC" && crv !== "Ed25519" && y !== undefined ? { kty, crv, x, y } : undefined;
}

/** What a key of this kind can do, narrowed by its own `alg` and by what is accepted here. */
function selectAlgorithms(
  jwk: object,
  { kty, crv }: JWK,
  accepted: readonly SignatureAlgorithm[],
): readonly SignatureAlgorithm[] {
  const ofCurve = curveAlgorithms.get(crv);
  const able: readonly SignatureAlgorithm[] = kty === "RSA" ? rsaAlgorithms : ofCurve ? [ofCurve] : [];
  const own: unknown = Reflect.get(jwk, "alg");
  return able.filter((name) => {
    const isOwn = own === undefined || own === name || (name === "EdDSA" && own === "Ed25519");
    return isOwn && accepted.includes(name);
  });
}

function mayVerify(jwk: object): boolean {
  const use: unknown = Reflect.get(jwk, "use");
  const operations: unknown = Reflect.get(jwk, "key_ops");
  const hasUse = use === undefined || use === "sig";
  return hasUse && (operations === undefined || (Array.isArray(operations) && operations.includes("verify")));
}

async function importKey(
  jwk: object,
  accepted: readonly SignatureAlgorithm[],
): Promise<SigningKey | undefined> {
  const hasBadName = Reflect.get(jwk, "kid") !== undefined && textOf(jwk, "kid") === undefined;
  const material = mayVerify(jwk) && !hasBadName ? readMaterial(jwk) : undefined;
  if (!material) return undefined;
  const keys = new Map<SignatureAlgorithm, CryptoKey>();
  for (const algorithm of selectAlgorithms(jwk, material, accepted)) {
    // One that cannot be imported is skipped like any other bad key.
    const key = await importJWK(material, algorithm).catch(() => undefined);
    if (key && !(key instanceof Uint8Array)) keys.set(algorithm, key);
  }
  if (keys.size === 0) return undefined;
  const issuer = textOf(jwk, "issuer");
  const fingerprint = JSON.stringify([Object.values(material), issuer ?? null, [...keys.keys()]]);
  return { kid: textOf(jwk, "kid"), keys, issuer, fingerprint };
}

/** Keys that bear the name of another one: which of them is meant cannot be known. */
function withoutAmbiguous(keys: readonly SigningKey[]): readonly SigningKey[] {
  return keys.filter((key) => keys.every((other) => other === key || other.kid !== key.kid));
}

/**
 * Takes the usable keys out of a JSON Web Key Set: public signature keys for the accepted algorithms with a unique
 * `kid` (one may have none), RSA of 2048 to 8192 bits. Others are skipped, so that one bad key harms no other.
 *
 * @see RFC 7517 section 5, RFC 7518 section 3
 */
export async function readSigningKeys(
  jwks: unknown,
  accepted: readonly SignatureAlgorithm[],
): Promise<readonly SigningKey[]> {
  const listed: unknown = typeof jwks === "object" && jwks !== null && "keys" in jwks ? jwks.keys : undefined;
  const jwkList: readonly unknown[] = Array.isArray(listed) ? listed.slice(0, maxKeys) : [];
  const keys = await Promise.all(
    jwkList.map((jwk) => (typeof jwk === "object" && jwk !== null ? importKey(jwk, accepted) : undefined)),
  );
  return withoutAmbiguous(keys.filter((key) => key !== undefined));
}
