import type { Principal } from "../../base/principal.ts";

/** The SDKs' `AuthInfo`, which is the same in both lines. The token itself goes no further than the gate. */
export interface CallerInfo {
  readonly token: "";
  readonly clientId: string;
  readonly scopes: string[];
  readonly expiresAt: number;
  readonly extra: { readonly principal: Principal };
}

/** Hands the caller of one request through an SDK to the handler: the `authInfo` option, or none. */
export function toAuthInfo(principal: Principal | undefined): { authInfo?: CallerInfo } {
  if (!principal) return {};
  const { clientApp: clientId, scopes, expiresAtSeconds: expiresAt } = principal;
  return { authInfo: { token: "", clientId, scopes: [...scopes], expiresAt, extra: { principal } } };
}

/** The caller that {@link toAuthInfo} put in. */
export function readPrincipal(
  authInfo: { readonly extra?: Readonly<Record<string, unknown>> } | undefined,
): Principal | undefined {
  return authInfo?.extra?.["principal"] as Principal | undefined;
}
