import type { AdmittedRequest } from "../admitted-request.ts";
import type { DirectTools } from "../binders.ts";
import { type Slots, takeCall } from "../slots.ts";
import { matchModernCall, matchModernQuestion, matchSessionCall } from "./match-call.ts";
import { answerModernCall } from "./modern-call.ts";
import { answerSessionCall, type SessionCallOptions } from "./session-call.ts";

const json = { headers: new Headers({ "content-type": "application/json" }) };

interface KeptAnswerOptions {
  readonly tools: DirectTools;
  /** Calls of each caller that may run at a time: this counts as one, and is over at once. */
  readonly calls: Slots;
}

/** Answers what has always the same result. @throws `too_many_calls` */
function answerKept(
  { request: { headers }, caller }: AdmittedRequest,
  body: unknown,
  { tools, calls }: KeptAnswerOptions,
): Response | undefined {
  const question = matchModernQuestion(headers, body);
  const result = question && tools.kept.get(question.method);
  if (result === undefined) return undefined;
  takeCall(calls, caller)();
  return new Response(`{"result":${result},"jsonrpc":"2.0","id":${JSON.stringify(question?.id)}}`, json);
}

/**
 * The way of the commonest request, a `tools/call` that is in nothing out of the ordinary, from the gate to its tool:
 * the SDKs look at each message five times over, which costs ten times what the tool does. What does not match to the
 * last member goes to them.
 *
 * @returns a function that answers such a request, and gives undefined for any other; it throws `too_many_calls`
 */
export function createDirectPath(options: SessionCallOptions) {
  const { tools, sessions } = options;
  return (admitted: AdmittedRequest, body: unknown): Response | Promise<Response> | undefined => {
    const { headers, method } = admitted.request;
    if (method !== "POST") return undefined;
    if (!headers.has("mcp-session-id")) {
      const call = matchModernCall(headers, body);
      if (!call) return answerKept(admitted, body, options);
      return tools.has(call.name) ? answerModernCall(call, admitted, options) : undefined;
    }
    const session = sessions.find({ ...admitted, body });
    const call = session && matchSessionCall(headers, body, session.protocolVersion);
    if (!call || !tools.has(call.name) || session.running.get(call.id)) return undefined;
    return answerSessionCall({ session, call, admitted }, options);
  };
}
