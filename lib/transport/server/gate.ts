import { readBearerToken } from "../../auth/server/bearer.ts";
import type { TokenVerifier } from "../../auth/server/verify-token.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { AppError, toAppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import type { Principal } from "../../base/principal.ts";
import { neutraliseLine } from "../../base/text.ts";
import { type AllowLists, checkHost, checkOrigin } from "./allow-lists.ts";
import { defaultTransportLimits, type TransportLimits } from "./limits.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import { type RefusalWriter, rpcRefusals } from "./refusal-writer.ts";

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
  /** The bearer token, then how often its caller asks. */
  authenticate(request: Request, address: string, writer?: RefusalWriter): Promise<Admission>;
}

function tooOften(who: string, retryAfterSeconds: number): AppError {
  const hint = `Try again in ${retryAfterSeconds} s.`;
  return new AppError("rate_limited", `Too many requests from ${who}.`, { hint, retryAfterSeconds });
}

/** For the operator: also what --terse-errors leaves out of the answer. */
function describeRefused({ code, message, detail }: AppError): string {
  return neutraliseLine(`Refused: ${code}: ${message}${detail === undefined ? "" : ` (${detail})`}`);
}

/** A request whose token was not accepted. */
interface RefusedRequest {
  readonly request: Request;
  readonly authentication: Authentication;
  readonly writer: RefusalWriter;
  readonly log: Log;
}

async function verify(request: Request, { verifier }: Authentication): Promise<Principal> {
  return verifier.verify(readBearerToken(request.headers.get("authorization")));
}

function refuse(thrown: unknown, { request, authentication, writer, log }: RefusedRequest): Response {
  const { metadataUrl, ...told } = authentication;
  const error = toAppError(thrown);
  if (error.code === "unexpected") {
    log.error(`A token could not be checked: ${error.detail}`);
    return writer.toAnswer(new AppError("unexpected", "The server failed."));
  }
  if (error.code !== "missing_token") log.info(describeRefused(error));
  return writer.toRefusal(error, { ...told, metadataUrl: metadataUrl(request) });
}

/** Builds the gate; `listen` asks it in the order of DESIGN 4. */
export function createGate(options: GateOptions): Gate {
  const { allowLists, authentication, log, clock = systemClock, limits = defaultTransportLimits } = options;
  const addresses = createRateLimiter({ rate: limits.addressRate, clock });
  const callers = createRateLimiter({ rate: limits.callerRate, clock });
  const warnings = createRateLimiter({ rate: { perSecond: 1 / 60, burst: 1 }, clock });

  /** The operator hears of it once a minute: a proxy that is not named makes all callers one address. */
  function limitAddress({ headers }: Request, address: string): AppError | undefined {
    const waitSeconds = addresses.take(address);
    if (waitSeconds === undefined) return undefined;
    if (warnings.take("") === undefined) {
      const isProxy = headers.has("x-forwarded-for");
      const advice = isProxy ? " It forwards for others: a proxy of yours belongs in --trusted-proxies." : "";
      log.warn(`Too many requests from ${address} (--address-rate).${advice}`);
    }
    return tooOften("your address", waitSeconds);
  }

  function admit(
    principal: Principal | undefined,
    { address, writer }: { readonly address: string; readonly writer: RefusalWriter },
  ): Admission {
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
        checkHost(host, allowLists) ??
        checkOrigin(headers.get("origin"), host, allowLists) ??
        limitAddress(request, address);
      return error && writer.toAnswer(error);
    },
    async authenticate(request, address, writer = rpcRefusals) {
      if (!authentication) return admit(undefined, { address, writer });
      try {
        return admit(await verify(request, authentication), { address, writer });
      } catch (thrown) {
        const response = refuse(thrown, { request, authentication, writer, log });
        return { isAdmitted: false, response };
      }
    },
  };
}
