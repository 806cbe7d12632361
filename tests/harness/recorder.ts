/** What one program printed, or one server answered. */
export interface RecordedText {
  readonly source: string;
  readonly text: string;
}

const texts: RecordedText[] = [];
const secrets = new Set<string>();

/** Keeps what a program printed for the search at the end of the run. */
export function recordText(source: string, text: string): void {
  texts.push({ source, text });
}

/** Keeps a secret that a dev tenant minted. */
export function recordSecrets(values: Iterable<string>): void {
  for (const value of values) secrets.add(value);
}

/** Whether anything was recorded; runs of single files may have nothing. */
export function countRecorded(): { texts: number; secrets: number } {
  return { texts: texts.length, secrets: secrets.size };
}

/** Forms in which a secret might be printed: as it is, wrapped by a terminal, or only its signature. */
function formsOf(secret: string): string[] {
  const signature = secret.split(".").length === 3 ? secret.split(".")[2] : undefined;
  return [secret, ...(signature === undefined || signature === "" ? [] : [signature])];
}

/** Where one of the secrets was printed. Line ends and escape sequences do not hide it. */
export function findLeaks(
  recorded: readonly RecordedText[] = texts,
  searched: Iterable<string> = secrets,
): string[] {
  const flat = recorded.map(({ source, text }) => ({
    source,
    text: Bun.stripANSI(text).replace(/\s+/g, ""),
  }));
  const leaks = new Set<string>();
  for (const secret of searched) {
    for (const form of formsOf(secret)) {
      for (const { source, text } of flat) {
        if (text.includes(form))
          leaks.add(`${source} printed a secret that begins with ${secret.slice(0, 6)}`);
      }
    }
  }
  return [...leaks];
}
