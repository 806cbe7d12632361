import { AppError } from "../../base/errors.ts";
import type { Principal } from "../../base/principal.ts";
import { quote } from "../../base/text.ts";
import type { Caller } from "./caller.ts";

/** Who of the callers with a valid token comes in. */
export interface AccessPolicy {
  /** A person needs all of them. */
  readonly requiredScopes: readonly string[];
  /** An application that calls for itself needs one of them; without any, none comes in. */
  readonly appRoles: readonly string[];
  /** Client applications, lower case where they are GUIDs; without any, every one may be used. */
  readonly allowedClients: readonly string[];
  readonly allowGuests: boolean;
}

type Rule = (caller: Caller, policy: AccessPolicy) => AppError | undefined;

/** For the operator's log: ids, never names. */
const detailOf = ({ key }: Principal) => ({ detail: `caller ${key}` });

const usesAllowedClient: Rule = ({ principal }, { allowedClients }) => {
  if (allowedClients.length === 0 || allowedClients.includes(principal.clientApp)) return undefined;
  const application = quote(principal.clientApp);
  const message = `The application ${application} may not be used here; the operator can add it (--allowed-clients).`;
  return new AppError("client_not_allowed", message, detailOf(principal));
};

const hasApplicationRole: Rule = ({ principal, isApplication }, { appRoles }) => {
  if (!isApplication) return undefined;
  if (appRoles.length === 0) {
    const message =
      "Applications without a signed-in person are not let in here; the operator can let some in (--app-roles).";
    return new AppError("app_only_token", message, detailOf(principal));
  }
  if (principal.roles.some((role) => appRoles.includes(role))) return undefined;
  const message = `The application lacks the app role ${appRoles.join(" or ")}; an administrator can assign it.`;
  return new AppError("missing_role", message, detailOf(principal));
};

const isAcceptedGuest: Rule = ({ principal, isGuest }, { allowGuests }) => {
  if (!isGuest || allowGuests) return undefined;
  const message = "Guests of the tenant are not let in here; the operator can let them in (--allow-guests).";
  return new AppError("guest_not_allowed", message, detailOf(principal));
};

const hasScopes: Rule = ({ principal, isApplication }, { requiredScopes }) => {
  if (isApplication) return undefined;
  const missing = requiredScopes.filter((scope) => !principal.scopes.includes(scope));
  if (missing.length === 0) return undefined;
  const given = principal.scopes.length === 0 ? "none" : quote(principal.scopes.join(" "));
  const message = `The token lacks the scope ${missing.join(" ")}; it has ${given}.`;
  return new AppError("insufficient_scope", message, detailOf(principal));
};

const rules: readonly Rule[] = [usesAllowedClient, hasApplicationRole, isAcceptedGuest, hasScopes];

/**
 * Checks that a verified caller may use this API at all.
 *
 * @throws `client_not_allowed`, `app_only_token`, `missing_role`, `guest_not_allowed`, `insufficient_scope`
 * @see RFC 6750 section 3.1, Microsoft: "Access token claims reference" (`scp`, `roles`, `idtyp`)
 */
export function checkPermission(caller: Caller, policy: AccessPolicy): void {
  for (const rule of rules) {
    const refusal = rule(caller, policy);
    if (refusal) throw refusal;
  }
}

/** Every reason for which {@link checkPermission} would not let a caller in, in its order. For explanations. */
export function findPermissionFaults(caller: Caller, policy: AccessPolicy): readonly AppError[] {
  return rules.map((rule) => rule(caller, policy)).filter((refusal) => refusal !== undefined);
}
