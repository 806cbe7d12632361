import { AppError, describeErrorCode } from "../../../base/errors.ts";

/** `error` of a call that failed outside of its tool; what is not ours to show stays hidden. */
export function toCallError(thrown: unknown): { readonly code: number; readonly message: string } {
  if (!(thrown instanceof AppError)) return { code: -32603, message: "The server failed." };
  return { code: describeErrorCode(thrown.code).jsonRpc, message: thrown.message };
}
