import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { toSafeJson } from "../../lib/base/text.ts";
import { styleOfStdout } from "../../lib/config/style-of.ts";
import { renderPromptList } from "../../lib/terminal/render-offers.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { withConnection } from "./open-connection.ts";

/** `mcp-client prompts` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const { io, values } = context;
  const prompts = await withConnection(context, { mayPrompt: false, signal }, (connection) =>
    connection.listPrompts({ signal }),
  );
  const { columns, hasColor: color } = styleOfStdout(io);
  const text = values.json ? `${toSafeJson({ prompts })}\n` : renderPromptList(prompts, { columns, color });
  io.print(text);
}
