import { isRecord } from "./fetch-json.ts";

/** One entry of MSAL's cache; what we read of it. */
export type CacheEntry = Readonly<Record<string, unknown>>;

/** MSAL's own JSON, as far as it is read without MSAL. */
export interface MsalCache {
  readonly accounts: readonly CacheEntry[];
  readonly accessTokens: readonly CacheEntry[];
  readonly refreshTokens: readonly CacheEntry[];
  /** Ours: ids of tenants that were given as a domain, by `<login host>/<domain>`. */
  readonly tenantIds: Readonly<Record<string, unknown>>;
}

const sections = ["Account", "IdToken", "AccessToken", "RefreshToken", "AppMetadata"] as const;
/** MSAL keeps members of the root that it does not know. */
const tenantIdsMember = "TenantIdOfDomain";

function parseRoot(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const root: unknown = JSON.parse(text);
    return isRecord(root) ? root : undefined;
  } catch {
    return undefined;
  }
}

function entriesOf(
  root: Readonly<Record<string, unknown>>,
  section: string,
): readonly CacheEntry[] | undefined {
  const entries = root[section] ?? {};
  if (!isRecord(entries)) return undefined;
  const values = Object.values(entries);
  return values.every(isRecord) ? values : undefined;
}

/** Reads MSAL's JSON; undefined when it is corrupt, so that MSAL could not read it either. */
export function parseMsalCache(text: string): MsalCache | undefined {
  const root = parseRoot(text);
  if (!root || sections.some((section) => entriesOf(root, section) === undefined)) return undefined;
  const tenantIds = root[tenantIdsMember];
  return {
    accounts: entriesOf(root, "Account") ?? [],
    accessTokens: entriesOf(root, "AccessToken") ?? [],
    refreshTokens: entriesOf(root, "RefreshToken") ?? [],
    tenantIds: isRecord(tenantIds) ? tenantIds : {},
  };
}

/** MSAL's JSON with the id of a tenant noted that is known by its domain. */
export function noteTenantId(text: string, key: string, tenantId: string): string {
  const root = parseRoot(text) ?? {};
  const known = root[tenantIdsMember];
  return JSON.stringify({
    ...root,
    [tenantIdsMember]: { ...(isRecord(known) ? known : {}), [key]: tenantId },
  });
}

type Section = (typeof sections)[number];

function without(text: string, from: readonly Section[], isGone: (entry: CacheEntry) => boolean): string {
  const root = parseRoot(text) ?? {};
  const kept = from.map((section) => {
    const entries = Object.entries(isRecord(root[section]) ? root[section] : {});
    const others = entries.filter(([, entry]) => !(isRecord(entry) && isGone(entry)));
    return [section, Object.fromEntries(others)] as const;
  });
  return JSON.stringify({ ...root, ...Object.fromEntries(kept) });
}

/** MSAL's JSON without all that belongs to an account. */
export function withoutAccount(text: string, accountId: string): string {
  return without(text, sections, (entry) => entry["home_account_id"] === accountId);
}

/** MSAL's JSON without some of its tokens; the accounts stay. */
export function withoutTokens(text: string, isGone: (entry: CacheEntry) => boolean): string {
  return without(text, ["IdToken", "AccessToken", "RefreshToken"], isGone);
}
