import { createHash, randomBytes } from "node:crypto";
import { AppError } from "../../base/errors.ts";
import { isGuid } from "../../config/shared-options.ts";
import { type EntraAuthority, formatAuthority } from "./authority.ts";
import { describeOAuthError, readOAuthError } from "./sign-in-error.ts";

/** How a sign-in in a browser is shown. */
export interface BrowserPrompt {
  /** To be opened in a browser on this machine. Not secret from the person, but from logs. */
  readonly address: string;
  /** Whether device code was tried first, and a policy of the tenant blocks it. */
  readonly isFallback: boolean;
}

/** What ties one sign-in in a browser together. */
export interface Proof {
  /** Must come back unchanged; nobody else knows it. */
  readonly state: string;
  /** Shown only when the code is redeemed (RFC 7636). */
  readonly codeVerifier: string;
  /** SHA-256 of the verifier. */
  readonly codeChallenge: string;
}

/** Makes a fresh one. */
export function createProof(): Proof {
  const codeVerifier = randomBytes(32).toString("base64url");
  const codeChallenge = createHash("sha256").update(codeVerifier).digest("base64url");
  return { state: randomBytes(24).toString("base64url"), codeVerifier, codeChallenge };
}

/** Whether the answer comes from the tenant that was asked (RFC 9207). Entra may send no `iss`. */
function isIssuedBy(iss: string, authority: EntraAuthority): boolean {
  // A tenant that was given by its domain calls itself by its id.
  if (isGuid(authority.tenant))
    return iss.toLowerCase() === `${formatAuthority(authority)}/v2.0`.toLowerCase();
  return URL.parse(iss)?.origin === authority.loginUrl;
}

/**
 * Takes the code out of what the browser brought back, whose `state` was compared.
 *
 * @throws `sign_in_declined`, `sign_in_blocked`, `sign_in_failed`
 */
export function readBrowserCode(params: URLSearchParams, authority: EntraAuthority): string {
  const iss = params.get("iss");
  if (iss !== null && !isIssuedBy(iss, authority)) {
    throw new AppError("sign_in_failed", "The answer in the browser comes from another sign-in service.", {
      hint: "Try again, and look at the address of the page on which you sign in.",
    });
  }
  const oauth = readOAuthError(Object.fromEntries(params));
  if (oauth) throw describeOAuthError(oauth, "browser");
  const code = params.get("code");
  if (code) return code;
  throw new AppError("sign_in_failed", "The sign-in in the browser ended without a code.", {
    hint: "Try again.",
  });
}
