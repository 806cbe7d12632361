import type { Client, ClientCapabilities } from "@modelcontextprotocol/client";
import type { ServerAnswers } from "./contract.ts";
import type { Elicitation } from "./elicitation.ts";

/** What a client declares: nothing, unless it has answers, or somebody to ask. */
export function capabilitiesFor(
  answers: ServerAnswers | undefined,
  elicitation: Elicitation | undefined,
): ClientCapabilities {
  if (elicitation) return { elicitation: { form: {}, url: {} } };
  return answers ? { roots: {}, sampling: {}, elicitation: { form: { applyDefaults: true } } } : {};
}

/**
 * Lets a client answer what the server asks of it, in both families of revisions. Forms are always accepted, and
 * nobody is asked: only for programs that test servers.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 */
export function answerServer(client: Client, answers: ServerAnswers): void {
  client.setRequestHandler("roots/list", () => ({ roots: [] }));
  client.setRequestHandler("sampling/createMessage", () => ({
    model: "none",
    role: "assistant" as const,
    content: { type: "text" as const, text: answers.sample() },
    stopReason: "endTurn",
  }));
  client.setRequestHandler("elicitation/create", ({ params }) => {
    if (!("requestedSchema" in params)) return { action: "decline" as const };
    const { message, requestedSchema } = params;
    return { action: "accept" as const, content: { ...answers.elicit({ message, requestedSchema }) } };
  });
}
