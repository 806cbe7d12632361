import type { Clock } from "../base/clock.ts";
import { type Refused, refuse } from "./aadsts.ts";
import { checkClientType } from "./cross-origin.ts";
import type { Person } from "./people.ts";
import type { ScopeRequest } from "./scope-request.ts";
import type { SecretRegistry } from "./secret-registry.ts";

/** How the answer travels to the application (OAuth 2.0 Multiple Response Types and Form Post Response Mode). */
export type ResponseMode = "query" | "fragment" | "form_post";

/** A sign-in in a browser, as the application asked for it; every part was checked. */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  /** Given back as it came; undefined where there was none. */
  readonly state: string | undefined;
  readonly scope: ScopeRequest;
  /** By S256 (RFC 7636). */
  readonly codeChallenge: string;
  readonly wantsClientInfo: boolean;
  /** Comes back in the id token (OpenID Connect Core 1.0 section 3.1.2.1). */
  readonly nonce: string | undefined;
  /** Whether the reply address is registered for a single-page application. */
  readonly isSpa: boolean;
}

/** What must be right to redeem a code. */
export interface Redemption {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  /** `Origin` of the request: undefined unless a page sent it. */
  readonly origin: string | undefined;
}

interface Code extends AuthorizationRequest {
  readonly person: Person;
  readonly expiresAtMs: number;
  /** The refresh tokens of this sign-in: a code that comes twice ends them. */
  readonly family: { isRevoked: boolean };
  isRedeemed: boolean;
}

/** What a code stands for. */
export type AuthorizedSignIn = Pick<Code, "clientId" | "person" | "scope" | "family" | "isSpa" | "nonce">;

const pageLifetimeMs = 15 * 60_000;
/** Entra's, about. */
const codeLifetimeMs = 10 * 60_000;
/** More open sign-ins or codes than this, and the oldest is forgotten. */
const maxEntries = 1000;

function randomText(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url");
}

function keep<T>(entries: Map<string, T>, key: string, entry: T): void {
  entries.set(key, entry);
  const [oldest] = entries.keys();
  if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
}

/** S256 of RFC 7636 section 4.6. */
function challengeOf(verifier: string): string {
  return new Bun.CryptoHasher("sha256").update(verifier).digest("base64url");
}

/** Keeps the sign-ins in a browser that wait for their person, and the codes that were given out. */
export class AuthorizationCodes {
  readonly #open = new Map<string, AuthorizationRequest & { readonly expiresAtMs: number }>();
  readonly #codes = new Map<string, Code>();
  readonly #clock: Clock;
  readonly #secrets: SecretRegistry;

  constructor(clock: Clock, secrets: SecretRegistry) {
    this.#clock = clock;
    this.#secrets = secrets;
  }

  /** Keeps a sign-in until its person decides; gives the id by which the page names it. */
  begin(request: AuthorizationRequest): string {
    const id = randomText(24);
    keep(this.#open, id, { ...request, expiresAtMs: this.#clock.nowMs() + pageLifetimeMs });
    return id;
  }

  /** The open sign-in with this id. */
  find(id: string): AuthorizationRequest | undefined {
    const found = this.#open.get(id);
    return found && this.#clock.nowMs() < found.expiresAtMs ? found : undefined;
  }

  /** Ends an open sign-in: it was decided. */
  close(id: string): void {
    this.#open.delete(id);
  }

  /** Mints the code for a person who agreed. */
  issue(request: AuthorizationRequest, person: Person): string {
    const code = this.#secrets.add("authorization_code", `1.C${randomText(48)}`);
    const expiresAtMs = this.#clock.nowMs() + codeLifetimeMs;
    keep(this.#codes, code, {
      ...request,
      person,
      expiresAtMs,
      family: { isRevoked: false },
      isRedeemed: false,
    });
    return code;
  }

  /** Uses a code up, once, for whom it was made (RFC 6749 section 4.1.3, RFC 7636 section 4.6). */
  redeem(code: string, redemption: Redemption): AuthorizedSignIn | Refused {
    const found = this.#codes.get(code);
    if (!found) return refuse("unknown_code");
    if (found.isRedeemed) {
      found.family.isRevoked = true;
      return refuse("code_redeemed");
    }
    if (this.#clock.nowMs() >= found.expiresAtMs) return refuse("code_expired");
    if (redemption.clientId !== found.clientId) return refuse("unknown_code");
    if (redemption.redirectUri !== found.redirectUri) {
      return refuse("reply_address_mismatch", { redirect: redemption.redirectUri });
    }
    const refused = checkClientType(found, redemption.origin);
    if (refused) return refused;
    if (challengeOf(redemption.codeVerifier) !== found.codeChallenge) return refuse("wrong_verifier");
    found.isRedeemed = true;
    return found;
  }
}
