import { isRefused } from "./aadsts.ts";
import type { DeviceAuthorization } from "./device-authorizations.ts";
import { readForm } from "./entra-request.ts";
import { markup } from "./markup.ts";
import { answerPage } from "./page.ts";
import { renderChoice } from "./people-choice.ts";
import { findPerson, type Person } from "./people.ts";
import { publicClientName } from "./registration.ts";
import type { TenantState } from "./tenant-state.ts";

/** What is typed longer than this is no code and is not shown again. */
const maxTypedLength = 40;

function showCodePage(problem?: { readonly typed: string }): Response {
  const message = markup`<p class="bad" id="problem" role="alert">
    That code is wrong, has expired or was used. Compare it with what the application shows.
  </p>`;
  const body = markup`${problem ? message : []}
    <form method="post" action="/devicelogin">
      <label for="user_code">Code from the application</label>
      <input
        type="text"
        id="user_code"
        name="user_code"
        value="${problem?.typed ?? ""}"
        required
        autofocus
        maxlength="20"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck="false"
        aria-describedby="${problem ? "problem" : "hint"}"
     >
      <p id="hint">
        <small>Only type a code that you started yourself: whoever gave it to you gets your rights.</small>
      </p>
      <div class="buttons"><button>Next</button></div>
    </form>`;
  return answerPage({ title: "Enter code", body, status: problem ? 400 : 200 });
}

function showDecisionPage({ userCode, scope }: DeviceAuthorization, status = 200): Response {
  const body = renderChoice({
    action: "/devicelogin/decision",
    about: markup`<input type="hidden" name="user_code" value="${userCode}">`,
    asks: markup`shows the code <code>${userCode}</code> and asks for:`,
    scopes: scope.scopes,
  });
  return answerPage({ title: "Who are you?", body, status });
}

function showDonePage(person: Person | undefined): Response {
  const body = person
    ? markup`<p role="status">
        ${publicClientName} now acts as <strong>${person.name}</strong>. You can close this page.
      </p>`
    : markup`<p role="status">${publicClientName} was told no. You can close this page.</p>`;
  return answerPage({ title: person ? "You are signed in" : "You declined", body });
}

/** Shows the page on which the code is typed. */
export function answerCodePage(): Response {
  return showCodePage();
}

async function readPageForm(request: Request): Promise<ReadonlyMap<string, string>> {
  const form = await readForm(request);
  return isRefused(form) ? new Map() : form;
}

/**
 * Takes the typed code. A script acts as the person with two form posts (urlencoded, no cookie, no `Origin`):
 * 1. `POST /devicelogin` with `user_code`: 200 and the page with people, or 400 for a wrong code (optional);
 * 2. `POST /devicelogin/decision` with `user_code`, `decision` = `approve` or `decline`, and for `approve`
 *    `person` = `ada`, `ben` or `gia`: 200 when it counted, 400 otherwise.
 */
export async function takeCode(state: TenantState, request: Request): Promise<Response> {
  const typed = (await readPageForm(request)).get("user_code") ?? "";
  const authorization = state.deviceAuthorizations.findPending(typed);
  return authorization
    ? showDecisionPage(authorization)
    : showCodePage({ typed: typed.slice(0, maxTypedLength) });
}

/** Takes the person's decision; the fields are those of {@link takeCode}. */
export async function takeDecision(state: TenantState, request: Request): Promise<Response> {
  const form = await readPageForm(request);
  const authorization = state.deviceAuthorizations.findPending(form.get("user_code") ?? "");
  if (!authorization) return showCodePage({ typed: "" });
  const decision = form.get("decision");
  const person = findPerson(form.get("person") ?? "");
  if (decision === "decline") {
    authorization.status = "declined";
    return showDonePage(undefined);
  }
  if (decision !== "approve" || !person) return showDecisionPage(authorization, 400);
  authorization.person = person;
  authorization.status = "approved";
  state.log.debug(`Dev tenant: ${person.name} signed in by device code.`);
  return showDonePage(person);
}
