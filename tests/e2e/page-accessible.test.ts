import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { approveAs, callCard, hasChromium, signInAs, startChromium, visit } from "../harness/chromium.ts";
import { startDevServer } from "../harness/dev-server.ts";

const timeoutMs = 90_000;

let browser: Browser;
beforeAll(async () => {
  if (hasChromium) browser = await startChromium();
}, timeoutMs);
afterAll(async () => browser?.close());

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** What keeps people from using the page, by the rules of WCAG 2.2 up to AA and good practice. */
async function findFaults(page: Page): Promise<readonly string[]> {
  // Trusted types keep Playwright from adding a script element; its own evaluation is not the page's.
  await page.evaluate(`${axe.source};undefined`);
  const { violations } = await page.evaluate<AxeResults>("axe.run(document)");
  return violations.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  );
}

const hasSidewaysScroll = (page: Page) =>
  page.evaluate<boolean>("document.documentElement.scrollWidth > document.documentElement.clientWidth");

/** Every state that a person meets, one after the other. */
async function* walk(page: Page): AsyncGenerator<string, void> {
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  yield "signed out";
  await signInAs(page, "Ben");
  await page.getByRole("alert").waitFor();
  yield "refused";
  await page.getByRole("button", { name: "Use another account" }).click();
  await approveAs(page, "Ada");
  await page.getByRole("button", { name: "Run" }).waitFor();
  yield "tools";
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("alert").waitFor();
  yield "wrong input";
  await page.getByRole("textbox", { name: "Query" }).fill("abc");
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("progressbar").waitFor();
  yield "running";
  await page.getByRole("button", { name: "Cancel call 1, Reverse a text" }).click();
  await page.getByRole("button", { name: /Pick a random number/ }).click();
  for (const [min, max] of [
    ["1", "1"],
    ["2", "1"],
  ]) {
    await page.getByRole("textbox", { name: "Min" }).fill(String(min));
    await page.getByRole("textbox", { name: "Max" }).fill(String(max));
    await page.getByRole("button", { name: "Run" }).click();
  }
  await callCard(page, 3).getByText("tool_failed").waitFor();
  await callCard(page, 2).getByRole("button", { name: "JSON", exact: true }).click();
  yield "cancelled, done and failed";
}

describe.skipIf(!hasChromium)("the page for everybody (needs chromium)", () => {
  test.each([
    ["light", 320],
    ["light", 390],
    ["dark", 390],
    ["light", 1280],
    ["dark", 1920],
  ] as const)(
    "has no fault in any state, in %s at %i pixels",
    async (colorScheme, width) => {
      await using server = await startDevServer({ reverseSeconds: 30 });
      await using visited = await visit(browser, new URL("/", server.url).href, {
        colorScheme,
        viewport: { width, height: 844 },
        expects: [403, 422, 500],
      });
      const { page } = visited;
      for await (const state of walk(page)) {
        expect([state, ...(await findFaults(page))]).toEqual([state]);
        expect([state, await hasSidewaysScroll(page)]).toEqual([state, false]);
      }
    },
    timeoutMs,
  );

  test(
    "is used with the keyboard alone",
    async () => {
      await using server = await startDevServer({ reverseSeconds: 30 });
      await using visited = await visit(browser, new URL("/", server.url).href);
      const { page } = visited;
      const focused = () =>
        page.evaluate<string>(
          `(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "").trim()`,
        );
      /** Presses Tab until the focus is there; each stop on the way must be visible to the eye. */
      async function tabTo(name: RegExp): Promise<void> {
        for (let presses = 0; presses < 25; presses++) {
          await page.keyboard.press("Tab");
          if (name.test(await focused())) return;
        }
        throw new Error(`Tab never reaches ${name}`);
      }
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      await tabTo(/^Sign in$/);
      await page.keyboard.press("Enter");
      await page.getByRole("radio").first().waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Space");
      await tabTo(/^Approve$/);
      await page.keyboard.press("Enter");

      await page.getByRole("button", { name: "Run" }).waitFor();
      await tabTo(/^Skip to the content$/);
      await page.keyboard.press("Enter");
      await tabTo(/^Pick a random number/);
      await page.keyboard.press("Shift+Tab");
      await page.keyboard.press("Enter");
      await page.locator("textarea").focus();
      await page.keyboard.type("abc");
      await tabTo(/^Run$/);
      await page.keyboard.press("Enter");
      await page.getByRole("progressbar").waitFor();
      expect(await focused()).toBe("Run");
      await tabTo(/^Cancel call 1/);
      await page.keyboard.press("Enter");
      await callCard(page, 1).getByText("Cancelled", { exact: true }).waitFor();
      expect(await focused()).toBe("1 Reverse a text");
    },
    timeoutMs,
  );

  test(
    "nothing moves by itself: no layout shift from opening the page to the result",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, "about:blank");
      const { page } = visited;
      await page.addInitScript(`
        window.shifts = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
        }).observe({ type: "layout-shift", buffered: true });
      `);
      const sumShifts = () => page.evaluate<number>("window.shifts.reduce((sum, value) => sum + value, 0)");
      await page.goto(new URL("/", server.url).href);
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      expect(await sumShifts()).toBeLessThan(0.01);
      await signInAs(page, "Ada");
      await page.getByRole("textbox", { name: "Query" }).fill("abc");
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 1).getByText("cba", { exact: true }).waitFor();
      expect(await sumShifts()).toBeLessThan(0.01);
    },
    timeoutMs,
  );

  test(
    "a screen reader hears that a call starts and ends, and not every step",
    async () => {
      await using server = await startDevServer({ reverseSeconds: 1 });
      await using visited = await visit(browser, new URL("/", server.url).href);
      const { page } = visited;
      await signInAs(page, "Ada");
      await page.getByRole("textbox", { name: "Query" }).fill("abc");
      await page.evaluate(`{
        const said = (window.said = []);
        const region = document.querySelector(".unseen[role=status]");
        new MutationObserver(() => said.push(region.textContent)).observe(region, { subtree: true, childList: true });
      }`);
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 1).getByText("cba", { exact: true }).waitFor();
      expect(await page.evaluate<string[]>("window.said")).toEqual([
        "Call 1, Reverse a text: started",
        "Call 1, Reverse a text: done",
      ]);
    },
    timeoutMs,
  );

  test(
    "who wants less motion gets none",
    async () => {
      await using server = await startDevServer({ reverseSeconds: 30 });
      await using visited = await visit(browser, new URL("/", server.url).href, { reducedMotion: "reduce" });
      const { page } = visited;
      await signInAs(page, "Ada");
      await page.getByRole("textbox", { name: "Query" }).fill("abc");
      await page.getByRole("button", { name: "Run" }).click();
      await page.getByRole("progressbar").waitFor();
      const duration = `getComputedStyle(document.querySelector(".filled")).transitionDuration`;
      expect(await page.evaluate<string>(duration)).toBe("1e-05s");
    },
    timeoutMs,
  );
});
