import { type ChallengeOptions, toRefusal } from "../../auth/server/challenge.ts";
import type { AppError } from "../../base/errors.ts";
import { toErrorAnswer } from "./error-answer.ts";

/** How the gate writes its refusals: JSON-RPC at `/mcp`, what the route speaks elsewhere. */
export interface RefusalWriter {
  /** Any error: status and `Retry-After` by the error. */
  toAnswer(error: AppError): Response;
  /** A token that is missing or refused: also with its challenge. */
  toRefusal(error: AppError, options: ChallengeOptions): Response;
}

/** What MCP clients understand. */
export const rpcRefusals: RefusalWriter = { toAnswer: (error) => toErrorAnswer(error), toRefusal };
