import type { Abortable } from "../../lib/base/abort.ts";
import { neutraliseLine } from "../../lib/base/text.ts";
import type {
  FullConnection,
  PromptDescription,
  ResourceDescription,
  ResourceTemplateDescription,
  ToolDescription,
} from "../../lib/transport/client/connect.ts";

/** For so long a list is not asked for again, in milliseconds. */
const freshMs = 30_000;
const maxNameLength = 40;

/** What the server offers, for completion: lists are kept for a while. */
export interface ServerOffers {
  /** The server's name in commands such as `/SERVER:PROMPT`. */
  readonly name: string;
  tools(options: Abortable): Promise<readonly ToolDescription[]>;
  prompts(options: Abortable): Promise<readonly PromptDescription[]>;
  resources(options: Abortable): Promise<readonly ResourceDescription[]>;
  templates(options: Abortable): Promise<readonly ResourceTemplateDescription[]>;
}

function keep<T>(load: (options: Abortable) => Promise<T>): (options: Abortable) => Promise<T> {
  let kept: { readonly value: T; readonly untilMs: number } | undefined;
  return async (options) => {
    if (kept && kept.untilMs > Date.now()) return kept.value;
    const value = await load(options);
    kept = { value, untilMs: Date.now() + freshMs };
    return value;
  };
}

/** Opens what a server offers. */
export function openOffers(connection: FullConnection): ServerOffers {
  const words = neutraliseLine(connection.serverName ?? "").replace(/[^A-Za-z0-9._-]+/g, "-");
  return {
    name: words.slice(0, maxNameLength) || "server",
    tools: keep((options) => connection.listTools(options)),
    prompts: keep((options) => connection.listPrompts(options)),
    resources: keep((options) => connection.listResources(options)),
    templates: keep((options) => connection.listResourceTemplates(options)),
  };
}
