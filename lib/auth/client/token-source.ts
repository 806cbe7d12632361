import type { Abortable } from "../../base/abort.ts";

/** An access token and when it ends. */
export interface AccessToken {
  /** The token itself: goes into an `Authorization` header and nowhere else. */
  readonly value: string;
  /** Seconds since the Unix epoch. */
  readonly expiresAtSeconds: number;
}

/** What a caller of {@link TokenSource} may ask for. */
export interface TokenRequest extends Abortable {
  /** A token that the server answered 401 to: never returned again; causes one renewal. */
  readonly rejected?: string | undefined;
  /** `claims` of a claims challenge, as JSON or base64 of it. Causes one renewal. */
  readonly claims?: string | undefined;
  /** The 401 that was answered; the claims challenge in it, where there is one, is honoured. */
  readonly challenged?: Response | undefined;
}

/** What a caller of {@link TokenSource} does after a 403. */
export interface WideningRequest extends Abortable {
  /** The 403 with `insufficient_scope`. */
  readonly denied: Response;
  /** The token that was not enough. */
  readonly used: string;
}

/** Where access tokens come from. */
export interface TokenSource {
  /**
   * A token that lives for some minutes more: from the cache, else renewed, else by signing in.
   *
   * @throws `sign_in_required` when a person is needed and none may be asked
   * @throws `sign_in_failed`, `sign_in_declined`, `sign_in_expired`, `token_refused`, `cache_unusable`
   * @throws `unreachable`, `timeout`, `server_failed`, `rate_limited`, `protocol_error`
   */
  getToken(request?: TokenRequest): Promise<AccessToken>;
}
