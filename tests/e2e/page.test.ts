import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { PageManifest } from "../../lib/web/page-files.ts";
import { callCard, hasChromium, signInAs, startChromium, visit } from "../harness/chromium.ts";
import { startDevServer } from "../harness/dev-server.ts";
import { startOpenServer } from "../harness/open-server.ts";

const timeoutMs = 60_000;

let browser: Browser;
beforeAll(async () => {
  if (hasChromium) browser = await startChromium();
}, timeoutMs);
afterAll(async () => browser?.close());

async function runReverse(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Query" }).fill(text);
  await page.getByRole("button", { name: "Run" }).click();
}

/** Notes every value that the first bar takes, from inside the page. */
async function watchBar(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(`{
    const values = (window.barValues = []);
    new MutationObserver(() => {
      const value = document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow");
      if (value && values.at(-1) !== value) values.push(value);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  }`);
  return () => page.evaluate<string[]>("window.barValues");
}

describe.skipIf(!hasChromium)("calls on the page (needs chromium)", () => {
  test(
    "a call shows its progress step by step, then its result, which can be copied",
    async () => {
      await using server = await startDevServer({ reverseSeconds: 1 });
      await using visited = await visit(browser, new URL("/", server.url).href, {
        permissions: ["clipboard-read", "clipboard-write"],
      });
      const { page } = visited;
      await signInAs(page, "Ada");
      await page.getByRole("textbox", { name: "Query" }).waitFor();
      const readBar = await watchBar(page);
      await runReverse(page, "straw");
      const card = callCard(page, 1);
      await card.getByText("warts").waitFor();
      const values = (await readBar()).map(Number);
      // The browser draws what comes at one moment at once: steps may be left out, but none comes twice or too early.
      expect(values.length).toBeGreaterThanOrEqual(4);
      expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b));
      expect(await card.textContent()).toContain("Done");
      await card.getByRole("button", { name: "JSON", exact: true }).click();
      const json = { reversed_query: "warts" };
      expect(JSON.parse((await card.locator("pre").textContent()) ?? "")).toEqual(json);
      await card.getByRole("button", { name: "Copy JSON" }).click();
      await card.getByRole("button", { name: "Copied" }).waitFor();
      expect(JSON.parse(await page.evaluate<string>("navigator.clipboard.readText()"))).toEqual(json);
    },
    timeoutMs,
  );

  test(
    "two calls run at once, each with its own bar, and one is cancelled alone",
    async () => {
      await using server = await startOpenServer("--reverse-seconds", "2");
      await using visited = await visit(browser, server.url);
      const { page } = visited;
      await runReverse(page, "first");
      await runReverse(page, "second");
      await page.getByRole("progressbar").nth(1).waitFor();
      await page.getByRole("button", { name: "Cancel call 1, Reverse a text" }).click();
      await callCard(page, 1).getByText("Cancelled", { exact: true }).waitFor();
      expect(await page.getByRole("progressbar").count()).toBe(1);
      await callCard(page, 2).getByText("dnoces").waitFor();
      expect(await callCard(page, 1).getByText("tsrif").count()).toBe(0);
    },
    timeoutMs,
  );

  test(
    "wrong input is told beside its field before anything is sent",
    async () => {
      await using server = await startOpenServer();
      await using visited = await visit(browser, server.url);
      const { page } = visited;
      const posts: string[] = [];
      page.on("request", (request) => void (request.method() === "POST" && posts.push(request.url())));
      await page.getByRole("button", { name: /Pick a random number/ }).click();
      await page.getByRole("textbox", { name: "Min" }).fill("1.5");
      await page.getByRole("button", { name: "Run" }).click();
      const min = page.getByRole("textbox", { name: "Min" });
      const max = page.getByRole("textbox", { name: "Max" });
      expect(await min.getAttribute("aria-invalid")).toBe("true");
      expect(await max.getAttribute("aria-invalid")).toBe("true");
      await min.and(page.locator(":focus")).waitFor();
      const error = page.locator("#field\\.min-error");
      expect(await error.textContent()).toBe("Enter a whole number.");
      expect(await min.getAttribute("aria-describedby")).toBe("field.min-about field.min-error");
      expect(posts).toEqual([]);
      await min.fill("7");
      expect(await min.getAttribute("aria-invalid")).toBe("false");
      await max.fill("7");
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 1).getByText("random_number").waitFor();
      expect(await callCard(page, 1).locator("dd").textContent()).toBe("7");
    },
    timeoutMs,
  );

  test(
    "a tool that fails says why, with the reason code",
    async () => {
      await using server = await startOpenServer();
      await using visited = await visit(browser, server.url, { expects: [422, 500] });
      const { page } = visited;
      await page.getByRole("button", { name: /Pick a random number/ }).click();
      await page.getByRole("textbox", { name: "Min" }).fill("2");
      await page.getByRole("textbox", { name: "Max" }).fill("1");
      await page.getByRole("button", { name: "Run" }).click();
      const card = callCard(page, 1);
      await card.getByText("min must not be greater than max").waitFor();
      expect(await card.textContent()).toContain("tool_failed");
    },
    timeoutMs,
  );

  test(
    "a server that goes away is told as such, and what ran has failed",
    async () => {
      await using server = await startOpenServer("--reverse-seconds", "30");
      await using visited = await visit(browser, server.url, { expects: [0] });
      const { page } = visited;
      await runReverse(page, "abc");
      await callCard(page, 1).getByText("0 %").waitFor();
      server.program.kill("SIGKILL");
      await callCard(page, 1).getByText("The connection broke", { exact: true }).waitFor();
      await runReverse(page, "abc");
      await callCard(page, 2).getByText("The server does not answer", { exact: true }).waitFor();
    },
    timeoutMs,
  );

  test(
    "the calls of the visit stay, can be used again and cleared",
    async () => {
      await using server = await startOpenServer("--reverse-seconds", "0");
      await using visited = await visit(browser, server.url);
      const { page } = visited;
      await runReverse(page, "one");
      await callCard(page, 1).getByText("eno").waitFor();
      await page.getByRole("button", { name: /Pick a random number/ }).click();
      await page.getByRole("button", { name: "Use again: the input of call 1" }).click();
      expect(await page.getByRole("textbox", { name: "Query" }).inputValue()).toBe("one");
      await page.getByRole("button", { name: "Hide the outcome of call 1" }).click();
      expect(await callCard(page, 1).getByText("eno").isVisible()).toBe(false);
      await page.getByRole("button", { name: "Clear finished" }).click();
      expect(await page.locator(".call").count()).toBe(0);
    },
    timeoutMs,
  );
});

/** A tool whose arguments are of every kind. */
const orderTool = {
  name: "order",
  title: "Order",
  description: "Orders things.",
  annotations: { destructiveHint: true },
  outputSchema: { type: "object" },
  inputSchema: {
    type: "object",
    required: ["email", "size", "items", "address"],
    properties: {
      email: { type: "string", format: "email", maxLength: 100 },
      size: { enum: ["small", "large"] },
      items: { type: "array", minItems: 1, items: { type: "string", maxLength: 20 } },
      address: {
        type: "object",
        required: ["city"],
        properties: { city: { type: "string", maxLength: 40 } },
      },
      isGift: { type: "boolean", default: false },
      note: { type: "string", maxLength: 50 },
      extra: {},
    },
  },
};

describe.skipIf(!hasChromium)("the form of a tool (needs chromium)", () => {
  test(
    "asks for texts, choices, lists, groups, switches and JSON, and sends what was entered",
    async () => {
      await using server = await startOpenServer();
      await using visited = await visit(browser, "about:blank");
      const { page } = visited;
      const sent: unknown[] = [];
      await page.route("**/api/tools", (route) => route.fulfill({ json: { tools: [orderTool] } }));
      await page.route("**/api/tools/order", (route) => {
        sent.push(route.request().postDataJSON());
        const result = { content: [], structuredContent: { lines: [{ name: "a", count: 1 }], total: null } };
        const body = `event: progress\ndata: {"progress":1}\n\nevent: result\ndata: ${JSON.stringify(result)}\n\n`;
        return route.fulfill({ contentType: "text/event-stream", body });
      });
      await page.goto(server.url);
      expect(await page.locator(".tool-head").textContent()).toContain("May delete or overwrite");
      await page.getByRole("textbox", { name: "Email" }).fill("ada");
      await page.getByRole("button", { name: "Run" }).click();
      expect(await page.getByRole("alert").textContent()).toBe("4 fields need a change.");
      await page.getByRole("textbox", { name: "Email" }).fill("ada@contoso.com");
      await page.getByRole("combobox", { name: "Size" }).selectOption("large");
      await page.getByRole("textbox", { name: "Item 1" }).fill("tea");
      await page.getByRole("button", { name: "Add to items" }).click();
      await page.getByRole("button", { name: "Add to items" }).click();
      await page.getByRole("textbox", { name: "Item 3" }).fill("cake");
      await page.getByRole("button", { name: "Remove item 2 of Items" }).click();
      await page.getByRole("group", { name: "Address" }).getByRole("textbox", { name: "City" }).fill("Oslo");
      await page.getByRole("checkbox", { name: "Is gift" }).check();
      await page.getByRole("textbox", { name: "Extra" }).fill('{"any": [1]}');
      expect(await page.getByRole("alert").count()).toBe(0);
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 1).getByText("Done", { exact: true }).waitFor();
      const address = { city: "Oslo" };
      expect(sent).toEqual([
        {
          email: "ada@contoso.com",
          size: "large",
          items: ["tea", "cake"],
          address,
          isGift: true,
          extra: { any: [1] },
        },
      ]);
      expect(await callCard(page, 1).locator(".result .members").first().textContent()).toBe(
        "linesnameacount1totalnull",
      );
    },
    timeoutMs,
  );
});

test("the script of the page has at most 200 kB, compressed for the oldest browser", () => {
  const folder = join(import.meta.dir, "../../dist/page");
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as PageManifest;
  const scripts = Object.values(manifest).filter(({ type }) => type.startsWith("text/javascript"));
  const sizes = scripts.map(({ codings }) => statSync(join(folder, codings.gzip ?? "")).size);
  expect(sizes.length).toBeGreaterThan(1);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
});

test("--no-web leaves the page out", async () => {
  await using server = await startOpenServer("--no-web");
  expect((await fetch(server.url)).status).toBe(404);
});

describe.skipIf(!hasChromium)("the page of an open server (needs chromium)", () => {
  test(
    "asks nobody to sign in, and loads no code for it",
    async () => {
      await using server = await startOpenServer();
      const loaded: string[] = [];
      const context = await browser.newContext();
      const page = await context.newPage();
      page.on("request", (request) => loaded.push(request.url()));
      await page.goto(server.url);
      await page.getByRole("button", { name: "Run" }).waitFor();
      expect(await page.getByRole("button", { name: /sign/i }).count()).toBe(0);
      expect(loaded.filter((url) => url.includes("sign-in"))).toEqual([]);
      expect(loaded.every((url) => url.startsWith(server.url))).toBe(true);
      await context.close();
    },
    timeoutMs,
  );
});
