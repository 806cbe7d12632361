import { expect, test } from "bun:test";
import { Interruptible } from "../../cmd/mcp-agent/interruptible.ts";
import { createElicitation, type Person } from "../../cmd/mcp-agent/person.ts";
import { Dialog } from "../../lib/terminal/dialog.ts";
import { createLiveTerminal } from "../../lib/terminal/live-terminal.ts";
import { createStyle } from "../../lib/terminal/style.ts";
import { openTerminal, settle } from "../terminal/editor/typing.ts";

const signal = new AbortController().signal;
const form = { message: "Password?", requestedSchema: { type: "object", properties: { a: {} } } };
const visit = { message: "Go", url: "https://a.example/" };

function openPerson() {
  const opened = openTerminal(60, 30);
  const work = new Interruptible();
  const terminal = createLiveTerminal(opened.terminal);
  const dialog = new Dialog(terminal, work.interrupt);
  const person: Person = { terminal, dialog, style: createStyle(false), work };
  return { ...opened, work, elicitation: createElicitation(person, () => "s at h") };
}

test("a server asks nothing while the person types a prompt: the keys are not its", async () => {
  const { elicitation, read, type, shown } = openPerson();
  const line = read();
  type("my ");
  expect(await elicitation.fillForm(form, { signal })).toEqual({ action: "cancel" });
  expect(await elicitation.visit(visit, { signal })).toEqual({ action: "cancel" });
  type("prompt\r");
  expect(await line).toEqual({ type: "line", text: "my prompt" });
  expect(shown.text.join()).not.toContain("Password");
});

test("a server asks while something runs that the person began", async () => {
  const { elicitation, work, type, shown } = openPerson();
  const answer = work.run(() => elicitation.visit(visit, { signal }), signal);
  await settle();
  type("y\r");
  expect(await answer).toEqual({ action: "accept" });
  expect(shown.text[0]).toBe("s at h asks you to open an address: Go");
});
