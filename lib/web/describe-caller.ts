import type { Principal } from "../base/principal.ts";
import type { AuthenticationKind, CallerInfo, Me } from "./contract.ts";

/** Leaves out the members that have no value. */
function compact(members: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(members).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, value] as const],
  );
  return Object.fromEntries(entries);
}

function toCaller(principal: Principal): CallerInfo {
  const { displayName, username, tenantId, objectId, clientApp, scopes, roles } = principal;
  return {
    ...compact({ name: displayName, username, tenantId, objectId, clientId: clientApp }),
    scopes,
    roles,
    kind: principal.isApplication ? "app" : "person",
    expiresAt: principal.expiresAtSeconds,
  };
}

/** Says to a caller who the server takes them for. */
export function describeCaller(authentication: AuthenticationKind, principal: Principal | undefined): Me {
  return { authentication, caller: principal ? toCaller(principal) : null };
}
