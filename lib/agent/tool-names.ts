import { createHash } from "node:crypto";

/** What model providers accept as the name of a function. */
const safeName = /^[A-Za-z0-9_-]{1,64}$/;
const maxLength = 64;
const hashLength = 8;

function isSafe(name: string): boolean {
  // `__proto__` and its like are names in every object: as keys of the tool set they would be mistaken.
  return safeName.test(name) && !(name in Object.prototype);
}

/** A name that no tool has, as a model wrote it, such that providers take it back in a history. */
export function tameName(name: string): string {
  return isSafe(name) ? name : name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, maxLength) || "_";
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, hashLength);
}

function makeSafe(name: string, isTaken: (candidate: string) => boolean): string {
  const readable = name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, maxLength - hashLength - 1);
  for (let attempt = 0; ; attempt++) {
    const candidate = `${readable}_${hashOf(`${attempt} ${name}`)}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/**
 * Gives every tool a name that model providers accept (`^[A-Za-z0-9_-]{1,64}$`): its own where it is fine, else
 * its readable part with a hash. Two tools never share one, whatever the server calls them; of tools with the same
 * name the first counts.
 *
 * @returns the tools by the name under which a model knows them, in their order
 */
export function nameTools<Tool extends { readonly name: string }>(
  tools: readonly Tool[],
): ReadonlyMap<string, Tool> {
  const byOwnName = new Map(tools.toReversed().map((tool) => [tool.name, tool]));
  const named = new Map<string, Tool>();
  const isTaken = (name: string) => named.has(name) || byOwnName.has(name);
  for (const name of new Set(tools.map((tool) => tool.name))) {
    const tool = byOwnName.get(name);
    if (tool) named.set(isSafe(name) ? name : makeSafe(name, isTaken), tool);
  }
  return named;
}
