import type { Client } from "@modelcontextprotocol/client";

/** A form that the server wants filled in (MCP, elicitation in form mode). Other people's text. */
export interface ElicitedForm {
  readonly message: string;
  /** JSON Schema of a flat object. */
  readonly requestedSchema: Readonly<Record<string, unknown>>;
}

/** An address that the server wants visited (MCP, elicitation in URL mode). Other people's text. */
export interface ElicitedVisit {
  readonly message: string;
  readonly url: string;
}

/** What a form was filled in with. */
export type FormContent = Readonly<Record<string, string | number | boolean | string[]>>;

/** What a person did with what the server asks: gave it, said no, or said nothing. */
export type ElicitationAnswer =
  | { readonly action: "accept"; readonly content?: FormContent }
  | { readonly action: "decline" }
  | { readonly action: "cancel" };

/** Asks a person what a server wants to know in the middle of a request. What it throws counts as `cancel`. */
export interface Elicitation {
  fillForm(form: ElicitedForm, options: { readonly signal: AbortSignal }): Promise<ElicitationAnswer>;
  visit(visit: ElicitedVisit, options: { readonly signal: AbortSignal }): Promise<ElicitationAnswer>;
}

/**
 * Hands what the server asks of a person on, in both families of revisions.
 *
 * @param whileAsked runs the asking; how long a person thinks does not count as silence of the server
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 */
export function answerElicitation(
  client: Client,
  elicitation: Elicitation,
  whileAsked: <T>(ask: () => Promise<T>) => Promise<T>,
): void {
  client.setRequestHandler("elicitation/create", async ({ params }, { mcpReq }) => {
    const { signal } = mcpReq;
    const ask = (): Promise<ElicitationAnswer> => {
      if ("requestedSchema" in params) {
        const { message, requestedSchema } = params;
        return elicitation.fillForm({ message, requestedSchema }, { signal });
      }
      return elicitation.visit({ message: params.message, url: params.url }, { signal });
    };
    const answer = await whileAsked(ask).catch((): ElicitationAnswer => ({ action: "cancel" }));
    const content = answer.action === "accept" ? answer.content : undefined;
    return { action: answer.action, ...(content && { content: { ...content } }) };
  });
}
