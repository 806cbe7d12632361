import type { Abortable } from "../../base/abort.ts";
import { isGuid } from "../../config/shared-options.ts";
import { tenantKeyOf } from "./cached-access-token.ts";
import { createDeviceCodePost } from "./device-code.ts";
import { acquireByMsal, type EntraSession, readMetadata, type TokenAttempt } from "./entra-session.ts";
import { createLockingCachePlugin } from "./msal-application.ts";
import { noteTenantId } from "./msal-cache.ts";
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

/**
 * Signs a person in by device code. Makes sure first that the tokens can be kept.
 *
 * @throws `sign_in_required` when nobody may be asked; others as `TokenSource.getToken`
 */
export async function signInByDeviceCode(
  session: EntraSession,
  { signal, claims }: TokenAttempt,
): Promise<AccessToken> {
  const { options, cache } = session;
  const { scope, showDeviceCode } = options;
  if (!showDeviceCode) throw createSignInRequiredError();
  await cache.checkWritable({ signal });
  const { token, tenantId } = await acquireByMsal(session, {
    signal,
    authorityMetadata: await readMetadata(session, { signal }),
    post: createDeviceCodePost({ ...options, signal, showDeviceCode }),
    cachePlugin: createLockingCachePlugin(cache, { signal }),
    acquire: (application) =>
      application.acquireTokenByDeviceCode({
        scopes: scope.trim().split(/\s+/),
        // The prompt was shown by then.
        deviceCodeCallback() {},
        ...(claims === undefined ? {} : { claims }),
      }),
  });
  await noteTenant(session, tenantId, { signal });
  return token;
}
