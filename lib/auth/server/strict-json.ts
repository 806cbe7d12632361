const maxDepth = 16;
const [quotationMark, backslash, colon] = [0x22, 0x5c, 0x3a];

/** Members of all objects in a value; endless where it nests too deeply. */
function countMembers(value: object, depth = 1): number {
  if (depth > maxDepth) return Number.POSITIVE_INFINITY;
  const entries = Object.values(value);
  let count = Array.isArray(value) ? 0 : entries.length;
  for (const entry of entries) {
    if (typeof entry === "object" && entry !== null) count += countMembers(entry, depth + 1);
  }
  return count;
}

/** The index after a string that begins at `start`. The text is known to be valid JSON. */
function skipString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  // A quotation mark after an odd number of backslashes is part of the string.
  for (;;) {
    let before = end - 1;
    while (text.charCodeAt(before) === backslash) before--;
    if ((end - before) % 2 === 1) return end + 1;
    end = text.indexOf('"', end + 1);
  }
}

/** Each name, and nothing else outside of strings, is followed by a colon. The text is known to be valid JSON. */
function countNames(text: string): number {
  let count = 0;
  let index = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === colon) count++;
    index = code === quotationMark ? skipString(text, index) : index + 1;
  }
  return count;
}

/**
 * Parses a JSON object strictly: a member that stands twice makes it invalid, where `JSON.parse` takes the last.
 *
 * @returns undefined for anything but a JSON object of at most 16 levels with unique members
 * @see RFC 7519 section 4, RFC 7515 section 4 (member names must be unique)
 */
export function parseStrictObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    // Of two members alike only the last is left.
    return countNames(text) === countMembers(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
