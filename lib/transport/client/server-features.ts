import type { PromptDescription, ResourceDescription } from "./contract.ts";
import type { Link } from "./link.ts";
import { noLimitMs, type Operation } from "./operation.ts";

/*
 * What a server may offer beside tools. The SDK walks all pages. What a server does not declare it is not asked
 * for: the SDK would write a line about that on standard output (client 2.4.0).
 */

function optionsOf(operation: Operation) {
  return { signal: operation.signal, timeout: noLimitMs };
}

/** Lists all resources. */
export async function listResources(
  link: Link,
  operation: Operation,
): Promise<readonly ResourceDescription[]> {
  if (!link.capabilities.includes("resources")) return [];
  const listed = await link.run(operation, (client) => client.listResources(undefined, optionsOf(operation)));
  return listed.resources.map(({ uri, name }) => ({ uri, name }));
}

/** Lists the URI templates of all resource templates. */
export async function listResourceTemplates(link: Link, operation: Operation): Promise<readonly string[]> {
  if (!link.capabilities.includes("resources")) return [];
  const options = optionsOf(operation);
  const listed = await link.run(operation, (client) => client.listResourceTemplates(undefined, options));
  return listed.resourceTemplates.map(({ uriTemplate }) => uriTemplate);
}

/** Lists all prompts. */
export async function listPrompts(link: Link, operation: Operation): Promise<readonly PromptDescription[]> {
  if (!link.capabilities.includes("prompts")) return [];
  const listed = await link.run(operation, (client) => client.listPrompts(undefined, optionsOf(operation)));
  return listed.prompts.map((prompt) => ({
    name: prompt.name,
    arguments: (prompt.arguments ?? []).map(({ name, required }) => ({
      name,
      isRequired: required === true,
    })),
  }));
}

/** Reads one resource. */
export function readResource(uri: string) {
  return async (link: Link, operation: Operation): Promise<readonly object[]> => {
    const options = optionsOf(operation);
    return (await link.run(operation, (client) => client.readResource({ uri }, options))).contents;
  };
}

/** Gets one prompt. */
export function getPrompt(name: string, args: Readonly<Record<string, string>>) {
  return async (link: Link, operation: Operation): Promise<readonly object[]> => {
    const options = optionsOf(operation);
    const request = { name, arguments: { ...args } };
    return (await link.run(operation, (client) => client.getPrompt(request, options))).messages;
  };
}
