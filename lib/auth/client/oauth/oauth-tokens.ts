import {
  computeScopeUnion,
  extractWWWAuthenticateParams,
  OAuthError,
  type OAuthTokens as TokenAnswer,
  refreshAuthorization,
} from "@modelcontextprotocol/client";
import type { Abortable } from "../../../base/abort.ts";
import { type Clock, nowSeconds, systemClock } from "../../../base/clock.ts";
import { AppError } from "../../../base/errors.ts";
import type { Confirmations } from "../confirmations.ts";
import type { Fetch } from "../fetch-json.ts";
import type { AccessToken } from "../token-source.ts";
import { type CallbackListener, openCallbackListener } from "../callback-listener.ts";
import { type ChosenClient, type ConfiguredClient, findClient, registerNewClient } from "./choose-client.ts";
import { type DiscoveredIssuer, discoverIssuer } from "./discover-issuer.ts";
import { explainOAuthError } from "./explain-oauth-error.ts";
import { createOAuthFetch, type OAuthContext } from "./guarded-fetch.ts";
import { type AskToTrustIssuer, confirmIssuer, describeIssuer, type TrustedIssuer } from "./issuer-trust.ts";
import type { LockedOAuthStore, OAuthStore, StoredClient, StoredToken } from "./oauth-store.ts";
import { signInWithBrowser } from "./sign-in-with-browser.ts";
import {
  findToken,
  type FoundToken,
  isUsable,
  recordOf,
  toStoredToken,
  withoutServer,
} from "./token-records.ts";

/** How a person is reached. */
export interface BrowserPrompts {
  /** Shows the address to sign in at, or opens it. */
  show(address: string): void;
  /** Absent: a browser can be opened, but nobody sits at a terminal. */
  readonly askToTrust?: AskToTrustIssuer | undefined;
}

/** With what tokens are got and where they are kept. */
export interface OAuthTokensOptions {
  /** Address of the MCP server. */
  readonly url: string;
  readonly client: ConfiguredClient;
  /** Asked for in place of what the server names. */
  readonly scope: string | undefined;
  /** The only authorization server to use. */
  readonly issuer: string | undefined;
  /** Where the browser comes back to; 0 takes a free port. */
  readonly redirectPort: number;
  readonly store: OAuthStore;
  readonly trusted: Confirmations<TrustedIssuer>;
  /** Absent: nobody may be asked. */
  readonly prompts?: BrowserPrompts | undefined;
  /** Begin anew: what is stored for this server is not used. */
  readonly isFresh?: boolean | undefined;
  readonly clock?: Clock | undefined;
  readonly fetch?: Fetch | undefined;
  /** Milliseconds that a person has to sign in. Default 300,000. */
  readonly signInLimitMs?: number | undefined;
}

/** What is wanted of {@link OAuthTokens}. */
export interface OAuthTokenRequest extends Abortable {
  /** A token that the server answered 401 to. */
  readonly rejected?: string | undefined;
  /** The 401; only with it may a person be asked. */
  readonly challenged?: Response | undefined;
}

function signInRequired(): AppError {
  return new AppError("sign_in_required", "The server wants a sign-in, which needs a browser and a person.", {
    hint: 'Run "mcp-client login --auth oauth" once on a terminal, or set BROWSER to a program that opens it.',
  });
}

/** What a token is stored for: the address without what does not reach the server. */
function toKey(url: string): string {
  const key = new URL(url);
  key.hash = "";
  return key.href;
}

/**
 * Tokens by the MCP specification's own authorization: from the store, else renewed, else by signing in with a
 * browser. They are sent to the server that they were got for and nowhere else, because each of these serves one
 * server.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
export class OAuthTokens {
  readonly #options: OAuthTokensOptions;
  readonly #server: string;
  readonly #rejected = new Set<string>();
  #current: FoundToken | undefined;
  #asked: string | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: OAuthTokensOptions) {
    this.#options = options;
    this.#server = toKey(options.url);
  }

  /** The token that is stored for the server, also one that has expired. */
  async readStored(): Promise<FoundToken | undefined> {
    const { issuer, client, store } = this.#options;
    return findToken(await store.read(), { server: this.#server, issuer, clientId: client.clientId });
  }

  /**
   * A good token; undefined where there is none and the server has not said yet what it wants.
   *
   * @throws `sign_in_required`, `sign_in_declined`, `sign_in_expired`, `sign_in_failed`, `untrusted_destination`,
   *   `cache_unusable`, `port_in_use`, `unreachable`, `timeout`, `protocol_error`
   */
  async getToken({ signal, rejected, challenged }: OAuthTokenRequest = {}): Promise<AccessToken | undefined> {
    if (rejected !== undefined) this.#rejected.add(rejected);
    if (rejected === undefined && !challenged) return this.#findGood();
    return this.#inTurn(signal, async () => (await this.#findGood()) ?? this.#renew(challenged, signal));
  }

  /** A token with more scope; undefined where nobody can be asked, or where it was asked for before. */
  async widenToken(request: {
    readonly signal: AbortSignal;
    readonly denied: Response;
    readonly used: string;
  }): Promise<AccessToken | undefined> {
    const { signal, denied, used } = request;
    return this.#inTurn(signal, async () => {
      const other = await this.#findGood();
      if (other && other.value !== used) return other;
      const had = computeScopeUnion(this.#asked, this.#current?.token.scope);
      const wanted = computeScopeUnion(had, extractWWWAuthenticateParams(denied).scope);
      if (wanted === had || !this.#options.prompts) return undefined;
      const context = this.#createContext(signal);
      const found = await discoverIssuer(context, { challenged: denied, issuer: this.#options.issuer });
      return this.#signIn(context, found, wanted);
    });
  }

  /** Forgets what is stored for the server. False when there was nothing. */
  async signOut({ signal }: Abortable): Promise<boolean> {
    const lock = await this.#options.store.lock({ signal });
    try {
      const records = await lock.read();
      const own = records.filter(({ tokens }) => tokens.some(({ server }) => server === this.#server));
      for (const record of own) await lock.write(withoutServer(record, this.#server));
      return own.length > 0;
    } finally {
      await lock.release();
    }
  }

  #now(): number {
    return nowSeconds(this.#options.clock ?? systemClock);
  }

  #createContext(signal: AbortSignal | undefined): OAuthContext {
    return { server: new URL(this.#server), signal, fetch: this.#options.fetch };
  }

  /** Calls that fail together wait for one another, and the later ones find what the first one got. */
  async #inTurn<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const previous = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await previous;
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      resolve();
    }
  }

  #give(found: FoundToken | undefined): AccessToken | undefined {
    if (!found || this.#rejected.has(found.token.accessToken) || !isUsable(found.token, this.#now())) {
      return undefined;
    }
    this.#current = found;
    return {
      value: found.token.accessToken,
      expiresAtSeconds: found.token.expiresAtSeconds ?? Number.MAX_SAFE_INTEGER,
    };
  }

  async #findGood(): Promise<AccessToken | undefined> {
    const own = this.#give(this.#current);
    if (own) return own;
    return this.#options.isFresh ? undefined : this.#give(await this.readStored());
  }

  /** Renews without a person under the lock, so that one process renews for all; else asks a person. */
  async #renew(challenged: Response | undefined, signal: AbortSignal | undefined): Promise<AccessToken> {
    const context = this.#createContext(signal);
    const found = await discoverIssuer(context, { challenged, issuer: this.#options.issuer });
    const renewed = await this.#locked(signal, async (lock) => {
      return (await this.#findGood()) ?? this.#refresh(context, found, lock);
    });
    if (renewed) return renewed;
    if (!challenged) throw signInRequired();
    return this.#signIn(context, found, this.#chooseScope(found, challenged));
  }

  async #refresh(
    context: OAuthContext,
    found: DiscoveredIssuer,
    lock: LockedOAuthStore,
  ): Promise<AccessToken | undefined> {
    if (this.#options.isFresh && !this.#current) return undefined;
    const { issuer, metadata, resource } = found;
    const record = recordOf(await lock.read(), issuer);
    const token = record.tokens.find(({ server }) => server === this.#server);
    const client = findClient(found, this.#options.client, record.client);
    if (token?.refreshToken === undefined || client?.client_id !== token.clientId) return undefined;
    try {
      const answer = await refreshAuthorization(issuer, {
        metadata,
        clientInformation: client,
        refreshToken: token.refreshToken,
        resource,
        fetchFn: createOAuthFetch(context),
      });
      return await this.#keep(lock, { found, client, answer, scope: token.scope });
    } catch (thrown) {
      // The issuer says no: then a person has to sign in again. An issuer that does not answer is another matter.
      if (!(thrown instanceof OAuthError)) throw explainOAuthError(thrown, context.signal);
      const { client: known, ...rest } = withoutServer(record, this.#server);
      // An issuer that has forgotten the client would show an error to the person, and never come back.
      await lock.write(known && thrown.code !== "invalid_client" ? { ...rest, client: known } : rest);
      return undefined;
    }
  }

  #chooseScope({ metadata, scopesSupported }: DiscoveredIssuer, challenged: Response): string | undefined {
    const named = extractWWWAuthenticateParams(challenged).scope ?? scopesSupported.join(" ");
    const scope = this.#options.scope ?? named;
    if (scope === "") return undefined;
    const givesOffline = metadata.scopes_supported?.includes("offline_access") === true;
    return givesOffline ? computeScopeUnion(scope, "offline_access") : scope;
  }

  async #signIn(
    context: OAuthContext,
    found: DiscoveredIssuer,
    scope: string | undefined,
  ): Promise<AccessToken> {
    const { prompts, trusted, issuer, store } = this.#options;
    if (!prompts) throw signInRequired();
    const { signal } = context;
    if (issuer === undefined) {
      const record = describeIssuer(context.server.origin, found.issuer, found.metadata);
      await confirmIssuer(record, trusted, { ask: prompts.askToTrust, signal });
    }
    this.#asked = computeScopeUnion(this.#asked, scope);
    const stored = this.#options.isFresh ? undefined : recordOf(await store.read(), found.issuer).client;
    const state = crypto.getRandomValues(Buffer.alloc(32)).toString("base64url");
    const listener = this.#listen(state, stored);
    try {
      const client = await this.#prepareClient(context, found, { listener, stored, scope });
      const show = (address: string) => prompts.show(address);
      const answer = await signInWithBrowser(context, { found, client, listener, state, scope, show });
      return await this.#locked(signal, (lock) => this.#keep(lock, { found, client, answer, scope }));
    } finally {
      listener.close();
    }
  }

  /** A client that registered itself is known by its redirect URI, so the same port is tried first. */
  #listen(state: string, stored: StoredClient | undefined): CallbackListener {
    const { redirectPort, signInLimitMs: limitMs } = this.#options;
    const former = stored ? Number(new URL(stored.redirectUri).port) : 0;
    const port = redirectPort === 0 ? former : redirectPort;
    try {
      return openCallbackListener({ port, state, limitMs });
    } catch (error) {
      if (redirectPort !== 0) throw error;
      return openCallbackListener({ port: 0, state, limitMs });
    }
  }

  async #prepareClient(
    context: OAuthContext,
    found: DiscoveredIssuer,
    {
      listener,
      stored,
      scope,
    }: { listener: CallbackListener; stored: StoredClient | undefined; scope: string | undefined },
  ): Promise<ChosenClient> {
    const { redirectUri } = listener;
    const { client: configured } = this.#options;
    const known = findClient(found, configured, stored?.redirectUri === redirectUri ? stored : undefined);
    if (known) return known;
    const client = await registerNewClient(context, found, { redirectUri, scope });
    await this.#locked(context.signal, async (lock) => {
      await lock.write({ ...recordOf(await lock.read(), found.issuer), client });
    });
    return findClient(found, configured, client) ?? { client_id: client.clientId };
  }

  async #locked<T>(
    signal: AbortSignal | undefined,
    work: (lock: LockedOAuthStore) => Promise<T>,
  ): Promise<T> {
    const lock = await this.#options.store.lock({ signal });
    try {
      return await work(lock);
    } finally {
      await lock.release();
    }
  }

  /** Stores a new token; what another issuer gave for the same server goes. */
  async #keep(lock: LockedOAuthStore, given: GivenToken): Promise<AccessToken> {
    const { found, client, answer, scope } = given;
    const { issuer } = found;
    const owner = { server: this.#server, clientId: client.client_id, scope, nowSeconds: this.#now() };
    const token: StoredToken = toStoredToken(answer, owner);
    const records = await lock.read();
    for (const record of records.filter((other) =>
      findToken([other], { ...owner, issuer: undefined, clientId: undefined }),
    )) {
      await lock.write(withoutServer(record, this.#server));
    }
    const record = withoutServer(recordOf(records, issuer), this.#server);
    await lock.write({ ...record, tokens: [...record.tokens, token] });
    this.#current = { issuer, token };
    const kept = this.#give(this.#current);
    if (kept) return kept;
    throw new AppError("token_refused", "The sign-in service gives a token that the server refused before.");
  }
}

interface GivenToken {
  readonly found: DiscoveredIssuer;
  readonly client: ChosenClient;
  readonly answer: TokenAnswer;
  /** What was asked for. */
  readonly scope: string | undefined;
}
