import { neutralise, neutraliseLine } from "../base/text.ts";
import { renderBlock, renderContent, type ShownResult } from "./render-result.ts";

type Block = ShownResult["content"][number];

/** Whether what a terminal obeys has to go. */
interface Target {
  readonly isTerminal: boolean;
}

function finish(parts: readonly string[], { isTerminal }: Target): string {
  const shown = parts
    .filter((part) => part !== "")
    .map((part) => part.replace(/\n$/, ""))
    .join("\n");
  if (shown === "") return "";
  return `${isTerminal ? neutralise(shown) : shown}\n`;
}

/** Shows the contents of a resource: text as it is, binary parts named. Ends with a line feed, unless it is empty. */
export function renderContents(contents: readonly unknown[], target: Target): string {
  return finish(contents.map(renderContent), target);
}

/** Shows the messages of a prompt, each below who says it. Ends with a line feed, unless there are none. */
export function renderMessages(
  messages: readonly { readonly role: string; readonly content: Block }[],
  target: Target,
): string {
  const parts = messages.map(
    ({ role, content }) => `[${neutraliseLine(role)}]\n${renderBlock(content).replace(/\n$/, "")}`,
  );
  return finish(parts, target);
}
