import type { AccountInfo } from "@azure/msal-node";
import type { Abortable } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { isGuid } from "../../config/shared-options.ts";
import { tenantKeyOf } from "./cached-access-token.ts";
import { createDeviceCodePost, type DeviceCodeOptions } from "./device-code.ts";
import { acquireByMsal, type EntraSession, readMetadata, type TokenAttempt } from "./entra-session.ts";
import { createLockingCachePlugin, createPublicApplication } from "./msal-application.ts";
import { noteTenantId } from "./msal-cache.ts";
import { acquireInBrowser } from "./sign-in-by-browser.ts";
import { createSignInRequiredError } from "./sign-in-error.ts";
import type { AccessToken } from "./token-source.ts";

/** Notes the id of a tenant that was given as a domain, so that its tokens are found without MSAL. */
async function noteTenant(
  { options, cache }: EntraSession,
  tenantId: string,
  abortable: Abortable,
): Promise<void> {
  if (isGuid(options.authority.tenant)) return;
  const locked = await cache.lock(abortable);
  try {
    const text = await locked.read();
    if (text !== undefined) await locked.write(noteTenantId(text, tenantKeyOf(options.authority), tenantId));
  } finally {
    await locked.release();
  }
}

async function acquireByDeviceCode(
  session: EntraSession,
  { signal, claims, showDeviceCode }: TokenAttempt & Pick<DeviceCodeOptions, "showDeviceCode">,
) {
  const { options, cache } = session;
  return acquireByMsal(session, {
    signal,
    authorityMetadata: await readMetadata(session, { signal }),
    post: createDeviceCodePost({ ...options, signal, showDeviceCode }),
    cachePlugin: createLockingCachePlugin(cache, { signal }),
    createApplication: createPublicApplication,
    acquire: (application) =>
      application.acquireTokenByDeviceCode({
        scopes: options.scope.trim().split(/\s+/),
        // The prompt was shown by then.
        deviceCodeCallback() {},
        ...(claims === undefined ? {} : { claims }),
      }),
  });
}

/** Whether a policy of the tenant stands against device code, and a browser can be opened. */
function mayFallBack({ options }: EntraSession, error: unknown): boolean {
  const isBlocked = error instanceof AppError && error.code === "sign_in_blocked";
  return isBlocked && options.login !== "device" && options.showAddress !== undefined;
}

async function acquire(session: EntraSession, attempt: TokenAttempt) {
  const { login = "auto", showDeviceCode, showAddress } = session.options;
  const inBrowser = (isFallback: boolean) => {
    if (!showAddress) throw createSignInRequiredError();
    return acquireInBrowser(session, { ...attempt, show: (address) => showAddress({ address, isFallback }) });
  };
  if (login === "browser") return inBrowser(false);
  if (!showDeviceCode) throw createSignInRequiredError();
  try {
    return await acquireByDeviceCode(session, { ...attempt, showDeviceCode });
  } catch (error) {
    if (!mayFallBack(session, error)) throw error;
    return inBrowser(true);
  }
}

/**
 * From now on it is the person who has just signed in; but not instead of one who was asked for.
 *
 * @throws `sign_in_failed`
 */
function chooseAccount(
  { options, choose }: EntraSession,
  { homeAccountId, localAccountId, username }: AccountInfo,
) {
  const wanted = options.account?.trim().toLowerCase();
  const names = [homeAccountId, localAccountId, username].map((name) => name.toLowerCase());
  if (wanted === undefined || names.includes(wanted)) return choose(homeAccountId);
  throw new AppError("sign_in_failed", `${quote(username)} signed in, and not ${quote(options.account)}.`, {
    hint: "Sign in as the one whom --account names, or name another one.",
  });
}

/** Whether somebody may be asked to sign in. */
export function canSignIn({ options: { login, showAddress, showDeviceCode } }: EntraSession): boolean {
  return (login === "browser" ? showAddress : showDeviceCode) !== undefined;
}

/**
 * Signs a person in: by device code, in a browser, or by device code and, where a policy blocks that, in a browser.
 * Makes sure first that the tokens can be kept.
 *
 * @throws `sign_in_required` when nobody may be asked; others as `TokenSource.getToken`
 */
export async function signIn(session: EntraSession, attempt: TokenAttempt): Promise<AccessToken> {
  if (!canSignIn(session)) throw createSignInRequiredError();
  const { signal } = attempt;
  await session.cache.checkWritable({ signal });
  const { token, tenantId, account } = await acquire(session, attempt);
  await noteTenant(session, tenantId, { signal });
  if (account) chooseAccount(session, account);
  return token;
}
