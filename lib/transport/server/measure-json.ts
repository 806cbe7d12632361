/** How much structure a JSON text has. */
export interface JsonStructure {
  /** Commas and opening brackets: at least as many as there are members and items. */
  readonly elements: number;
  /** Brackets that are open at the same time, at most. */
  readonly depth: number;
}

/** Bounds on the structure of a JSON text. */
export interface JsonLimits {
  readonly maxElements: number;
  readonly maxDepth: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Index of the quotation mark that ends a string, or the text's length. Byte by byte is fastest for short ones. */
function findStringEnd(bytes: Uint8Array, start: number): number {
  let index = start;
  while (index < bytes.length && bytes[index] !== quote) index += bytes[index] === backslash ? 2 : 1;
  return index;
}

/**
 * Counts the structure of a JSON text without parsing it: nesting and millions of tiny values cost a parser, and
 * everybody who looks at its result, far more than their bytes. It stops where a limit is exceeded; of a text
 * that is not JSON it says nothing that matters.
 */
export function measureJson(bytes: Uint8Array, { maxElements, maxDepth }: JsonLimits): JsonStructure {
  let elements = 0;
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < bytes.length && elements <= maxElements && deepest <= maxDepth; index++) {
    const byte = bytes[index];
    if (byte === quote) index = findStringEnd(bytes, index + 1);
    else if (byte === comma) elements++;
    else if (byte === openBracket || byte === openBrace) {
      elements++;
      deepest = Math.max(deepest, ++depth);
    } else if (byte === closeBracket || byte === closeBrace) depth--;
  }
  return { elements, depth: deepest };
}
