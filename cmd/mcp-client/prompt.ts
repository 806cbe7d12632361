import { AppError } from "../../lib/base/errors.ts";
import { didYouMean } from "../../lib/base/nearest.ts";
import { quote } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { renderMessages } from "../../lib/terminal/render-messages.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import type { PromptArgument, PromptDescription } from "../../lib/transport/client/connect.ts";
import { readArguments } from "./argument-sources.ts";
import { withConnection } from "./open-connection.ts";
import { checkOutput, printResult } from "./print-result.ts";
import { makeToolArguments } from "./tool-arguments.ts";

/**
 * Finds a prompt by its name.
 *
 * @throws `unknown_prompt` naming the nearest
 */
export function findPrompt(prompts: readonly PromptDescription[], name: string): PromptDescription {
  const prompt = prompts.find((candidate) => candidate.name === name);
  if (prompt) return prompt;
  const names = prompts.map((candidate) => candidate.name);
  throw new AppError("unknown_prompt", `The server has no prompt ${quote(name)}.${didYouMean(name, names)}`, {
    hint: 'Run "mcp-client prompts" to see them all.',
  });
}

/** Arguments of prompts are text, and no others are taken (MCP, prompts/get). */
function schemaOf(args: readonly PromptArgument[]) {
  return {
    type: "object",
    properties: Object.fromEntries(args.map(({ name }) => [name, { type: "string" }])),
    required: args.filter(({ required }) => required === true).map(({ name }) => name),
    additionalProperties: false,
  };
}

/** `mcp-client prompt NAME key=value ...` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const [name = "", ...words] = context.positionals;
  await checkOutput(context);
  const sources = { words, args: undefined, argsFile: undefined, io: context.io };
  const given = await readArguments(sources, { signal });
  const result = await withConnection(context, { mayPrompt: false, signal }, async (connection) => {
    const prompt = findPrompt(await connection.listPrompts({ signal }), name);
    const args = await makeToolArguments(given, schemaOf(prompt.arguments));
    return connection.getPrompt(name, args as Record<string, string>, { signal });
  });
  const { messages } = result;
  await printResult(context, {
    json: result,
    render: (target) => renderMessages(messages, target),
    parts: messages.map(({ content }) => content),
  });
}
