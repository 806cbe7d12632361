import { lstat, rm } from "node:fs/promises";
import type { Abortable } from "../../base/abort.ts";
import { describeFileError, readPrivateFile } from "./private-file.ts";
import { createSeveralAccountsError, findNamedAccounts } from "./choose-account.ts";
import { parseMsalCache, withoutAccount } from "./msal-cache.ts";
import { openTokenCache } from "./token-cache.ts";

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Forgets the tokens that are kept: removes the cache file, while no other process uses it. False when
 * there was none. The tokens themselves stay valid until they expire.
 *
 * @throws `cache_unusable` when the path is a link or a folder, or the file cannot be removed
 */
export async function signOut(cachePath: string, options: Abortable = {}): Promise<boolean> {
  const { path, lock } = openTokenCache({ path: cachePath });
  if (!(await exists(path))) return false;
  const locked = await lock(options);
  try {
    // Refuses links and folders.
    const file = await readPrivateFile(path, Number.MAX_SAFE_INTEGER);
    await rm(path, { force: true });
    return file.kind !== "absent";
  } catch (error) {
    throw describeFileError(path, error);
  } finally {
    await locked.release();
  }
}

/**
 * Forgets the tokens of one account, of all its clients and tenants, and keeps the others. False when the account is
 * not in the cache.
 *
 * @param account user name or id
 * @throws `several_accounts` when the name means more than one; `cache_unusable`
 */
export async function signOutAccount(
  cachePath: string,
  account: string,
  options: Abortable = {},
): Promise<boolean> {
  const { path, lock } = openTokenCache({ path: cachePath });
  if (!(await exists(path))) return false;
  const locked = await lock(options);
  try {
    const text = await locked.read();
    const cache = text === undefined ? undefined : parseMsalCache(text);
    const ids = cache ? findNamedAccounts(cache, account) : [];
    if (ids.length > 1) throw createSeveralAccountsError(ids);
    const [id] = ids;
    if (text === undefined || id === undefined) return false;
    await locked.write(withoutAccount(text, id));
    return true;
  } finally {
    await locked.release();
  }
}
