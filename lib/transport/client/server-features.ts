import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import type { ContentBlock } from "./contract.ts";
import { isNotFound } from "./explain-error.ts";
import type { Link } from "./link.ts";
import { quoteNearest } from "./nearest-name.ts";
import type {
  Completion,
  CompletionRequest,
  LifeSign,
  PromptDescription,
  PromptResult,
  ResourceContents,
  ResourceDescription,
  ResourceTemplateDescription,
} from "./offers.ts";
import { noLimitMs, type Operation } from "./operation.ts";

/*
 * What a server may offer beside tools. The SDK walks all pages. What a server does not declare it is not asked
 * for: the SDK would write a line about that on standard output (client 2.4.0).
 */

function optionsOf(operation: Operation) {
  return { signal: operation.signal, timeout: noLimitMs };
}

/** Members that are there; the SDK's types give undefined to others. */
function pick<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  const present = keys.filter((key) => value[key] !== undefined).map((key) => [key, value[key]] as const);
  return Object.fromEntries(present) as Pick<T, K>;
}

/** Lists all resources. */
export async function listResources(
  link: Link,
  operation: Operation,
): Promise<readonly ResourceDescription[]> {
  if (!link.capabilities.includes("resources")) return [];
  const listed = await link.run(operation, (client) => client.listResources(undefined, optionsOf(operation)));
  return listed.resources.map((resource) =>
    pick(resource, ["uri", "name", "title", "description", "mimeType", "size"]),
  );
}

/** Lists all resource templates. */
export async function listResourceTemplates(
  link: Link,
  operation: Operation,
): Promise<readonly ResourceTemplateDescription[]> {
  if (!link.capabilities.includes("resources")) return [];
  const options = optionsOf(operation);
  const listed = await link.run(operation, (client) => client.listResourceTemplates(undefined, options));
  return listed.resourceTemplates.map((template) =>
    pick(template, ["uriTemplate", "name", "title", "description", "mimeType"]),
  );
}

/** Lists all prompts. */
export async function listPrompts(link: Link, operation: Operation): Promise<readonly PromptDescription[]> {
  if (!link.capabilities.includes("prompts")) return [];
  const listed = await link.run(operation, (client) => client.listPrompts(undefined, optionsOf(operation)));
  return listed.prompts.map((prompt) => ({
    ...pick(prompt, ["name", "title", "description"]),
    arguments: (prompt.arguments ?? []).map((argument) =>
      pick(argument, ["name", "description", "required"]),
    ),
  }));
}

/** `-32602` has many reasons; that the resource is not in the list is the one that we can name. */
async function refuseUnknownResource(uri: string, link: Link, operation: Operation): Promise<void> {
  const listed = await listResources(link, operation).catch(() => undefined);
  operation.answer = "error";
  if (!listed || listed.some((resource) => resource.uri === uri)) return;
  const nearest = quoteNearest(
    uri,
    listed.map((resource) => resource.uri),
  );
  throw new AppError("unknown_resource", `The server has no resource ${quote(uri)}.${nearest}`, {
    hint: 'Run "mcp-client resources" or "mcp-client templates" to see what there is.',
  });
}

/** Reads one resource. */
export function readResource(uri: string) {
  return async (link: Link, operation: Operation): Promise<readonly ResourceContents[]> => {
    if (!link.capabilities.includes("resources")) {
      const message = `The server has no resource ${quote(uri)}: it offers none at all.`;
      throw new AppError("unknown_resource", message);
    }
    const options = optionsOf(operation);
    try {
      return (
        await link.run(operation, (client) => client.readResource({ uri, ...link.requestMeta }, options))
      ).contents;
    } catch (thrown) {
      if (isNotFound(thrown, operation)) await refuseUnknownResource(uri, link, operation);
      throw thrown;
    }
  };
}

/** Gets one prompt. */
export function getPrompt(name: string, args: Readonly<Record<string, string>>) {
  return async (link: Link, operation: Operation): Promise<PromptResult> => {
    const options = optionsOf(operation);
    const request = { name, arguments: { ...args }, ...link.requestMeta };
    const result = await link.run(operation, (client) => client.getPrompt(request, options));
    const messages = result.messages.map(({ role, content }) => ({ role, content: content as ContentBlock }));
    return { ...pick(result, ["description"]), messages };
  };
}

/** Asks for suggestions. */
export function complete({ ref, argument, known }: CompletionRequest) {
  return async (link: Link, operation: Operation): Promise<Completion> => {
    if (!link.capabilities.includes("completions")) {
      throw new AppError("protocol_error", "The server does not offer completions.");
    }
    const request = { ref, argument, ...(known && { context: { arguments: { ...known } } }) };
    const options = optionsOf(operation);
    const { completion } = await link.run(operation, (client) => client.complete(request, options));
    return pick(completion, ["values", "total", "hasMore"]);
  };
}

/** Asks for a sign of life: `ping`, and where the revision has none the request that every server answers. */
export async function ping(link: Link, operation: Operation): Promise<LifeSign> {
  const options = optionsOf(operation);
  if (link.isStateless) {
    await link.run(operation, (client) => client.discover(options));
    return "server/discover";
  }
  await link.run(operation, (client) => client.ping(options));
  return "ping";
}
