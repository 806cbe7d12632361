import type { Principal } from "../../../base/principal.ts";
import { toAuthInfo } from "../auth-info.ts";
import type { SessionTransport } from "./session-transport.ts";

/** One request, its token verified and its body parsed. */
export interface SessionRequest {
  readonly request: Request;
  readonly principal: Principal | undefined;
  /** Who it is counted for. */
  readonly caller: string;
  /** Parsed body of a POST. */
  readonly body: unknown;
}

/** Every caller without a token is one owner: addresses change, and the session's id is a secret. */
const anonymous = "anonymous";

/** The identity to which a session belongs. */
export function ownerOf({ principal }: SessionRequest): string {
  return principal?.key ?? anonymous;
}

/** Hands a request to the SDK. */
export function passOn(transport: SessionTransport, incoming: SessionRequest): Promise<Response> {
  const { request, principal, body } = incoming;
  return transport.handleRequest(request, { parsedBody: body, ...toAuthInfo(principal) });
}
