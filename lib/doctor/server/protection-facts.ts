import type { EntraCloud } from "../../auth/server/entra-cloud.ts";
import type { SignatureAlgorithm } from "../../config/signature-algorithms.ts";

/** Entra's tokens for one API, as the server's settings have it. */
export interface EntraFacts {
  readonly kind: "entra";
  readonly cloud: EntraCloud;
  /** GUIDs or domains. */
  readonly tenants: readonly string[];
  readonly apiClientId: string;
  readonly appIdUris: readonly string[];
  readonly publicClientId: string | undefined;
}

/** Another issuer's tokens. */
export interface IssuerFacts {
  readonly kind: "issuer";
  readonly issuer: string;
  readonly jwksUri: string | undefined;
  readonly audiences: readonly string[];
  readonly algorithms: readonly SignatureAlgorithm[];
}

/** Whose tokens a server accepts. */
export type ProtectionFacts = EntraFacts | IssuerFacts;
