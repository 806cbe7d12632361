import { AppError } from "../../base/errors.ts";
import { readChallenge } from "./bearer-challenge.ts";
import type { EntraSession, TokenAttempt } from "./entra-session.ts";
import type { AccessToken, WideningRequest } from "./token-source.ts";
import { widenScope } from "./widen-scope.ts";

/** Gets a token for a session: from the cache, by renewal, or from a person. */
export type GetToken = (session: EntraSession, attempt: TokenAttempt) => Promise<AccessToken>;

/** How far the scope was widened since the start, and what was asked for in vain. */
export class Widening {
  /** With the scope that tokens are got for now. */
  session: EntraSession;
  readonly #getToken: GetToken;
  readonly #asked = new Map<string, Promise<AccessToken | undefined>>();

  constructor(session: EntraSession, getToken: GetToken) {
    this.session = session;
    this.#getToken = getToken;
  }

  /**
   * Gets a token with the scope that a 403 asks for, once for each scope; undefined where there is none to be had.
   *
   * @throws as `TokenSource.getToken`, but for `sign_in_required`
   */
  async widen(request: WideningRequest): Promise<AccessToken | undefined> {
    const { signal, denied, used } = request;
    const { scope } = this.session.options;
    const wider = widenScope(scope, readChallenge(denied).scope);
    if (wider === undefined) return this.#other(used, await this.#getToken(this.session, { signal }));
    const asked = this.#asked.get(wider);
    // Calls that were denied together share what the first one gets.
    if (asked) return this.#other(used, await asked.catch(() => undefined));
    const asking = this.#ask(wider, request);
    this.#asked.set(wider, asking);
    return asking;
  }

  async #ask(scope: string, { signal }: WideningRequest): Promise<AccessToken | undefined> {
    const wider = this.session.withScope(scope);
    try {
      const token = await this.#getToken(wider, { signal });
      this.session = wider;
      return token;
    } catch (error) {
      if (error instanceof AppError && error.code === "sign_in_required") return undefined;
      throw error;
    }
  }

  /** Another call may have widened it, so that the token that was used is an older one. */
  #other(used: string, current: AccessToken | undefined): AccessToken | undefined {
    return current?.value === used ? undefined : current;
  }
}
