import { describeAadsts, isRefused, type Refusal } from "./aadsts.ts";
import { fillAadsts } from "./answer.ts";
import type { AuthorizationRequest } from "./authorization-codes.ts";
import { replyTo, showChoicePage, showRefusalPage, showStalePage } from "./authorize-page.ts";
import { readAuthorizationRequest, readQuery, readReplyTo, type ReplyTo } from "./authorize-request.ts";
import { readForm } from "./entra-request.ts";
import { findPerson, type Person } from "./people.ts";
import type { TenantState } from "./tenant-state.ts";
import { clientInfo } from "./token-answer.ts";
import { issuerV2 } from "./token-claims.ts";

/** Tells the application no (RFC 6749 section 4.1.2.1); `iss` by RFC 9207. */
function replyRefusal(state: TenantState, reply: ReplyTo, refusal: Refusal): Response {
  const { error, code } = describeAadsts(refusal.name);
  return replyTo(reply, {
    error,
    error_description: `AADSTS${code}: ${fillAadsts(refusal)}`,
    error_uri: `${state.origin}/error?code=${code}`,
    iss: issuerV2(state.origin),
  });
}

/** Begins a sign-in in a browser: `GET /{tenant}/oauth2/v2.0/authorize` (RFC 6749 section 4.1.1). */
export function answerAuthorize(state: TenantState, url: URL): Response {
  state.counts.authorize += 1;
  const parameters = readQuery(url);
  if (isRefused(parameters)) return showRefusalPage(parameters.refusal);
  const reply = readReplyTo(state, parameters);
  if (isRefused(reply)) return showRefusalPage(reply.refusal);
  const request = readAuthorizationRequest(state, parameters, reply);
  if (isRefused(request)) return replyRefusal(state, reply, request.refusal);
  return showChoicePage(state.authorizationCodes.begin(request), request);
}

function replyCode(state: TenantState, request: AuthorizationRequest, person: Person): Response {
  const code = state.authorizationCodes.issue(request, person);
  const info = request.wantsClientInfo ? { client_info: clientInfo(person.objectId) } : {};
  return replyTo(request, { code, ...info, iss: issuerV2(state.origin), session_state: crypto.randomUUID() });
}

/**
 * Takes the person's decision. A script acts as the person with one form post: `POST /authorize/decision` with
 * `request` (the hidden field of the page), `decision` = `approve` or `decline`, and for `approve` `person`.
 * Each sign-in is decided once.
 */
export async function takeAuthorizeDecision(state: TenantState, request: Request): Promise<Response> {
  const read = await readForm(request);
  const form = isRefused(read) ? new Map<string, string>() : read;
  const id = form.get("request") ?? "";
  const open = state.authorizationCodes.find(id);
  if (!open) return showStalePage();
  const person = findPerson(form.get("person") ?? "");
  const decision = form.get("decision");
  if (decision !== "decline" && (decision !== "approve" || !person)) return showChoicePage(id, open, 400);
  state.authorizationCodes.close(id);
  if (decision === "decline" || !person)
    return replyRefusal(state, open, { name: "consent_declined", values: {} });
  state.log.debug(`Dev tenant: ${person.name} signed in in a browser.`);
  return replyCode(state, open, person);
}
