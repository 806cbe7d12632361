import type { AuthInfo } from "@modelcontextprotocol/sdk/server/auth/types.js";
import type { Principal } from "../../../base/principal.ts";

/** Hands the caller of one request through the SDK to the handler. The token itself goes no further. */
export function toAuthInfo(principal: Principal | undefined): AuthInfo | undefined {
  if (!principal) return undefined;
  const { clientApp: clientId, scopes, expiresAtSeconds: expiresAt } = principal;
  return { token: "", clientId, scopes: [...scopes], expiresAt, extra: { principal } };
}

/** The caller that {@link toAuthInfo} put in. */
export function readPrincipal(authInfo: AuthInfo | undefined): Principal | undefined {
  return authInfo?.extra?.["principal"] as Principal | undefined;
}
