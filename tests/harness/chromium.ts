import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { recordText } from "./recorder.ts";

const names = ["chromium", "chromium-browser", "google-chrome"];

function findChromium(): string | undefined {
  return names.map((name) => Bun.which(name)).find((path) => path !== null && existsSync(path)) ?? undefined;
}

/** Tests that need a browser skip where there is none, but never in CI. */
export const hasChromium = findChromium() !== undefined || process.env["CI"] !== undefined;

/**
 * Starts Debian's Chromium without a window.
 *
 * @param options.keepsPages whether Back and Forward bring pages back as they were left, as people's browsers do;
 *   Playwright does not notice such a way back
 */
export function startChromium({ keepsPages = false } = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("there is no chromium on this machine");
  // Tests run as root in containers with little shared memory.
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    ignoreDefaultArgs: keepsPages ? ["--disable-back-forward-cache"] : [],
  });
}

/** What the browser has to say against a page. */
export interface Complaint {
  readonly kind: "console" | "exception" | "policy";
  readonly text: string;
}

export interface VisitOptions extends BrowserContextOptions {
  /** Statuses of requests that the test provokes: the browser writes a line about each. */
  readonly expects?: readonly number[];
}

function isExpected(text: string, expects: readonly number[]): boolean {
  return expects.some((status) =>
    status === 0 ? text.includes("net::ERR_") : text.includes(`responded with a status of ${status} `),
  );
}

/** Notes what the page writes, throws and violates, and every address that it asks for. */
function watch(page: Page, expects: readonly number[]) {
  const complaints: Complaint[] = [];
  const seen: string[] = [];
  page.on("console", (message) => {
    seen.push(message.text());
    if (!["error", "warning"].includes(message.type()) || isExpected(message.text(), expects)) return;
    const isPolicy = message.text().includes("Content Security Policy");
    complaints.push({ kind: isPolicy ? "policy" : "console", text: message.text() });
  });
  page.on("pageerror", (error) => complaints.push({ kind: "exception", text: String(error) }));
  // A fragment is never sent; the code of a sign-in is in one, and in no other part.
  page.on("request", (request) => seen.push(request.url().split("#")[0] ?? ""));
  return { complaints, seen };
}

/**
 * A person's visit: a browser profile of its own. At its end nothing may have been complained about, and what was
 * shown, written and asked for is kept for the search for secrets.
 */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}) {
  const { expects = [], ...contextOptions } = options;
  const context = await browser.newContext({
    locale: "en-GB",
    viewport: { width: 1280, height: 900 },
    ...contextOptions,
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const { complaints, seen } = watch(page, expects);
  await page.goto(url);
  return {
    page,
    context,
    complaints,
    async [Symbol.asyncDispose]() {
      recordText(`page ${url}`, [...seen, await page.content().catch(() => "")].join("\n"));
      await context.close();
      if (complaints.length > 0) throw new Error(`the browser complains: ${JSON.stringify(complaints)}`);
    },
  };
}

export type Visit = Awaited<ReturnType<typeof visit>>;

/** Chooses who to be on the dev tenant's page, and agrees. */
export async function approveAs(page: Page, person: string): Promise<void> {
  await page.getByRole("radio", { name: person }).check();
  await page.getByRole("button", { name: "Approve" }).click();
}

/** Signs in as somebody, from the page and back to it. */
export async function signInAs(page: Page, person: string): Promise<void> {
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await approveAs(page, person);
}

/** The part of the page about one call, by its number. */
export function callCard(page: Page, number: number) {
  return page.locator(".call").filter({ has: page.locator(".call-number", { hasText: String(number) }) });
}
