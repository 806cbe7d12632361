import type { BrowserAuthOptions } from "@azure/msal-browser";

/**
 * The authority in the words of MSAL.
 *
 * MSAL refuses an authority over http, and the dev tenant of this machine has no certificate. It takes endpoints over
 * http where they are given to it, so the dev tenant's are: the authority's name then only tells cache entries apart,
 * and nothing is asked for over https.
 */
export function describeAuthority(
  authority: string,
  isDevTenant: boolean,
): Pick<BrowserAuthOptions, "authority" | "knownAuthorities" | "authorityMetadata"> {
  const url = new URL(authority);
  if (!isDevTenant || url.protocol !== "http:") return { authority };
  const base = `${url.origin}${url.pathname.replace(/\/$/, "")}`;
  const metadata = {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  };
  return {
    authority: base.replace(/^http:/, "https:"),
    knownAuthorities: [url.host],
    authorityMetadata: JSON.stringify(metadata),
  };
}
