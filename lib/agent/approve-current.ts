import type { Abortable } from "../base/abort.ts";
import { unlessAborted } from "../base/abort.ts";
import type { RefusalReason } from "../base/events.ts";
import type { ToolDescription } from "../transport/client/contract.ts";
import { fingerprintTool } from "./approval-policy.ts";
import { type Approval, type ApprovalRequest, type Approve, explainDisapproval } from "./approval.ts";
import type { ToolAnswer } from "./tool-answer.ts";
import { refuseArguments, refuseUnknown } from "./vet-call.ts";

/** What a call is approved with. */
export interface ApproveCurrentOptions {
  /** Absent: every call is approved. */
  readonly approve: Approve | undefined;
  /** The tool of this name as the server lists it now; undefined where it does not. */
  readonly findCurrent: (toolName: string, options: Abortable) => Promise<ToolDescription | undefined>;
}

/** Whether a call is made, and of which tool. */
export type CurrentApproval =
  | { readonly isApproved: true; readonly tool: ToolDescription }
  | { readonly isApproved: false; readonly reason: RefusalReason; readonly answer: ToolAnswer };

/** So often a tool may change while somebody is asked about it. */
const maxAsked = 3;

async function ask(approve: Approve, request: ApprovalRequest): Promise<Approval> {
  try {
    return await unlessAborted(approve(request), request.signal);
  } catch {
    return { isApproved: false, reason: "not_approved" };
  }
}

/**
 * Has a call approved of the tool as it is when the call is made: one that the server changed meanwhile is another
 * tool, about which nobody has been asked.
 *
 * @param toolName under which the model knows the tool
 */
export async function approveCurrent(
  toolName: string,
  request: ApprovalRequest,
  { approve, findCurrent }: ApproveCurrentOptions,
): Promise<CurrentApproval> {
  const { args, signal } = request;
  let { tool } = request;
  if (!approve) return { isApproved: true, tool };
  for (let asked = 0; asked < maxAsked; asked++) {
    const approval = await ask(approve, { ...request, tool });
    if (!approval.isApproved) return { ...approval, answer: explainDisapproval(approval) };
    const current = await findCurrent(toolName, { signal });
    if (!current) return { isApproved: false, ...refuseUnknown(toolName) };
    if (fingerprintTool(current) === fingerprintTool(tool)) return { isApproved: true, tool: current };
    const refusal = await refuseArguments(args, current);
    if (refusal) return { isApproved: false, ...refusal };
    tool = current;
  }
  const disapproval = {
    isApproved: false,
    reason: "not_approved",
    note: "The tool keeps changing.",
  } as const;
  return { ...disapproval, answer: explainDisapproval(disapproval) };
}
