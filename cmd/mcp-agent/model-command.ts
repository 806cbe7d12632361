import { openModel } from "../../lib/agent/open-model.ts";
import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { checkHttpUrl } from "../../lib/config/shared-options.ts";
import { chooseModel } from "./choose-model.ts";
import type { SlashCommand } from "./slash-command.ts";
import type { Talk } from "./talk.ts";

/** Which model is used, and where. */
export function describeModel({ values }: Context<AgentOptions>): string {
  const { model, baseUrl } = values;
  const where = baseUrl === undefined || model === "scripted" ? "" : ` at ${quote(baseUrl)}`;
  return `The model is ${model === undefined ? "the only one" : quote(model)}${where}.`;
}

/** The settings with what a person typed, which counts as a flag does. */
function withTyped(
  context: Context<AgentOptions>,
  model: string,
  baseUrl: string | undefined,
): Context<AgentOptions> {
  const typed = { kind: "flag", name: "/model" } as const;
  const isOther = baseUrl !== undefined;
  return {
    ...context,
    values: { ...context.values, model, ...(isOther && { baseUrl }) },
    origins: { ...context.origins, model: typed, ...(isOther && { baseUrl: typed }) },
  };
}

/** `/model`: shows the model, or takes another from the next turn on. */
export function createModelCommand({ context: first, modelSignIn, setModel, say }: Talk): SlashCommand {
  let context = first;
  return {
    name: "model",
    argument: "[NAME [BASE-URL]]",
    summary: "the model, or another one from now on",
    async run(argument, { signal }) {
      const [model, baseUrl, ...more] = argument.split(/\s+/).filter((word) => word !== "");
      if (model === undefined) return say(describeModel(context));
      const fault = baseUrl === undefined ? undefined : checkHttpUrl(baseUrl);
      if (fault !== undefined) throw new AppError("usage", `/model ${fault}`);
      if (more.length > 0) throw new AppError("usage", "/model takes a name and a base URL, no more.");
      const changed = withTyped(context, model, baseUrl);
      const choice = await chooseModel(changed, { signal });
      setModel(openModel({ ...choice, tokens: modelSignIn?.tokens }), model);
      context = changed;
      say(describeModel(context));
    },
  };
}
