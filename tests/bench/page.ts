// Measures what the page makes a browser load, and how long it takes until the first form can be used. The size is
// held against its limit; the time is shown.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PageManifest } from "../../lib/web/page-files.ts";
import { hasChromium, startChromium } from "../harness/chromium.ts";
import { startProgram } from "../harness/program.ts";
import { medianOf } from "./statistics.ts";

const rounds = 9;
const limitBytes = 200_000;
const folder = join(import.meta.dir, "../../dist/page");

function sizeOfScripts(coding: "br" | "gzip"): number {
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as PageManifest;
  const scripts = Object.entries(manifest).filter(([path]) => path.endsWith(".js"));
  const sizes = scripts.map(
    ([, { codings }]) => readFileSync(join(folder, codings[coding] ?? codings.identity ?? "")).byteLength,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Milliseconds from the navigation until a tool can be run: each time in a profile of its own, without a cache. */
async function measureFirstLoads(url: string): Promise<number[]> {
  const browser = await startChromium();
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const startedAt = performance.now();
    await page.goto(url);
    await page.getByRole("button", { name: "Run" }).waitFor();
    // The first one warms the browser up.
    if (round > 0) times.push(performance.now() - startedAt);
    await context.close();
  }
  await browser.close();
  return times;
}

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
const gzip = sizeOfScripts("gzip");
process.stdout.write(
  `script of the page: ${kilobytes(sizeOfScripts("br"))} as br, ${kilobytes(gzip)} as gzip, limit ${kilobytes(limitBytes)}\n`,
);
if (gzip > limitBytes) process.exitCode = 1;

if (hasChromium) {
  await using server = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"] });
  const [, url = ""] = await server.waitForStderr(/Page\s+(http\S+)/);
  process.stdout.write(
    `first load until a tool can be run: ${medianOf(await measureFirstLoads(url)).toFixed(0)} ms (median of ${rounds})\n`,
  );
} else {
  process.stdout.write("first load: not measured, there is no chromium here\n");
}
