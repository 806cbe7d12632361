import { describeAadsts, type Refusal } from "./aadsts.ts";
import { fillAadsts } from "./answer.ts";
import type { AuthorizationRequest } from "./authorization-codes.ts";
import type { ReplyTo } from "./authorize-request.ts";
import { markup } from "./markup.ts";
import { answerPage } from "./page.ts";
import { renderChoice } from "./people-choice.ts";

/** Sends the filled form on by itself; the page has a button for browsers that run no scripts. */
const submitScript = "document.forms[0].submit()";

/** Shows who can sign in and what the application asks for. */
export function showChoicePage(id: string, request: AuthorizationRequest, status = 200): Response {
  const body = renderChoice({
    action: "/authorize/decision",
    about: markup`<input type="hidden" name="request" value="${id}">`,
    asks: markup`asks for:`,
    scopes: request.scope.scopes,
  });
  // Browsers hold what a form is redirected to against the policy as well.
  return answerPage({
    title: "Who are you?",
    body,
    status,
    formTargets: [new URL(request.redirectUri).origin],
  });
}

/** Shows why nobody can sign in, where the application cannot be told. */
export function showRefusalPage(refusal: Refusal): Response {
  const { code } = describeAadsts(refusal.name);
  const body = markup`<p class="bad" role="alert">AADSTS${code}: ${fillAadsts(refusal)}</p>`;
  return answerPage({ title: "Sorry, but signing in does not work", body, status: 400 });
}

/** Shows that a decision came too late, or twice. */
export function showStalePage(): Response {
  const body = markup`<p class="bad" role="alert">
    This sign-in has expired or was decided already. Start it again in the application.
  </p>`;
  return answerPage({ title: "Too late", body, status: 400 });
}

/** Sends an answer to the application, in the way it asked for. */
export function replyTo({ redirectUri, responseMode, state }: ReplyTo, answer: object): Response {
  const fields: [string, string][] = Object.entries({ ...answer, ...(state === undefined ? {} : { state }) });
  if (responseMode !== "form_post") {
    const url = new URL(redirectUri);
    if (responseMode === "fragment") url.hash = new URLSearchParams(fields).toString();
    else for (const [name, value] of fields) url.searchParams.set(name, value);
    const headers = { Location: url.href, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" };
    // 303: the browser gets the next page by GET (RFC 9700 section 4.12).
    return new Response(null, { status: 303, headers });
  }
  const inputs = fields.map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`);
  const body = markup`<form method="post" action="${redirectUri}">
    ${inputs}
    <p>You are sent back to the application.</p>
    <div class="buttons"><button>Continue</button></div>
  </form>`;
  return answerPage({
    title: "Back to the application",
    body,
    formTargets: [new URL(redirectUri).origin],
    script: submitScript,
  });
}
