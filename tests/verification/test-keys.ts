import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { SignatureAlgorithm } from "../../lib/config/signature-algorithms.ts";

/** A key of an issuer: what it publishes, and how it signs. Made by Node's crypto: jose is what is tested. */
export interface TestKey {
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const curves = { ES256: "P-256", ES384: "P-384", ES512: "P-521" } as const;

function makePair(kind: SignatureAlgorithm, bits: number) {
  if (kind === "EdDSA") return generateKeyPairSync("ed25519");
  if (kind === "ES256" || kind === "ES384" || kind === "ES512") {
    return generateKeyPairSync("ec", { namedCurve: curves[kind] });
  }
  return generateKeyPairSync("rsa", { modulusLength: bits });
}

/** Makes a key that can sign with the algorithm; further members go into its JWK. */
export function makeKey(kind: SignatureAlgorithm, members: Readonly<Record<string, unknown>> = {}): TestKey {
  const { bits = 2048, ...published } = members;
  const { publicKey, privateKey } = makePair(kind, Number(bits));
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "key-1", ...published };
  return { jwk: JSON.parse(JSON.stringify(jwk)), privateKey, publicKey };
}

function signBytes({ privateKey: key }: TestKey, algorithm: SignatureAlgorithm, data: Buffer): Buffer {
  const hash = `sha${algorithm.slice(2)}`;
  if (algorithm === "EdDSA") return sign(null, data, key);
  if (algorithm.startsWith("ES")) return sign(hash, data, { key, dsaEncoding: "ieee-p1363" });
  const isPss = algorithm.startsWith("PS");
  const padding = isPss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return sign(hash, data, {
    key,
    padding,
    ...(isPss ? { saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {}),
  });
}

/** What a token is made of; an undefined member is left out. */
export interface TokenParts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

function writeParts({ header, claims }: TokenParts): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
}

/** Signs a token with the algorithm, whatever its header says. */
export function signToken(key: TestKey, algorithm: SignatureAlgorithm, parts: TokenParts): string {
  const text = writeParts(parts);
  return `${text}.${signBytes(key, algorithm, Buffer.from(text)).toString("base64url")}`;
}

/** "Signs" a token by HMAC with the public key, as whoever has nothing else would. */
export function signWithPublicKey({ publicKey }: TestKey, parts: TokenParts): string {
  const text = writeParts(parts);
  const secret = publicKey.export({ type: "spki", format: "pem" });
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}
