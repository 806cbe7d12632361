import { toRefusal } from "../../auth/server/challenge.ts";
import { readBearerToken } from "../../auth/server/bearer.ts";
import type { TokenVerifier } from "../../auth/server/verify-token.ts";
import { AppError, toAppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import type { Principal } from "../../base/principal.ts";
import { neutraliseLine } from "../../base/text.ts";
import { type AllowLists, checkHost, checkOrigin } from "./allow-lists.ts";
import { toErrorAnswer } from "./error-answer.ts";

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
}

/** What a caller gets: an answer at the door, or a way in. */
export type Admission =
  | { readonly isAdmitted: false; readonly response: Response }
  | { readonly isAdmitted: true; readonly principal: Principal | undefined };

/** Decides who comes in. */
export interface Gate {
  /** Host, then origin: for everything but health. */
  checkDoor(request: Request): Response | undefined;
  /** The bearer token. */
  authenticate(request: Request): Promise<Admission>;
}

/** Builds the gate; `listen` asks it in the order of DESIGN 4. */
export function createGate({ allowLists, authentication, log }: GateOptions): Gate {
  async function verify(request: Request, { verifier }: Authentication): Promise<Principal> {
    return verifier.verify(readBearerToken(request.headers.get("authorization")));
  }

  function refuse(thrown: unknown, request: Request, { metadataUrl, ...told }: Authentication): Response {
    const error = toAppError(thrown);
    if (error.code === "unexpected") {
      log.error(`A token could not be checked: ${error.detail}`);
      return toErrorAnswer(new AppError("unexpected", "The server failed."));
    }
    const detail = error.detail === undefined ? "" : ` (${neutraliseLine(error.detail)})`;
    if (error.code !== "missing_token") log.info(`Refused: ${error.code}${detail}`);
    return toRefusal(error, { ...told, metadataUrl: metadataUrl(request) });
  }

  return {
    checkDoor({ headers }) {
      const error =
        checkHost(headers.get("host"), allowLists) ?? checkOrigin(headers.get("origin"), allowLists);
      return error && toErrorAnswer(error);
    },
    async authenticate(request) {
      if (!authentication) return { isAdmitted: true, principal: undefined };
      try {
        return { isAdmitted: true, principal: await verify(request, authentication) };
      } catch (thrown) {
        return { isAdmitted: false, response: refuse(thrown, request, authentication) };
      }
    },
  };
}
