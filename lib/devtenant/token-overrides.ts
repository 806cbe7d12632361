import type { AccessTokenOverrides } from "./mint-token.ts";
import { findPerson } from "./people.ts";

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isObject: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const checks: Readonly<Record<keyof AccessTokenOverrides, Check>> = {
  person: (value) => typeof value === "string" && findPerson(value) !== undefined,
  version: (value) => value === "1.0" || value === "2.0",
  scopes: (value) => Array.isArray(value) && value.every(isText),
  resource: isText,
  lifetimeSeconds: (value) => Number.isSafeInteger(value),
  claims: isObject,
  header: isObject,
  key: (value) => value === "current" || value === "foreign" || value === "none",
};

/** Checks token overrides that came as JSON: they, or the first member that is unknown or wrong. */
export function parseTokenOverrides(
  body: Readonly<Record<string, unknown>>,
): { readonly overrides: AccessTokenOverrides } | { readonly badMember: string } {
  const bad = Object.entries(body).find(([name, value]) => {
    return !Object.hasOwn(checks, name) || !checks[name as keyof AccessTokenOverrides](value);
  });
  // The checks above make the type true.
  return bad ? { badMember: bad[0] } : { overrides: body as AccessTokenOverrides };
}
