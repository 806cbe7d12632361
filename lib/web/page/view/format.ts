/** How long something still lasts, roughly: "1 h 5 min", "12 min", "45 s". */
export function formatLeft(ms: number): string {
  if (ms <= 0) return "ended";
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${minutes} min`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** How long something took: "0.4 s", "12.0 s", "2 min 5 s". */
export function formatTook(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

/** A time of day as people write it here. */
export function formatTime(atMs: number): string {
  return new Date(atMs).toLocaleTimeString(undefined, { timeStyle: "medium" });
}

/** A choice among others: a text without quotes, unless it would look like another one or like nothing. */
export function formatChoice(choice: unknown, choices: readonly unknown[]): string {
  const twins = choices.filter((each) => formatInline(each) === formatInline(choice));
  return twins.length > 1 || choice === "" ? JSON.stringify(choice) : formatInline(choice);
}

/** A value on one line: arguments in the head of a call. */
export function formatInline(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
