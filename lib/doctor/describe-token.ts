import { quote } from "../base/text.ts";
import { type Claims, readList, readOptionalText } from "../auth/server/claims.ts";

/** How long until a moment, or since, in words. */
export function describeTime(atSeconds: number, nowSeconds: number): string {
  const seconds = Math.abs(atSeconds - nowSeconds);
  const [count, unit] =
    seconds < 120
      ? [seconds, "second"]
      : seconds < 7200
        ? [seconds / 60, "minute"]
        : seconds < 172_800
          ? [seconds / 3600, "hour"]
          : [seconds / 86_400, "day"];
  const rounded = Math.round(count);
  const words = `${rounded} ${unit}${rounded === 1 ? "" : "s"}`;
  return atSeconds > nowSeconds ? `in ${words}` : `${words} ago`;
}

function timeOf(claims: Claims, name: string): number | undefined {
  const value = claims[name];
  // Beyond it there is no date to show.
  return typeof value === "number" && value >= 0 && value < 8.64e12 ? value : undefined;
}

/** When a token ends, in words. */
export function describeExpiry(claims: Claims, nowSeconds: number): string {
  const exp = timeOf(claims, "exp");
  if (exp === undefined) return "it never says when it ends";
  const verb = exp > nowSeconds ? "ends" : "ended";
  return `${verb} ${describeTime(exp, nowSeconds)} (${new Date(exp * 1000).toISOString().slice(0, 19)}Z)`;
}

/** Which of Entra's two forms it is. */
export function describeVersion({ ver }: Claims): string {
  if (ver === "2.0") return "2.0";
  if (ver === "1.0") {
    return "1.0, which servers of ours take as well; for 2.0 the API's registration sets api.requestedAccessTokenVersion to 2";
  }
  return ver === undefined ? "none: not issued by Microsoft Entra" : `unknown: ${quote(ver)}`;
}

/** What a claim says, quoted; or that it is missing. */
export function describeClaim(claims: Claims, name: string): string {
  const value = claims[name];
  return value === undefined ? `none (no "${name}")` : quote(value, 200);
}

/** What the caller may do by it: the scopes of a person, the roles of an application. */
export function describeRights(claims: Claims): string {
  const scopes = readOptionalText(claims, "scp");
  const roles = readList(claims, "roles");
  const parts = [
    ...(scopes === undefined ? [] : [`scopes ${quote(scopes, 200)}`]),
    ...(roles.length === 0 ? [] : [`roles ${quote(roles.join(" "), 200)}`]),
  ];
  return parts.length === 0 ? "neither scopes nor roles" : parts.join(", ");
}

/** Whose it is, as far as it says; names are for people, nothing is decided by them. */
export function describeHolder(claims: Claims): string {
  const user = readOptionalText(claims, "preferred_username") ?? readOptionalText(claims, "upn");
  const name = [readOptionalText(claims, "name"), user].filter((part) => part !== undefined).join(", ");
  const client = readOptionalText(claims, "azp") ?? readOptionalText(claims, "appid");
  const who = name === "" ? describeClaim(claims, "oid") : quote(name, 120);
  return client === undefined ? who : `${who}, by the client ${quote(client)}`;
}
