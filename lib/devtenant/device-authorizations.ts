import type { Clock } from "../base/clock.ts";
import type { Person } from "./people.ts";
import type { ScopeRequest } from "./scope-request.ts";
import type { SecretRegistry } from "./secret-registry.ts";

/** A sign-in that waits for its person, or has had its answer (RFC 8628). */
export interface DeviceAuthorization {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly clientId: string;
  readonly scope: ScopeRequest;
  readonly expiresAtMs: number;
  status: "pending" | "approved" | "declined" | "redeemed";
  /** Who approved. */
  person?: Person;
}

/** More open sign-ins than this, and the oldest is forgotten. */
const maxAuthorizations = 1000;

/** No vowels, no digits: nothing to mix up and no words (RFC 8628 section 6.1). */
const userCodeAlphabet = "BCDFGHJKLMNPQRSTVWXZ";
const userCodeLength = 9;

function randomUserCode(): string {
  let code = "";
  while (code.length < userCodeLength) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
    // 240 is the largest multiple of 20 in a byte: beyond it some letters would be likelier.
    if (byte < 240) code += userCodeAlphabet[byte % userCodeAlphabet.length];
  }
  return code;
}

/** Keeps the device authorizations. Does not limit guesses: the page is loopback and for one person. */
export class DeviceAuthorizations {
  readonly #byDeviceCode = new Map<string, DeviceAuthorization>();
  readonly #clock: Clock;
  readonly #secrets: SecretRegistry;

  constructor(clock: Clock, secrets: SecretRegistry) {
    this.#clock = clock;
    this.#secrets = secrets;
  }

  /** Opens one with fresh codes. */
  begin(clientId: string, scope: ScopeRequest, lifetimeSeconds: number): DeviceAuthorization {
    const random = crypto.getRandomValues(new Uint8Array(48));
    const authorization: DeviceAuthorization = {
      deviceCode: this.#secrets.add("device_code", `D.${Buffer.from(random).toString("base64url")}`),
      userCode: this.#secrets.add("user_code", randomUserCode()),
      clientId,
      scope,
      expiresAtMs: this.#clock.nowMs() + lifetimeSeconds * 1000,
      status: "pending",
    };
    this.#byDeviceCode.set(authorization.deviceCode, authorization);
    const [oldest] = this.#byDeviceCode.keys();
    if (this.#byDeviceCode.size > maxAuthorizations && oldest !== undefined)
      this.#byDeviceCode.delete(oldest);
    return authorization;
  }

  /** The one with this device code, in whatever state. */
  findByDeviceCode(deviceCode: string): DeviceAuthorization | undefined {
    return this.#byDeviceCode.get(deviceCode);
  }

  /** The pending one whose user code was typed; case, blanks and hyphens do not matter. */
  findPending(typed: string): DeviceAuthorization | undefined {
    const userCode = typed.toUpperCase().replace(/[^A-Z0-9]/g, "");
    return [...this.#byDeviceCode.values()].find(
      (one) => one.userCode === userCode && one.status === "pending" && !this.isExpired(one),
    );
  }

  /** Whether its time is over. */
  isExpired({ expiresAtMs }: DeviceAuthorization): boolean {
    return this.#clock.nowMs() >= expiresAtMs;
  }
}
