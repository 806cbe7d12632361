/** Who is calling, as established by the token verifier. Holds nothing that is secret. */
export interface Principal {
  /** Identity of the caller for ownership and rate limits: `tid:oid:client` for Entra (DESIGN 4). */
  readonly key: string;
  /** `iss` of the token. */
  readonly issuer: string;
  /** `tid` of the token; absent for other issuers than Entra. */
  readonly tenantId?: string | undefined;
  /** `oid` of the token; absent for applications without a service principal and for other issuers. */
  readonly objectId?: string | undefined;
  /** `sub` of the token. */
  readonly subject: string;
  /** The application that asked for the token: `azp` (v2.0) or `appid` (v1.0). */
  readonly clientApp: string;
  /** Exact words of `scp`. */
  readonly scopes: readonly string[];
  /** `roles` of the token. */
  readonly roles: readonly string[];
  /** `name` of the token. For display only. */
  readonly displayName?: string | undefined;
  /** `preferred_username`, or `upn` (v1.0) of the token. It can change hands: for display only. */
  readonly username?: string | undefined;
  /** An application that calls for itself, without a signed-in person. Default false; known for Entra only. */
  readonly isApplication?: boolean | undefined;
  /** `uti` of the token: the id under which Entra logs it. */
  readonly tokenId?: string | undefined;
  /** `exp` of the token, seconds since the Unix epoch. */
  readonly expiresAtSeconds: number;
}
