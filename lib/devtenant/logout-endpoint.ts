import { isSpaAddress } from "./cross-origin.ts";
import { markup } from "./markup.ts";
import { answerPage } from "./page.ts";
import type { TenantState } from "./tenant-state.ts";

/**
 * Ends a session: `GET /{tenant}/oauth2/v2.0/logout`. The dev tenant keeps none, so that it only sends the browser
 * back, to a registered address and nowhere else.
 *
 * @see OpenID Connect RP-Initiated Logout 1.0, section 3
 */
export function answerLogout(state: TenantState, url: URL): Response {
  const target = url.searchParams.get("post_logout_redirect_uri");
  if (target !== null && isSpaAddress(state, target)) {
    const location = new URL(target);
    const sent = url.searchParams.get("state");
    if (sent !== null) location.searchParams.set("state", sent);
    const headers = {
      Location: location.href,
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
    };
    return new Response(null, { status: 303, headers });
  }
  const body = markup`<p>You can close this window.</p>`;
  return answerPage({ title: "You are signed out", body });
}
