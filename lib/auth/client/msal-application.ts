import type {
  ConfidentialClientApplication,
  Configuration,
  ICachePlugin,
  INetworkModule,
  PublicClientApplication,
} from "@azure/msal-node";
import type { Abortable } from "../../base/abort.ts";
import { type EntraAuthority, formatAuthority } from "./authority.ts";
import type { LockedTokenCache, TokenCache } from "./token-cache.ts";

/** What an application of MSAL's is made of; one is made per operation. */
export interface MsalApplicationOptions {
  readonly authority: EntraAuthority;
  readonly clientId: string;
  readonly network: INetworkModule;
  readonly cachePlugin: ICachePlugin;
  /** Only for a dev tenant: its endpoints. */
  readonly authorityMetadata: string | undefined;
}

/** By what an application shows who it is (RFC 6749 section 2.3.1, RFC 7523). */
export type ClientProof =
  | { readonly clientSecret: string }
  | { readonly clientCertificate: { readonly thumbprintSha256: string; readonly privateKey: string } }
  | { readonly clientAssertion: string };

/** It logs nothing. `isMcp` stays off: MSAL 7.2.1 would send `resource` on renewal but not at sign-in. */
function configure(options: MsalApplicationOptions): Configuration {
  const { authority, clientId, authorityMetadata } = options;
  // MSAL refuses http here; the endpoints in the metadata are what it talks to.
  const url = formatAuthority(authority).replace(/^http:/, "https:");
  // MSAL knows Microsoft's login hosts without asking anybody.
  const local =
    authorityMetadata === undefined ? {} : { authorityMetadata, knownAuthorities: [new URL(url).host] };
  return {
    auth: { clientId, authority: url, ...local },
    cache: { cachePlugin: options.cachePlugin },
    system: {
      networkClient: options.network,
      disableInternalRetries: true,
      loggerOptions: { loggerCallback() {}, piiLoggingEnabled: false },
    },
  };
}

/** Loads MSAL and makes an application with which people sign in. */
export async function createPublicApplication(
  options: MsalApplicationOptions,
): Promise<PublicClientApplication> {
  const { PublicClientApplication: Application } = await import("@azure/msal-node");
  return new Application(configure(options));
}

/** Loads MSAL and makes an application that signs in as itself. */
export async function createConfidentialApplication(
  options: MsalApplicationOptions,
  proof: ClientProof,
): Promise<ConfidentialClientApplication> {
  const { ConfidentialClientApplication: Application } = await import("@azure/msal-node");
  const configuration = configure(options);
  return new Application({ ...configuration, auth: { ...configuration.auth, ...proof } });
}

type Context = Parameters<ICachePlugin["beforeCacheAccess"]>[0];

async function load(locked: LockedTokenCache, context: Context): Promise<void> {
  const text = await locked.read();
  if (text === undefined) return;
  try {
    context.tokenCache.deserialize(text);
  } catch {
    await locked.setAside("is corrupt");
  }
}

/** Lets MSAL read and write the cache while we hold its lock. */
export function createLockedCachePlugin(locked: LockedTokenCache): ICachePlugin {
  return {
    beforeCacheAccess: (context) => load(locked, context),
    async afterCacheAccess(context) {
      if (context.cacheHasChanged) await locked.write(context.tokenCache.serialize());
    },
  };
}

/** Lets MSAL take the lock itself, from before an access to the cache until after it. */
export function createLockingCachePlugin(cache: TokenCache, abortable: Abortable): ICachePlugin {
  let current: LockedTokenCache | undefined;
  return {
    async beforeCacheAccess(context) {
      const locked = await cache.lock(abortable);
      try {
        await load(locked, context);
        current = locked;
      } finally {
        if (!current) await locked.release();
      }
    },
    async afterCacheAccess(context) {
      const locked = current;
      // MSAL calls this also when the lock could not be taken.
      if (!locked) return;
      current = undefined;
      try {
        await createLockedCachePlugin(locked).afterCacheAccess(context);
      } finally {
        await locked.release();
      }
    },
  };
}
