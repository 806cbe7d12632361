import { type Html, markup } from "./markup.ts";
import { people, type Person } from "./people.ts";
import { apiUri, publicClientName } from "./registration.ts";

function renderPerson({ id, name, username, remark }: Person): Html {
  return markup`<label class="person"><input type="radio" name="person" value="${id}" required>
    <span><strong>${name}</strong><small>${username} - ${remark}</small></span></label>`;
}

/** What a person is asked to agree to. */
export interface Choice {
  /** Where the form is sent. */
  readonly action: string;
  /** The hidden field that says what it is about. */
  readonly about: Html;
  /** Stands behind the application's name. */
  readonly asks: Html;
  /** Short names. */
  readonly scopes: readonly string[];
}

/** A form with everybody who can sign in, and what the application asks for: it sends `person` and `decision`. */
export function renderChoice({ action, about, asks, scopes }: Choice): Html {
  return markup`<form method="post" action="${action}">
    ${about}
    <fieldset>
      <legend>Sign in as</legend>
      ${Object.values(people).map(renderPerson)}
    </fieldset>
    <p><strong>${publicClientName}</strong> ${asks}</p>
    <ul>
      ${scopes.map((name) => markup`<li><code>${apiUri}/${name}</code></li>`)}
    </ul>
    <div class="buttons">
      <button name="decision" value="approve">Approve</button>
      <button class="plain" name="decision" value="decline" formnovalidate>Decline</button>
    </div>
  </form>`;
}
