/**
 * The signature algorithms that an access token may be signed with: asymmetric ones alone. A symmetric key would
 * have to be shared with the issuer, and `none` is no signature.
 *
 * @see RFC 7518 section 3.1, RFC 8037 section 3.1
 */
export const signatureAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

/** `alg` of an accepted token. */
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];
