import type { PublicClientApplication } from "@azure/msal-node";
import { createProof, readBrowserCode } from "./browser-code.ts";
import { acquireByMsal, type EntraSession, readMetadata, type TokenAttempt } from "./entra-session.ts";
import { createTokenPost } from "./msal-network.ts";
import { createLockingCachePlugin, createPublicApplication } from "./msal-application.ts";
import { type CallbackListener, openCallbackListener } from "./callback-listener.ts";

/*
 * MSAL 7.2.1 could do all of this itself, but its own listener ends the sign-in at the first request with a wrong
 * `state`, which any page in the browser can send, and waits without a limit. So MSAL makes the address and redeems
 * the code; the listener is ours.
 */

interface BrowserSignIn extends TokenAttempt {
  readonly listener: CallbackListener;
  readonly proof: ReturnType<typeof createProof>;
  readonly show: (address: string) => void;
}

async function acquireByCode(
  application: PublicClientApplication,
  { options }: EntraSession,
  { listener, proof, show, signal, claims }: BrowserSignIn,
) {
  const { state, codeVerifier, codeChallenge } = proof;
  const request = {
    scopes: options.scope.trim().split(/\s+/),
    redirectUri: listener.redirectUri,
    ...(claims === undefined ? {} : { claims }),
  };
  const address = await application.getAuthCodeUrl({
    ...request,
    state,
    codeChallenge,
    codeChallengeMethod: "S256",
    responseMode: "form_post",
    // With several people in the browser the person must see as whom the program will act.
    prompt: "select_account",
    ...(options.account?.includes("@") ? { loginHint: options.account } : {}),
  });
  show(address);
  const params = await listener.wait({ signal });
  const code = readBrowserCode(params, options.authority);
  const clientInfo = params.get("client_info") ?? "";
  return application.acquireTokenByCode({ ...request, code, codeVerifier, clientInfo });
}

/**
 * Signs a person in in a browser on this machine: authorization code with PKCE, to a listener on loopback.
 *
 * @throws `sign_in_expired` when nobody came within five minutes; others as `TokenSource.getToken`
 * @see https://www.rfc-editor.org/rfc/rfc8252
 */
export async function acquireInBrowser(
  session: EntraSession,
  attempt: TokenAttempt & { readonly show: (address: string) => void },
) {
  const { cache, options } = session;
  const { signal } = attempt;
  const authorityMetadata = await readMetadata(session, { signal });
  const proof = createProof();
  const listener = openCallbackListener({ port: 0, state: proof.state, shape: "entra" });
  try {
    return await acquireByMsal(session, {
      signal,
      authorityMetadata,
      post: createTokenPost({ signal, fetch: options.fetch }, "browser"),
      cachePlugin: createLockingCachePlugin(cache, { signal }),
      createApplication: createPublicApplication,
      acquire: (application) => acquireByCode(application, session, { ...attempt, listener, proof }),
    });
  } finally {
    listener.close();
  }
}
