/** The tenant whose callers are let in. */
export const tenantId = "4f9c1b7e-0a2d-4c3e-9b8f-d1e2a3b4c5f6";
/** A tenant that is not ours. */
export const foreignTenantId = "5a0d2c8f-1b3e-4d4f-8c90-e2f3b4c5d6a7";
/** Client id of the API. */
export const apiClientId = "c0ffee00-babe-4dad-8fed-0123456789ab";
/** App ID URIs of the API. */
export const appIdUris: readonly string[] = [`api://${apiClientId}`, "https://mcp.contoso.com/mcp"];
/** The app that the tokens were issued to. */
export const clientApp = "99999999-8888-4777-8666-5555aaaabbbb";
/** The scope that a caller must have. */
export const requiredScope = "execute";
/** Seconds by which clocks may differ. */
export const skewSeconds = 60;
/** Where the clock stands at the first mutant, seconds since the Unix epoch. */
export const startSeconds = 1_800_000_000;

/** Where tokens come from. */
export interface Authority {
  /** v2.0 tokens: `<loginUrl>/<tenant>/v2.0`. */
  readonly loginUrl: string;
  /** v1.0 tokens: `<stsUrl>/<tenant>/`. */
  readonly stsUrl: string;
}

/** `ver` of a token. */
export type Version = "1.0" | "2.0";
export const versions: readonly Version[] = ["1.0", "2.0"];

/** The one right `iss` of a version (entra.md, appendix C). */
export function issuerOf(authority: Authority, version: Version, tenant: string = tenantId): string {
  return version === "2.0" ? `${authority.loginUrl}/${tenant}/v2.0` : `${authority.stsUrl}/${tenant}/`;
}
