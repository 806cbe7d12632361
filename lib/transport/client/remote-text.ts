import { AppError } from "../../base/errors.ts";
import { readCapped, type ReadLimits } from "../../base/read-capped.ts";
import { quote } from "../../base/text.ts";

/** Three base64url parts with dots between: what a JWT looks like, also one that was cut. */
const tokenLike = /[\w-]{16,}\.[\w-]{16,}(?:\.[\w-]*)?|Bearer\s+[\w.~+/-]{16,}=*/gi;

/** What an opaque token looks like: long, and of small letters, capitals and digits together. */
const longWord = /[\w~+=-]{24,}/g;
const opaqueParts = [/[a-z]/, /[A-Z]/, /\d/] as const;

function hideOpaque(word: string): string {
  return opaqueParts.every((part) => part.test(word)) ? "(token)" : word;
}

/**
 * More of a text is not looked at: the search for tokens takes time by the square of the length. It is more than any
 * token is long, so that what is left of one that is cut here still looks like one.
 */
const maxSearched = 16_384;

/** Shows what a server wrote, cut and on one line; a token that it echoes is taken out first. */
export function quoteRemote(text: unknown, maxLength = 200): string {
  if (typeof text !== "string") return quote(text, maxLength);
  const searched = text.slice(0, maxSearched).replace(tokenLike, "(token)");
  return quote(searched.replace(longWord, hideOpaque), maxLength);
}

/** As {@link quoteRemote}, at the end of a sentence: with a full stop, unless the server wrote its own. */
export function quoteAtEnd(text: unknown): string {
  const quoted = quoteRemote(text);
  return /[.!?]"$/.test(quoted) ? quoted : `${quoted}.`;
}

/**
 * Reads a body to its end, as text.
 *
 * @throws `protocol_error` when it is too large; the network's own error when it breaks off
 */
export async function readText(response: Response, limits: ReadLimits): Promise<string> {
  const bytes = await readCapped(response.body, limits);
  if (bytes) return new TextDecoder().decode(bytes);
  throw new AppError("protocol_error", `The server's answer is larger than ${limits.maxBytes} bytes.`);
}

/** The beginning of the body of a refusal, for its reason; nothing when it cannot be read. */
export async function readRefusal(response: Response): Promise<string> {
  try {
    return await readText(response, { maxBytes: 65_536 });
  } catch {
    return "";
  }
}
