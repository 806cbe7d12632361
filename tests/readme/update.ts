// Writes the README's tables anew, and the picture of a terminal where something else would be to be seen.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { captureTerminal, columns } from "./capture.ts";
import { compareReadme, readmePath } from "./sections.ts";
import { drawTerminal } from "./terminal-picture.ts";

const picturePath = join(import.meta.dir, "../../.github/terminal.svg");

/** What is different in each run: times, ports, codes, frames of the spinner. */
const stable = (svg: string) => svg.replace(/[\d.]+s\b|:\d{4,5}\/|\b[A-Z]{9}\b|[\u2800-\u28FF]/g, "");

writeFileSync(readmePath, compareReadme().wanted);
const cells = await captureTerminal();
const picture = drawTerminal(
  cells,
  columns,
  "A terminal: mcp-client signs a person in, mcp-agent runs three tools at once",
);
const drawn = existsSync(picturePath) ? readFileSync(picturePath, "utf8") : "";
if (stable(drawn) !== stable(picture)) writeFileSync(picturePath, picture);
