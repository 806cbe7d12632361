/** CSI and OSC sequences and the shorter escapes, as a terminal reads them (ECMA-48). */
const escapeSequences =
  /(?:\u001B\]|\u009D)[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)?|(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]?|\u001B[ -/]*[0-~]?/g;

/** C0 and C1 control characters except tab and line feed, and the characters that reorder text (bidi). */
const controls = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Most texts: nothing in them could be unsafe. */
const plainText = /^[\x20-\x7E\t\n]*$/;

/** Makes text from elsewhere safe for a terminal: escape sequences and control characters go, lines stay. */
export function neutralise(text: string): string {
  if (plainText.test(text)) return text;
  return text.replaceAll("\r\n", "\n").replace(escapeSequences, "").replace(controls, "");
}

/** Makes text from elsewhere safe for one terminal row: as {@link neutralise}, and white space becomes one blank. */
export function neutraliseLine(text: string): string {
  return neutralise(text).replace(/\s+/g, " ").trim();
}

/**
 * Shows another party's value inside one of our sentences: as a JSON string, cut, on one line.
 *
 * @param maxLength in characters of the value, default 80
 */
export function quote(value: unknown, maxLength = 80): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  const line = neutraliseLine(text);
  return JSON.stringify(line.length > maxLength ? `${line.slice(0, maxLength)}…` : line);
}

/** What JSON leaves as it is and a terminal would obey. */
const unsafeInJson = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * JSON on one line that is safe for a terminal, too: what `JSON.stringify` leaves as it is and a terminal would
 * obey (C1 controls, text direction) is escaped. It means the same to every parser.
 */
export function toSafeJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafeInJson, escapeCharacter);
}
