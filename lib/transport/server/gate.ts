import { peekBearerToken, readBearerToken } from "../../auth/server/bearer.ts";
import type { TokenVerifier } from "../../auth/server/verify-token.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { AppError, toAppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import type { Principal } from "../../base/principal.ts";
import { neutraliseLine } from "../../base/text.ts";
import { type AllowLists, checkOrigin, createHostCheck } from "./allow-lists.ts";
import { defaultTransportLimits, type TransportLimits } from "./limits.ts";
import { createRateLimiter, type RateLimit } from "./rate-limiter.ts";
import { type RefusalWriter, rpcRefusals } from "./refusal-writer.ts";
import { createRefusals } from "./refusals.ts";
import { createRepeatedLines } from "./repeated-lines.ts";

/** How callers are authenticated. */
export interface Authentication {
  readonly verifier: TokenVerifier;
  /** Address of the protected-resource metadata for a request. */
  readonly metadataUrl: (request: Request) => string;
  /** Fully qualified scopes for challenges. */
  readonly scopes: readonly string[];
  /** Leaves out of the answers why a token was refused. Default false. */
  readonly isTerse?: boolean;
}

export interface GateOptions {
  readonly allowLists: AllowLists;
  /** Absent: everybody comes in. */
  readonly authentication: Authentication | undefined;
  readonly log: Log;
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
  /** Default {@link defaultTransportLimits}. */
  readonly limits?: Pick<TransportLimits, "addressRate" | "callerRate">;
}

/** What a caller gets: an answer at the door, or a way in. */
export type Admission =
  | { readonly isAdmitted: false; readonly response: Response }
  | {
      readonly isAdmitted: true;
      readonly principal: Principal | undefined;
      /** Who the request is counted for: the caller, or without tokens an address. */
      readonly caller: string;
    };

/** Decides who comes in. */
export interface Gate {
  /**
   * Host, then origin, then how often this address asks: for everything but health.
   *
   * @param writer default {@link rpcRefusals}
   */
  checkDoor(request: Request, address: string, writer?: RefusalWriter): Response | undefined;
  /** The bearer token, then how often its caller asks. What is known at once is said at once. */
  authenticate(request: Request, address: string, writer?: RefusalWriter): Admission | Promise<Admission>;
}

function tooOften(who: string, retryAfterSeconds: number): AppError {
  const hint = `Try again in ${retryAfterSeconds} s.`;
  return new AppError("rate_limited", `Too many requests from ${who}.`, { hint, retryAfterSeconds });
}

/** For the operator: also what --terse-errors leaves out of the answer. */
function describeRefused({ code, message, detail }: AppError): string {
  return `Refused: ${code}: ${message}${detail === undefined ? "" : ` (${detail})`}`;
}

/** Tells the operator of refused tokens; callers without one are told alone. */
function createRefusalLog(log: Log): (error: AppError) => void {
  const lines = createRepeatedLines({ log: (line) => log.info(neutraliseLine(line)) });
  let last: AppError | undefined;
  let lastLine = "";
  return (error) => {
    if (error !== last) lastLine = describeRefused(error);
    last = error;
    if (error.code !== "missing_token") lines.write(lastLine);
  };
}

/** A request that asks to come in. */
interface Knock {
  readonly request: Request;
  readonly address: string;
  readonly writer: RefusalWriter;
}

/** What is known of a token is said, or thrown, at once, before its characters are looked at. */
function verify(request: Request, verifier: TokenVerifier): Principal | Promise<Principal> {
  const authorization = request.headers.get("authorization");
  const likely = peekBearerToken(authorization);
  const known = likely === undefined ? undefined : verifier.recall?.(likely);
  if (known) return known;
  const token = readBearerToken(authorization);
  return verifier.verifyNow ? verifier.verifyNow(token) : verifier.verify(token);
}

interface AddressLimitOptions {
  readonly rate: RateLimit;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Counts the requests of each address. The operator hears of too many once a minute: a proxy that is not named makes
 * all callers one address.
 */
function createAddressLimit({ rate, clock, log }: AddressLimitOptions) {
  const addresses = createRateLimiter({ rate, clock });
  const warnings = createRateLimiter({ rate: { perSecond: 1 / 60, burst: 1 }, clock });
  return ({ headers }: Request, address: string): AppError | undefined => {
    const waitSeconds = addresses.take(address);
    if (waitSeconds === undefined) return undefined;
    if (warnings.take("") === undefined) {
      const isProxy = headers.has("x-forwarded-for");
      const advice = isProxy ? " It forwards for others: a proxy of yours belongs in --trusted-proxies." : "";
      log.warn(`Too many requests from ${address} (--address-rate).${advice}`);
    }
    return tooOften("your address", waitSeconds);
  };
}

/** Answers those whose token was not accepted, and tells the operator of them. */
function createTurnAway(authentication: Authentication, log: Log) {
  const toRefusal = createRefusals(authentication);
  const logRefusal = createRefusalLog(log);

  function refuse(thrown: unknown, { request, writer }: Knock): Response {
    const error = toAppError(thrown);
    if (error.code === "unexpected") {
      log.error(`A token could not be checked: ${error.detail}`);
      return writer.toAnswer(new AppError("unexpected", "The server failed."));
    }
    logRefusal(error);
    const metadataUrl = authentication.metadataUrl(request);
    return writer === rpcRefusals
      ? toRefusal(error, metadataUrl)
      : writer.toRefusal(error, { ...authentication, metadataUrl });
  }

  return (thrown: unknown, knock: Knock): Admission => ({
    isAdmitted: false,
    response: refuse(thrown, knock),
  });
}

/** Builds the gate; `listen` asks it in the order of DESIGN 4. */
export function createGate(options: GateOptions): Gate {
  const { allowLists, authentication, log, clock = systemClock, limits = defaultTransportLimits } = options;
  const callers = createRateLimiter({ rate: limits.callerRate, clock });
  const limitAddress = createAddressLimit({ rate: limits.addressRate, clock, log });
  const checkHost = createHostCheck(allowLists);
  const protection = authentication && {
    verifier: authentication.verifier,
    turnAway: createTurnAway(authentication, log),
  };

  function admit(principal: Principal | undefined, { address, writer }: Knock): Admission {
    const caller = principal?.key ?? `address ${address}`;
    const waitSeconds = callers.take(caller);
    if (waitSeconds === undefined) return { isAdmitted: true, principal, caller };
    return { isAdmitted: false, response: writer.toAnswer(tooOften("you", waitSeconds)) };
  }

  return {
    checkDoor(request, address, writer = rpcRefusals) {
      const { headers } = request;
      const host = headers.get("host");
      const error =
        checkHost(host) ??
        checkOrigin(headers.get("origin"), host, allowLists) ??
        limitAddress(request, address);
      return error && writer.toAnswer(error);
    },
    authenticate(request, address, writer = rpcRefusals) {
      const knock = { request, address, writer };
      if (!protection) return admit(undefined, knock);
      const { verifier, turnAway } = protection;
      try {
        const outcome = verify(request, verifier);
        if (!(outcome instanceof Promise)) return admit(outcome, knock);
        return outcome
          .then((principal) => admit(principal, knock))
          .catch((thrown: unknown) => turnAway(thrown, knock));
      } catch (thrown) {
        return turnAway(thrown, knock);
      }
    },
  };
}
