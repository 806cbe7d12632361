import { neutraliseLine } from "../base/text.ts";
import { joinBlocks, renderBlock, renderContent, type ShownResult, type Target } from "./render-result.ts";

type Block = ShownResult["content"][number];

/** Shows the contents of a resource: text as it is, binary parts named. Ends with a line feed, unless it is empty. */
export function renderContents(contents: readonly unknown[], target: Target): string {
  return joinBlocks(contents.map(renderContent), target);
}

/** Shows the messages of a prompt, each below who says it. Ends with a line feed, unless there are none. */
export function renderMessages(
  messages: readonly { readonly role: string; readonly content: Block }[],
  target: Target,
): string {
  const parts = messages.map(
    ({ role, content }) => `[${neutraliseLine(role)}]\n${renderBlock(content).replace(/\n$/, "")}`,
  );
  return joinBlocks(parts, target);
}
