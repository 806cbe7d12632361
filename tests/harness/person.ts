/** What a person does on the dev tenant's page. */
export interface Decision {
  readonly person?: "ada" | "ben" | "gia";
  readonly decision?: "approve" | "decline";
}

/** Does what a person does with the page and the code that a program showed: types it, chooses who, decides. */
export async function decideOnPage(
  pageUrl: string,
  userCode: string,
  decision: Decision = {},
): Promise<void> {
  const typed = await fetch(pageUrl, { method: "POST", body: new URLSearchParams({ user_code: userCode }) });
  if (!typed.ok) throw new Error(`the page refused the code: ${typed.status}`);
  const { person = "ada", decision: choice = "approve" } = decision;
  const form = new URLSearchParams({ user_code: userCode, person, decision: choice });
  const decided = await fetch(new URL("/devicelogin/decision", pageUrl), { method: "POST", body: form });
  if (!decided.ok) throw new Error(`the page refused the decision: ${decided.status}`);
}
