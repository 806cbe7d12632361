import { type Html, markup } from "./markup.ts";
import { people, type Person } from "./people.ts";

function renderPerson({ id, name, username, remark }: Person): Html {
  return markup`<label class="person"><input type="radio" name="person" value="${id}" required>
    <span><strong>${name}</strong><small>${username} - ${remark}</small></span></label>`;
}

/** Everybody who can sign in, each with a field `person` to choose them. */
export function renderPeople(): readonly Html[] {
  return Object.values(people).map(renderPerson);
}
