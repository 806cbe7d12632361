/** Stands in `state`, by which an answer in the sign-in window is known. */
export const popupMark = "popup";

/** Whether this page was loaded in the sign-in window, with the answer for the page that opened it. */
export function isPopupAnswer(hash: string): boolean {
  const state = new URLSearchParams(hash.replace(/^#/, "")).get("state");
  // MSAL writes its own part, a bar, then ours.
  return state?.split("|").at(-1) === popupMark;
}

/** Hands the answer to the page that waits for it, and closes the window. */
export async function deliverPopupAnswer(): Promise<void> {
  const { broadcastResponseToMainFrame } = await import("@azure/msal-browser/redirect-bridge");
  await broadcastResponseToMainFrame();
}
