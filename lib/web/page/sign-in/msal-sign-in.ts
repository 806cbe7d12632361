import {
  type AccountInfo,
  AuthError,
  type AuthenticationResult,
  BrowserAuthErrorCodes,
  CacheLookupPolicy,
  InteractionRequiredAuthError,
  PublicClientApplication,
} from "@azure/msal-browser";
import type { PageConfig, Problem } from "../../contract.ts";
import { problemOf, type ProblemError } from "../api/problem.ts";
import { describeAuthority } from "./authority.ts";
import { popupMark } from "./popup-answer.ts";
import type { Account, SignIn, Token } from "./sign-in.ts";

/** How long the other window may take, in milliseconds. */
const popupTimeoutMs = 10 * 60_000;

const popupProblems: readonly string[] = [
  BrowserAuthErrorCodes.popupWindowError,
  BrowserAuthErrorCodes.emptyWindowError,
];

/** Entra's own number and sentence, where it gave one; MSAL's code otherwise. Neither holds anything secret. */
function describeAuthError({ errorCode, errorMessage }: AuthError): string {
  const said = /AADSTS\d+: [^\r\n]{0,300}?(?= Trace ID|$)/m.exec(errorMessage)?.[0];
  return said ?? `The sign-in service or the browser refused (${errorCode}).`;
}

function toSignInProblem(thrown: unknown): ProblemError {
  if (thrown instanceof InteractionRequiredAuthError) {
    return problemOf("sign_in_required", describeAuthError(thrown), thrown);
  }
  if (!(thrown instanceof AuthError)) return problemOf("sign_in_failed", "Signing in failed.", thrown);
  const isPopup = popupProblems.includes(thrown.errorCode);
  if (isPopup) return problemOf("popup_blocked", "No window could be opened.", thrown);
  const isNetwork = thrown.errorCode === BrowserAuthErrorCodes.postRequestFailed;
  if (isNetwork) return problemOf("unreachable", "The sign-in service does not answer.", thrown);
  return problemOf("sign_in_failed", describeAuthError(thrown), thrown);
}

async function orProblem<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw toSignInProblem(thrown);
  }
}

function toAccount({ name, username, tenantId }: AccountInfo): Account {
  return { name: name ?? username, username, tenantId };
}

function toToken({ accessToken, expiresOn, scopes }: AuthenticationResult): Token {
  return {
    text: accessToken,
    expiresAtMs: expiresOn?.getTime() ?? Date.now(),
    scopes: scopes.map((scope) => scope.slice(scope.lastIndexOf("/") + 1)),
  };
}

interface Application {
  readonly msal: PublicClientApplication;
  /** Host of the authority. */
  readonly environment: string;
  readonly scopes: string[];
  /** What a policy of the organisation demands of the next sign-in. */
  claims?: string | undefined;
}

/** Who signed in last, at the authority that the server names today: it may have named another one before. */
function findAccount({ msal, environment }: Application): AccountInfo | undefined {
  const accounts = msal.getAllAccounts({ environment });
  const activeId = msal.getActiveAccount()?.homeAccountId;
  return accounts.find(({ homeAccountId }) => homeAccountId === activeId) ?? accounts[0];
}

async function renew(application: Application, isRefused: boolean): Promise<Token> {
  const { msal, scopes } = application;
  const account = findAccount(application);
  if (!account) throw problemOf("sign_in_required", "Nobody is signed in.");
  try {
    const result = await msal.acquireTokenSilent({
      account,
      scopes,
      forceRefresh: isRefused,
      // By the refresh token alone: browsers keep the sign-in service's cookies from a hidden frame, and without
      // frames the page's policy can forbid them all.
      cacheLookupPolicy: CacheLookupPolicy.AccessTokenAndRefreshToken,
    });
    return toToken(result);
  } catch (thrown) {
    if (thrown instanceof InteractionRequiredAuthError) application.claims = thrown.claims || undefined;
    throw toSignInProblem(thrown);
  }
}

function createApplication({ clientId = "", authority = "", isDevTenant, scopes }: PageConfig): Application {
  const home = `${location.origin}/`;
  const msal = new PublicClientApplication({
    auth: {
      clientId,
      ...describeAuthority(authority, isDevTenant),
      redirectUri: home,
      postLogoutRedirectUri: home,
    },
    cache: { cacheLocation: "sessionStorage" },
    system: { popupBridgeTimeout: popupTimeoutMs, loggerOptions: { loggerCallback: () => {} } },
  });
  return { msal, environment: new URL(authority).host, scopes: [...scopes] };
}

/** Ready to sign in. */
export interface OpenedSignIn {
  readonly signIn: SignIn;
  /** Why the sign-in did not work from which the person comes back. */
  readonly problem: Problem | undefined;
}

/**
 * Opens signing in by MSAL: authorization code with PKCE, tokens in session storage. Takes over what a sign-in by
 * redirect brought back.
 *
 * @throws ProblemError `insecure_page`, `sign_in_failed`
 */
export async function openSignIn(config: PageConfig): Promise<OpenedSignIn> {
  if (!isSecureContext) throw problemOf("insecure_page", "This page was opened over plain http.");
  const application = createApplication(config);
  const { msal } = application;
  const answer = takeAnswer();
  await orProblem(msal.initialize());
  return { signIn: createSignIn(application), problem: await takeReturn(msal, answer) };
}

/** What the sign-in service added to the address; nobody finds it there again, and no Back button leads to it. */
function takeAnswer(): string {
  const { hash, pathname } = location;
  history.replaceState(null, "", pathname);
  return hash;
}

/** Takes over what the sign-in service sent back; says why it sent no tokens. */
async function takeReturn(msal: PublicClientApplication, hash: string): Promise<Problem | undefined> {
  try {
    const returned = await msal.handleRedirectPromise({ hash });
    if (returned) msal.setActiveAccount(returned.account);
    return undefined;
  } catch (thrown) {
    return toSignInProblem(thrown).problem;
  }
}

function createSignIn(application: Application): SignIn {
  const { msal, scopes } = application;
  return {
    account() {
      const account = findAccount(application);
      return account && toAccount(account);
    },
    async signIn({ way, isOther = false }) {
      const { claims } = application;
      const loginHint = findAccount(application)?.username;
      const request = {
        scopes,
        ...(isOther ? { prompt: "select_account" } : loginHint === undefined ? {} : { loginHint }),
        ...(claims === undefined ? {} : { claims }),
      };
      if (way === "redirect") return orProblem(msal.loginRedirect(request));
      const popup = { ...request, state: popupMark, overrideInteractionInProgress: true };
      const { account } = await orProblem(msal.loginPopup(popup));
      application.claims = undefined;
      msal.setActiveAccount(account);
    },
    async signOut() {
      const account = findAccount(application);
      // Whoever was signed in here before the last one must not come back in their place.
      await orProblem(msal.clearCache());
      await orProblem(msal.logoutRedirect(account ? { account } : {}));
    },
    readToken: ({ isRefused }) => renew(application, isRefused),
  };
}
