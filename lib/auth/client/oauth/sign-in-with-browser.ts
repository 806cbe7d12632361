import {
  exchangeAuthorization,
  type OAuthTokens,
  startAuthorization,
  validateAuthorizationResponseIssuer,
} from "@modelcontextprotocol/client";
import { AppError } from "../../../base/errors.ts";
import type { CallbackListener } from "../callback-listener.ts";
import type { ChosenClient } from "./choose-client.ts";
import type { DiscoveredIssuer } from "./discover-issuer.ts";
import { explainOAuthError, refusedByIssuer } from "./explain-oauth-error.ts";
import { createOAuthFetch, type OAuthContext } from "./guarded-fetch.ts";

/** One sign-in in a browser. */
export interface BrowserSignIn {
  readonly found: DiscoveredIssuer;
  readonly client: ChosenClient;
  readonly listener: CallbackListener;
  /** The listener waits for it. */
  readonly state: string;
  readonly scope: string | undefined;
  /** Shows the address to a person, or opens it. */
  readonly show: (address: string) => void;
}

/** Looks at what the browser brought back before anything of it is used or shown (RFC 9207). */
function readCode(params: URLSearchParams, { metadata }: DiscoveredIssuer): string {
  validateAuthorizationResponseIssuer({
    iss: params.get("iss") ?? undefined,
    expectedIssuer: metadata.issuer,
    issParameterSupported: metadata.authorization_response_iss_parameter_supported === true,
  });
  const code = params.get("code");
  if (code) return code;
  const error = params.get("error");
  if (error !== null) throw refusedByIssuer(error);
  throw new AppError("sign_in_failed", "The sign-in ended without a code.");
}

/**
 * Lets a person sign in, and redeems the code: PKCE with S256, `state`, `resource`, and the issuer of the answer
 * checked before the code is sent anywhere.
 *
 * @throws `sign_in_declined`, `sign_in_expired`, `sign_in_failed`, `untrusted_destination`, `unreachable`, `timeout`
 * @see https://www.rfc-editor.org/rfc/rfc9207
 */
export async function signInWithBrowser(context: OAuthContext, signIn: BrowserSignIn): Promise<OAuthTokens> {
  const { found, client, listener, state, scope } = signIn;
  const { issuer, metadata, resource } = found;
  const { redirectUri } = listener;
  try {
    const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, {
      metadata,
      clientInformation: client,
      redirectUrl: redirectUri,
      state,
      resource,
      ...(scope !== undefined && { scope }),
    });
    signIn.show(authorizationUrl.href);
    const params = await listener.wait(context);
    const iss = params.get("iss");
    return await exchangeAuthorization(issuer, {
      metadata,
      clientInformation: client,
      authorizationCode: readCode(params, found),
      ...(iss !== null && { iss }),
      codeVerifier,
      redirectUri,
      resource,
      fetchFn: createOAuthFetch(context),
    });
  } catch (thrown) {
    throw explainOAuthError(thrown, context.signal);
  }
}
