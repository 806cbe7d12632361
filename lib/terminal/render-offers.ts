import { neutralise, neutraliseLine } from "../base/text.ts";
import { formatSize, wrapText } from "./fit.ts";
import type { Layout } from "./render-tools.ts";
import { createStyle } from "./style.ts";

/** Something that a server offers, with what it says about it. Other people's text, made safe here. */
interface Offer {
  /** What it is asked for by. */
  readonly key: string;
  readonly facts: readonly (string | undefined)[];
  readonly description: string | undefined;
}

/** A resource, or a template of resources, as it is shown. */
export interface ShownResource {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
  readonly size?: number | undefined;
}

/** A prompt as it is shown. */
export interface ShownPrompt {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly arguments: readonly {
    readonly name: string;
    readonly description?: string | undefined;
    readonly required?: boolean | undefined;
  }[];
}

function indent(text: string | undefined, columns: number, depth: number): string[] {
  const safe = neutralise(text ?? "").trim();
  if (safe === "") return [];
  return wrapText(safe, columns - depth).map((row) => (row === "" ? "" : " ".repeat(depth) + row));
}

/** Addresses are not broken: they are there to be copied. */
function renderOffer({ key, facts, description }: Offer, { columns, color }: Layout): string {
  const style = createStyle(color);
  const known = facts
    .filter((fact) => fact !== undefined && fact !== "")
    .map((fact) => neutraliseLine(fact ?? ""));
  const head = [style.accent(neutraliseLine(key)), style.faint(known.join(", "))].filter(
    (part) => part !== "",
  );
  return [head.join("  "), ...indent(description, columns, 2)].join("\n");
}

function renderOffers(offers: readonly Offer[], layout: Layout, none: string): string {
  if (offers.length === 0) return `${none}\n`;
  return `${offers.map((offer) => renderOffer(offer, layout)).join("\n")}\n`;
}

function factsOf({ name, title, mimeType, size }: ShownResource): Offer["facts"] {
  return [title ?? name, mimeType, size === undefined ? undefined : formatSize(size)];
}

/** Lists resources, one row each and its description below. Ends with a line feed. */
export function renderResourceList(
  resources: readonly (ShownResource & { readonly uri: string })[],
  layout: Layout,
): string {
  const offers = resources.map((resource) => ({
    key: resource.uri,
    facts: factsOf(resource),
    description: resource.description,
  }));
  return renderOffers(offers, layout, "The server has no resources.");
}

/** Lists resource templates. Ends with a line feed. */
export function renderTemplateList(
  templates: readonly (ShownResource & { readonly uriTemplate: string })[],
  layout: Layout,
): string {
  const offers = templates.map((template) => ({
    key: template.uriTemplate,
    facts: factsOf(template),
    description: template.description,
  }));
  return renderOffers(offers, layout, "The server has no resource templates.");
}

/** Lists prompts with their arguments; those that may be left out carry a question mark. Ends with a line feed. */
export function renderPromptList(prompts: readonly ShownPrompt[], layout: Layout): string {
  if (prompts.length === 0) return "The server has no prompts.\n";
  const { columns, color } = layout;
  const style = createStyle(color);
  const blocks = prompts.map((prompt) => {
    const words = prompt.arguments.map(
      ({ name, required }) => `${neutraliseLine(name)}${required ? "" : "?"}`,
    );
    const described = prompt.arguments.filter(({ description }) => (description ?? "") !== "");
    return [
      `${style.accent(neutraliseLine(prompt.name))}(${words.join(", ")})`,
      ...indent(prompt.description ?? prompt.title, columns, 2),
      ...described.flatMap(({ name, description }) =>
        indent(`${neutraliseLine(name)}: ${neutraliseLine(description ?? "")}`, columns, 4),
      ),
    ].join("\n");
  });
  return `${blocks.join("\n")}\n`;
}
