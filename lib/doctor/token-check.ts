import { nowSeconds } from "../base/clock.ts";
import type { Claims } from "../auth/server/claims.ts";
import { isGuid } from "../config/shared-options.ts";
import { asksForNoToken, type Check, type Examination, ok, skipped } from "./check.ts";
import { describeClaim, describeExpiry, describeRights } from "./describe-token.ts";
import { judgeToken, type TokenExpectation } from "./judge-token.ts";
import { readToken } from "./read-token.ts";

/** What the token should be for: by the settings, else as the server's metadata has it. */
function expectationOf({ settings, facts }: Examination): TokenExpectation {
  const { tenantId, scope, cloud } = settings.signIn.values;
  const tenant = facts.tenantId ?? tenantId ?? facts.discovered?.authority?.tenant;
  return {
    tenantId: tenant !== undefined && isGuid(tenant) ? tenant : undefined,
    scope: scope ?? facts.discovered?.scope,
    cloud,
    // The server knows whom it lets in; it is asked right after this.
    policy: { allowGuests: true, allowApplications: true },
  };
}

/** With another issuer only the server knows what its tokens must be like. */
function isOfEntra({ settings, facts }: Examination, claims: Claims): boolean {
  if (settings.mode === "oauth") return false;
  return (
    settings.mode === "entra" || facts.discovered?.authority !== undefined || claims["ver"] !== undefined
  );
}

/** The access token that is there already, or renewed without anybody: its audience, scope, tenant and expiry. */
export const tokenCheck: Check = {
  id: "token",
  title: "Token",
  async run(examination, { signal }) {
    const { settings } = examination;
    if (settings.mode === "none") return skipped("not needed without authentication");
    if (settings.mode === "file") return skipped("a file gives the header, which is not looked into");
    if (settings.mode === "oauth" && asksForNoToken(examination))
      return skipped("the server asks for no token");
    const token = await settings.getToken({ signal });
    const read = readToken(token.value);
    if (!read) return ok("it is no JWT: only the server can read it");
    const now = nowSeconds(settings.clock);
    const refusal = isOfEntra(examination, read.claims)
      ? judgeToken(read.claims, expectationOf(examination), now)
      : undefined;
    if (refusal) throw refusal;
    const audience = `for ${describeClaim(read.claims, "aud")}`;
    return ok(`${audience}, ${describeRights(read.claims)}, ${describeExpiry(read.claims, now)}`);
  },
};
