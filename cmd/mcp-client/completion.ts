import { AppError } from "../../lib/base/errors.ts";
import { didYouMean } from "../../lib/base/nearest.ts";
import { quote } from "../../lib/base/text.ts";
import { shells } from "../../lib/config/completion-shells.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { completionScripts } from "./completion-scripts.ts";

/** `mcp-client completion SHELL` */
export async function run({ positionals, io }: Context<ClientOptions>): Promise<void> {
  const [name = ""] = positionals;
  const shell = shells.find((known) => known === name || (name === "pwsh" && known === "powershell"));
  if (shell === undefined) {
    const known = shells.join(", ");
    throw new AppError(
      "usage",
      `There is a script for ${known}, not for ${quote(name)}.${didYouMean(name, shells)}`,
    );
  }
  io.stdout.write(completionScripts[shell]);
}
