/** Markup that is safe to send. Only {@link markup} makes it. */
export class Html {
  readonly #markup: string;

  constructor(text: string) {
    this.#markup = text;
  }

  toString(): string {
    return this.#markup;
  }
}

/** What may stand in a template: markup as it is, anything else escaped. */
export type HtmlValue = Html | string | number | readonly Html[];

function render(value: HtmlValue): string {
  if (value instanceof Html) return value.toString();
  if (typeof value === "string" || typeof value === "number") return Bun.escapeHTML(value);
  return value.map(String).join("");
}

/**
 * Template tag that escapes every value that is not itself {@link Html}; attributes need double quotes.
 * Not called `html`: the formatter would change the white space of the style, whose hash the policy names.
 */
export function markup(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = strings.map((text, index) => {
    const value = values[index];
    return value === undefined ? text : text + render(value);
  });
  return new Html(parts.join(""));
}
