import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/*
 * What a browser and the person in front of it do, without a browser: also a program, so that tests can name it in
 * `$BROWSER`: bun browser.ts ADDRESS.
 */

/** What the person chooses. */
export interface Choice {
  /** Default `ada`. */
  readonly person?: "ada" | "ben" | "gia";
  /** Default `approve`. */
  readonly decision?: "approve" | "decline";
}

/** A form that a page would send by itself. */
export interface Form {
  readonly action: string;
  readonly fields: URLSearchParams;
}

function unescape(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** Reads the one form of a page. */
export function readForm(page: string): Form {
  const action = /<form method="post" action="([^"]*)"/.exec(page)?.[1];
  if (action === undefined) throw new Error(`the page has no form:\n${page}`);
  const inputs = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  const fields = [...inputs].map(([, name = "", value = ""]) => [name, unescape(value)] as [string, string]);
  return { action: unescape(action), fields: new URLSearchParams(fields) };
}

/** Opens the dev tenant's page, chooses, and gives the form by which it answers the application. */
export async function decideAt(
  address: string,
  { person = "ada", decision = "approve" }: Choice = {},
): Promise<Form> {
  const opened = await fetch(address);
  if (!opened.ok) throw new Error(`the page does not open: ${opened.status} ${await opened.text()}`);
  const { action, fields } = readForm(await opened.text());
  fields.set("person", person);
  fields.set("decision", decision);
  const answer = await fetch(new URL(action, address), { method: "POST", body: fields });
  return readForm(await answer.text());
}

/** Signs in: opens the page, decides, and brings the answer back to the application. */
export async function signInAt(address: string, choice: Choice = {}): Promise<void> {
  const { action, fields } = await decideAt(address, choice);
  const delivered = await fetch(action, { method: "POST", body: fields });
  if (!delivered.ok) throw new Error(`the application refused the answer: ${delivered.status}`);
}

/** Writes a program for `$BROWSER` behind which Ada agrees to everything. */
export function writeBrowser(folder: string): string {
  const path = join(folder, "browser");
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${import.meta.path}" "$@"\n`);
  chmodSync(path, 0o700);
  return path;
}

if (import.meta.main) await signInAt(process.argv[2] ?? "");
