import { isLoopbackUrl } from "../../lib/base/loopback.ts";
import { confirmFolderAddress } from "../../lib/auth/client/confirm-origin.ts";
import { createTrustedModels } from "../../lib/auth/client/trusted-servers.ts";
import type { Abortable } from "../../lib/base/abort.ts";
import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Origin } from "../../lib/config/option.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { askOn } from "../../lib/terminal/confirm.ts";

/** Which model to use, where, how, and with which key. */
export interface ModelChoice {
  readonly model: string | undefined;
  readonly baseUrl: string | undefined;
  readonly apiKey: string | undefined;
  readonly api?: "chat" | "responses" | undefined;
}

function fileOf({ kind, name }: Origin): string | undefined {
  return kind === "env-file" || kind === "folder" ? name.slice(name.indexOf(" in ")) : undefined;
}

/**
 * A key goes only where its owner said: a base URL from a file is used only with a key from the same file, and
 * never over plain http beyond this machine (DESIGN 5).
 *
 * @throws `untrusted_destination`
 */
export function checkKeyDestination({ values, origins }: Context<AgentOptions>): void {
  const { baseUrl, apiKey, modelAuth } = values;
  if (baseUrl === undefined || apiKey === undefined || modelAuth === "entra") return;
  const file = fileOf(origins.baseUrl);
  if (file !== undefined && file !== fileOf(origins.apiKey)) {
    throw new AppError(
      "untrusted_destination",
      `${origins.baseUrl.name} would get a key that is not from there.`,
      {
        hint: "Give --base-url or set OPENAI_BASE_URL yourself, or keep the key in the same file.",
      },
    );
  }
  if (URL.parse(baseUrl)?.protocol !== "https:" && !isLoopbackUrl(baseUrl)) {
    throw new AppError("untrusted_destination", `No key is sent to ${quote(baseUrl)} over plain http.`, {
      hint: "Use an https address.",
    });
  }
}

async function confirmFolderModel(
  { io }: Context<AgentOptions>,
  url: string,
  options: Abortable,
): Promise<void> {
  const address = {
    url,
    role: "the model's address",
    consequence: "It will read what you say and what tools answer.",
    hint: "Give --base-url or name the file with --env-file.",
    confirmed: createTrustedModels(io.environment),
    ask: askOn(io),
  };
  await confirmFolderAddress(address, options);
}

/**
 * Decides which model may be used.
 *
 * @throws `untrusted_destination`
 */
export async function chooseModel(context: Context<AgentOptions>, options: Abortable): Promise<ModelChoice> {
  const { model, baseUrl, api, modelAuth } = context.values;
  if (model === "scripted") return { model, baseUrl: undefined, apiKey: undefined };
  checkKeyDestination(context);
  if (baseUrl !== undefined && context.origins.baseUrl.kind === "folder") {
    await confirmFolderModel(context, baseUrl, options);
  }
  // With a sign-in in its place the key stays at home, even where one is set for other programs.
  const apiKey = modelAuth === "entra" ? undefined : context.values.apiKey;
  return { model, baseUrl, apiKey, api };
}
