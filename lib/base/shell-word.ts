/** What no shell reads as anything but itself. */
const plainWord = /^[\w@%+=:,./-]+$/;

/** Text for a POSIX shell as it is, whatever is in it: in single quotes. */
export function quoteShellText(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** One word of a command line that people paste into a shell; only what needs quotes gets them. */
export function quoteShellWord(word: string): string {
  return plainWord.test(word) ? word : quoteShellText(word);
}
