import type { ToolDescription } from "../transport/client/contract.ts";
import type { ToolAnswer } from "./tool-answer.ts";
import { refusalAnswer } from "./tool-answer.ts";
import type { Arguments } from "./vet-call.ts";

/** A call that the model asks for, and that has not been made. Tool and arguments are other people's text. */
export interface ApprovalRequest {
  readonly callId: string;
  readonly tool: ToolDescription;
  /** In full; valid by the tool's schema. */
  readonly args: Arguments;
  /** Fires when the turn ends: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** That a call may not be made. */
export interface Disapproval {
  readonly isApproved: false;
  /** Nobody said yes, or a rule says no. */
  readonly reason: "not_approved" | "denied";
  /** Told to the model, e.g. what to do instead. */
  readonly note?: string;
}

/** Whether a call may be made. */
export type Approval = { readonly isApproved: true } | Disapproval;

/**
 * Asks whether a call may be made. Called as soon as each call is known, so several may wait at once: whoever asks a
 * person puts them in a row. What it throws counts as `not_approved`.
 */
export type Approve = (request: ApprovalRequest) => Promise<Approval>;

const reasons: Readonly<Record<Disapproval["reason"], string>> = {
  not_approved: "The person did not approve this call, so it was not made.",
  denied: "The person's settings deny this tool, so the call was not made.",
};

/** Tells the model in words that a call was not approved. */
export function explainDisapproval({ reason, note }: Disapproval): ToolAnswer {
  const advice = "Do not try to get the same in another way; say what you would need it for.";
  return refusalAnswer([reasons[reason], note ?? advice].join(" "));
}
