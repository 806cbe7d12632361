const maxDepth = 16;

/** Skips a JSON string and gives the index after its closing quote. The text is known to be valid JSON. */
function skipString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

function isFollowedByColon(text: string, start: number): boolean {
  let index = start;
  while (" \t\n\r".includes(text[index] ?? ":")) index++;
  return text[index] === ":";
}

/** Whether any object of a valid JSON text names a member twice, or nests too deeply. */
function hasDuplicateMember(text: string): boolean {
  const names: (Set<string> | undefined)[] = [];
  let index = 0;
  while (index < text.length) {
    const character = text[index];
    if (character === "{" || character === "[") {
      if (names.push(character === "{" ? new Set() : undefined) > maxDepth) return true;
    } else if (character === "}" || character === "]") names.pop();
    if (character !== '"') {
      index++;
      continue;
    }
    const end = skipString(text, index);
    const isName = isFollowedByColon(text, end);
    const members = names.at(-1);
    if (isName && members) {
      const name: unknown = JSON.parse(text.slice(index, end));
      if (members.has(String(name))) return true;
      members.add(String(name));
    }
    index = end;
  }
  return false;
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
    return hasDuplicateMember(text) ? undefined : (value as Record<string, unknown>);
  } catch {
    return undefined;
  }
}
