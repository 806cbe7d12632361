import { neutraliseLine } from "../base/text.ts";
import { type FillFormOptions, nameServer } from "./fill-form.ts";
import { quoteText } from "./quote-text.ts";

/** An address that a server wants a person to open. Other people's text. */
export interface ShownVisit {
  /** What the server is called. */
  readonly server: string;
  readonly message: string;
  readonly url: string;
}

const maxAddressLength = 2000;

/** The address as it is sent, its host made to stand out; undefined for one that nobody should open. */
function showAddress(text: string, emphasise: (host: string) => string): string | undefined {
  const url = URL.parse(text);
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  // Nobody reads more than that; it could not be shown in full.
  if (text.length > maxAddressLength || !url || !isWeb || url.username !== "" || url.password !== "")
    return undefined;
  const { href, host, protocol } = url;
  const start = `${protocol}//`.length;
  return href.slice(0, start) + emphasise(host) + neutraliseLine(href.slice(start + host.length));
}

/**
 * Shows an address that a server wants opened, in full, and asks. Nothing is opened or fetched: a person does that.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 */
export function offerVisit(
  { server, message, url }: ShownVisit,
  { dialog, style, columns, signal }: FillFormOptions,
): Promise<{ readonly action: "accept" | "decline" | "cancel" }> {
  const address = showAddress(url, style.accent);
  if (address === undefined) return Promise.resolve({ action: "decline" });
  const { host, protocol } = new URL(url);
  const lines = [
    ...quoteText(`${nameServer(server, style)} asks you to open an address`, message, columns),
    `  ${address}`,
    `  Its host is ${style.accent(host)}. Open it yourself, if you trust it.`,
  ];
  if (/(?:^|\.)xn--/.test(host))
    lines.push(style.bad("  The host is written in other letters than it seems (xn--)."));
  if (protocol === "http:") lines.push(style.bad("  It is not encrypted (http)."));
  return dialog.hold(
    async (ask) => {
      let text: string | undefined = lines.join("\n");
      for (;;) {
        const event = await ask({ text, prompt: "Will you open it? (y)es, (n)o: ", isDecision: true });
        text = undefined;
        if (event.type === "end") return { action: "decline" };
        if (event.type !== "line") return { action: "cancel" };
        const answer = event.text.trim().toLowerCase();
        if (answer === "y" || answer === "yes") return { action: "accept" };
        if (answer === "n" || answer === "no") return { action: "decline" };
      }
    },
    { signal },
  );
}
