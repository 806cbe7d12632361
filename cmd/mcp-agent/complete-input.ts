import type { Abortable } from "../../lib/base/abort.ts";
import { neutraliseLine } from "../../lib/base/text.ts";
import type { Candidate, Complete } from "../../lib/terminal/editor/completion.ts";
import type { ServerOffers } from "./server-offers.ts";
import type { SlashCommand } from "./slash-command.ts";

/** From so many characters on a word may be a tool's. */
const minToolLength = 2;

/** Lists what cannot be had are empty: half of the completion is better than none. */
async function orNothing(list: Promise<readonly Candidate[]>): Promise<readonly Candidate[]> {
  return list.catch(() => []);
}

async function listPrompts(
  { name: server, prompts }: ServerOffers,
  options: Abortable,
): Promise<Candidate[]> {
  const listed = await prompts(options);
  return listed.map(({ name, description }) => ({
    text: `/${server}:${neutraliseLine(name)}`,
    help: description,
  }));
}

async function listResources(offers: ServerOffers, options: Abortable): Promise<Candidate[]> {
  const [resources, templates] = await Promise.all([offers.resources(options), offers.templates(options)]);
  return [
    ...resources.map(({ uri, description, name }) => ({ text: `@${uri}`, help: description ?? name })),
    ...templates.map(({ uriTemplate, description, name }) => {
      // Up to its first variable; the rest is the person's to type.
      return {
        text: `@${uriTemplate.replace(/\{[^]*$/, "")}`,
        help: `${uriTemplate} ${description ?? name}`,
      };
    }),
  ];
}

async function listTools({ tools }: ServerOffers, options: Abortable): Promise<Candidate[]> {
  const listed = await tools(options);
  return listed.map(({ name, title }) => ({ text: name, help: title }));
}

/** Completes what is typed at the prompt: commands and their arguments, prompts, resources, names of tools. */
export function completeInput(commands: readonly SlashCommand[], offers: ServerOffers): Complete {
  return async (text, options) => {
    const start = text.length - (/\S*$/.exec(text)?.[0].length ?? 0);
    const word = text.slice(start);
    const offer = (candidates: readonly Candidate[]) => ({
      start,
      candidates: candidates.filter((candidate) => candidate.text.startsWith(word)),
    });
    if (start === 0 && word.startsWith("/")) {
      const own = commands.map(({ name, summary }) => ({ text: `/${name}`, help: summary }));
      return offer([...own, ...(await orNothing(listPrompts(offers, options)))]);
    }
    const [, name] = /^\/(\S+)\s/.exec(text) ?? [];
    const command = commands.find((one) => one.name === name);
    if (command) return offer((await command.complete?.(word, options)) ?? []);
    if (word.startsWith("@")) return offer(await orNothing(listResources(offers, options)));
    return offer(word.length < minToolLength ? [] : await orNothing(listTools(offers, options)));
  };
}
