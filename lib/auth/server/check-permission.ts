import { AppError } from "../../base/errors.ts";
import type { Principal } from "../../base/principal.ts";

/**
 * Checks that a verified caller may use this API at all: a person who carries every required scope.
 *
 * @throws `app_only_token` for applications without a person, `insufficient_scope`
 * @see RFC 6750 section 3.1, Microsoft: "Access token claims reference" (`scp`, `roles`, `idtyp`)
 */
export function checkPermission(
  principal: Principal,
  requiredScopes: readonly string[],
  isAppOnly: boolean,
): Principal {
  // For the operator's log: ids, never names.
  const detail = `caller ${principal.key}`;
  if (isAppOnly) {
    const message = "Applications without a signed-in person are not let in here.";
    throw new AppError("app_only_token", message, { detail });
  }
  const missing = requiredScopes.filter((scope) => !principal.scopes.includes(scope));
  if (missing.length > 0) {
    throw new AppError("insufficient_scope", `The token lacks the scope ${missing.join(" ")}.`, { detail });
  }
  return principal;
}
