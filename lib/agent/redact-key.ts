import { quote } from "../base/text.ts";

/** Shorter pieces of a key are found in ordinary words. */
const minPieceLength = 6;
/** Keys as providers show them, partly starred out, tokens (JWT), and whatever follows `Bearer`. */
const keyLike = /\b(?:sk|pk|key|api)[-_][\w*.-]{4,}|\beyJ[\w-]{8,}(?:\.[\w-]*)*|Bearer\s+\S+/gi;

/** Takes an API key out of a text, also where only a piece of it is there. */
export function redactKey(text: string, apiKey: string | undefined): string {
  const key = apiKey ?? "";
  const holdsKey = (word: string) => {
    if (key !== "" && word.includes(key)) return true;
    for (let start = 0; start + minPieceLength <= key.length; start++) {
      if (word.includes(key.slice(start, start + minPieceLength))) return true;
    }
    return false;
  };
  const words = text.replace(keyLike, "(key)").split(/(\s+)/);
  return words.map((word) => (holdsKey(word) ? "(key)" : word)).join("");
}

/** Quotes what a provider wrote, without the key. Empty when it wrote nothing. */
export function quoteProvider(said: unknown, apiKey: string | undefined): string {
  if (typeof said !== "string" || said.trim() === "") return "";
  return quote(redactKey(said.slice(0, 10_000), apiKey), 300);
}
