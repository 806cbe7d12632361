/** The few ways in which text may stand out, by meaning. */
export interface Style {
  /** It went well. */
  good(text: string): string;
  /** It went wrong. */
  bad(text: string): string;
  /** What the eye should find: names. */
  accent(text: string): string;
  /** Of lesser weight. */
  faint(text: string): string;
}

function paint(open: number, close: number): (text: string) => string {
  return (text) => (text === "" ? "" : `\u001B[${open}m${text}\u001B[${close}m`);
}

const plain = (text: string) => text;

/** Makes a style; without colour every text stays as it is. Whether colour is wanted is the caller's to know. */
export function createStyle(color: boolean): Style {
  if (!color) return { good: plain, bad: plain, accent: plain, faint: plain };
  return { good: paint(32, 39), bad: paint(31, 39), accent: paint(36, 39), faint: paint(2, 22) };
}
