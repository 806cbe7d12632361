import type { SignatureAlgorithm } from "../../config/signature-algorithms.ts";
import type { EntraCloud } from "./entra-cloud.ts";

/** Tokens of Entra tenants, or of the dev tenant, for one API. */
export interface EntraProtection {
  readonly kind: "entra";
  readonly cloud: EntraCloud;
  /** GUIDs or domains. */
  readonly tenants: readonly string[];
  readonly apiClientId: string;
  readonly appIdUris: readonly string[];
  readonly publicClientId: string | undefined;
}

/** Tokens of another issuer. */
export interface IssuerProtection {
  readonly kind: "issuer";
  readonly issuer: string;
  readonly jwksUri: string | undefined;
  readonly audiences: readonly string[];
  readonly algorithms: readonly SignatureAlgorithm[];
}

/** Whose tokens the server accepts. */
export type Protection = EntraProtection | IssuerProtection;
