import type { Clock } from "../base/clock.ts";
import { type Refused, refuse } from "./aadsts.ts";
import type { Person } from "./people.ts";
import type { ScopeRequest } from "./scope-request.ts";
import type { SecretRegistry } from "./secret-registry.ts";

/** What a refresh token stands for. */
export interface RefreshGrant {
  readonly clientId: string;
  readonly person: Person;
  readonly scope: ScopeRequest;
  /** All refresh tokens that descend from one sign-in share it. */
  readonly family: { isRevoked: boolean };
  /** Whether a page signed in: then only pages renew, and for a day. */
  readonly isSpa?: boolean;
}

interface Entry extends RefreshGrant {
  readonly expiresAtMs: number;
  isUsed: boolean;
}

const dayMs = 24 * 3600 * 1000;
/** Entra's: 90 days, and one for single-page applications. */
const lifetimeMs = { program: 90 * dayMs, page: dayMs };

/** More than this, and the oldest is forgotten. */
const maxRefreshTokens = 10_000;

/** Keeps the refresh tokens. Each is good for one use, without any grace. */
export class RefreshTokens {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #secrets: SecretRegistry;

  constructor(clock: Clock, secrets: SecretRegistry) {
    this.#clock = clock;
    this.#secrets = secrets;
  }

  /** Mints one. */
  issue({ clientId, person, scope, family, isSpa = false }: RefreshGrant): string {
    const random = crypto.getRandomValues(new Uint8Array(64));
    const token = this.#secrets.add("refresh_token", `1.A${Buffer.from(random).toString("base64url")}`);
    const expiresAtMs = this.#clock.nowMs() + (isSpa ? lifetimeMs.page : lifetimeMs.program);
    this.#entries.set(token, { clientId, person, scope, family, isSpa, expiresAtMs, isUsed: false });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > maxRefreshTokens && oldest !== undefined) this.#entries.delete(oldest);
    return token;
  }

  /** What a token stands for, or why it is refused. Does not use it up. */
  find(token: string, { revokeOnReuse }: { readonly revokeOnReuse: boolean }): RefreshGrant | Refused {
    const entry = this.#entries.get(token);
    if (!entry) return refuse("refresh_unknown");
    if (entry.isUsed) {
      if (revokeOnReuse) entry.family.isRevoked = true;
      return refuse("refresh_used");
    }
    if (entry.family.isRevoked) return refuse("refresh_revoked");
    return this.#clock.nowMs() >= entry.expiresAtMs ? refuse("refresh_expired") : entry;
  }

  /** Uses a token up: it was exchanged for a new one. */
  use(token: string): void {
    const entry = this.#entries.get(token);
    if (entry) entry.isUsed = true;
  }
}
