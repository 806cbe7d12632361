import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";
import { clientProgram, type ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { showSettings } from "../../lib/config/show-settings.ts";

/** `mcp-client config show` and `mcp-client config for HOST` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const [word, extra] = context.positionals;
  if (word === "for") return (await import("./config-for.ts")).printHostConfig(context);
  if (word !== "show")
    throw new AppError("usage", `"config" knows the words show and for, not ${quote(word)}.`);
  if (extra !== undefined) {
    throw new AppError("usage", `"config show" takes no further word; ${quote(extra)} is too much.`);
  }
  showSettings(clientProgram, context, { json: context.values.json });
}
