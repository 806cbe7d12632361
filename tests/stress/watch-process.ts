// Looks at a token cache in a tight loop, and at all that lies beside it, until it is told to stop.
import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const path = process.argv[2] ?? "";
const [folder, name] = [dirname(path), basename(path)];
const counts = { looks: 0, changes: 0, absent: 0, invalid: 0, wide: 0, neighbours: 0 };
let before = "";
const over = new AbortController();
process.on("SIGTERM", () => over.abort());

function isWide(mode: number): boolean {
  return (mode & 0o177) !== 0;
}

function look(): void {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    counts.absent++;
    return;
  }
  try {
    counts.looks++;
    if (isWide(fstatSync(file).mode)) counts.wide++;
    const text = readFileSync(file, "utf8");
    if (text !== before) counts.changes++;
    before = text;
    JSON.parse(text);
  } catch {
    counts.invalid++;
  } finally {
    closeSync(file);
  }
}

/** Locks and files on their way come and go. */
function lookAround(): void {
  for (const neighbour of readdirSync(folder)) {
    if (neighbour === name) continue;
    const stats = lstatSync(join(folder, neighbour), { throwIfNoEntry: false });
    if (!stats) continue;
    counts.neighbours++;
    if (isWide(stats.mode)) counts.wide++;
  }
}

process.stdout.write("watching\n");
// Whoever started it may have been killed: it must not go on for nobody (Bun 1.4.5 does not renew process.ppid).
process.stdin.on("close", () => over.abort()).resume();
while (!over.signal.aborted) {
  for (let turn = 0; turn < 20; turn++) look();
  lookAround();
  // Lets the signal in.
  await new Promise((resolve) => setImmediate(resolve));
}
process.stdout.write(JSON.stringify(counts));
// Open standard input would keep the process.
process.stdin.destroy();
