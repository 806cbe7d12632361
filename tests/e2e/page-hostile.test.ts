import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { callCard, hasChromium, signInAs, startChromium, visit } from "../harness/chromium.ts";
import { startDevServer } from "../harness/dev-server.ts";
import { startOpenServer } from "../harness/open-server.ts";

const timeoutMs = 60_000;

let browser: Browser;
beforeAll(async () => {
  if (hasChromium) browser = await startChromium();
}, timeoutMs);
afterAll(async () => browser?.close());

/** A tool as a server could list it, its schema as text: some names cannot be written down otherwise. */
function listTool(name: string, properties: string, words = "Words") {
  const inputSchema: unknown = JSON.parse(`{"type": "object", "properties": ${properties}}`);
  return {
    name,
    title: words,
    description: words,
    annotations: {},
    outputSchema: { type: "object" },
    inputSchema,
  };
}

/** Puts other tools, and one answer for all of them, in the place of the server's. */
async function pretend(page: Page, tools: readonly object[], events = ""): Promise<void> {
  await page.route("**/api/tools", (route) => route.fulfill({ json: { tools } }));
  await page.route("**/api/tools/*", (route) =>
    route.fulfill({ contentType: "text/event-stream", body: events }),
  );
}

const resultOf = (structuredContent: unknown) =>
  `event: result\ndata: ${JSON.stringify({ content: [], structuredContent })}\n\n`;
const markup = "<img src=x onerror=alert(1)><script>alert(1)</script>";

describe.skipIf(!hasChromium)("tools that mean no good, on the page (needs chromium)", () => {
  test(
    "are named in words, never in markup, and break nothing",
    async () => {
      await using server = await startOpenServer();
      await using visited = await visit(browser, "about:blank");
      const { page } = visited;
      const long = "a".repeat(5000);
      await pretend(
        page,
        [
          listTool("constructor", `{"__proto__": {}, "toString": {"type": "array", "items": {}}}`, "First"),
          listTool("toString", `{"a": {"$ref": "#/%"}}`, "Second"),
          listTool("third", `{${JSON.stringify(markup)}: {"title": ${JSON.stringify(markup)}}}`, markup),
          listTool("fourth", `{"a": {"type": "array", "minItems": 1e10, "items": {}}}`, long),
        ],
        resultOf({ [markup]: markup }),
      );
      await page.goto(server.url);
      await page.getByRole("button", { name: "Second" }).click();
      await page.getByRole("textbox", { name: "A", exact: true }).fill("1");
      await page.getByRole("button", { name: long }).click();
      expect(await page.getByRole("button", { name: "Remove" }).count()).toBe(10);
      expect(
        await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
      ).toBe(true);
      await page.getByRole("button", { name: markup }).click();
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 1).getByText("Done", { exact: true }).waitFor();
      expect(await page.locator("main img, main script").count()).toBe(0);
      expect(await callCard(page, 1).locator(".result dt").textContent()).toBe(markup);
    },
    timeoutMs,
  );

  test(
    "with a result of megabytes leave the page at work: it shows the beginning, and copies all of it",
    async () => {
      await using server = await startOpenServer();
      await using visited = await visit(browser, "about:blank", {
        permissions: ["clipboard-read", "clipboard-write"],
      });
      const { page } = visited;
      const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `row ${id}` }));
      await pretend(page, [listTool("t", "{}")], resultOf({ rows }));
      await page.goto(server.url);
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 1).getByText("this is its beginning").waitFor();
      expect((await callCard(page, 1).locator("pre").textContent())?.length).toBe(100_000);
      expect(await page.evaluate<number>("document.querySelectorAll('*').length")).toBeLessThan(500);
      await callCard(page, 1).getByRole("button", { name: "Copy JSON" }).click();
      await callCard(page, 1).getByRole("button", { name: "Copied" }).waitFor();
      expect(JSON.parse(await page.evaluate<string>("navigator.clipboard.readText()"))).toEqual({ rows });
    },
    timeoutMs,
  );

  test.each(["null", "7", "{}", '{"structuredContent": "text"}'])(
    "with %s in the place of a result fail, and their call alone",
    async (data) => {
      await using server = await startOpenServer();
      await using visited = await visit(browser, "about:blank");
      const { page } = visited;
      await pretend(page, [listTool("t", "{}")], `event: result\ndata: ${data}\n\n`);
      await page.goto(server.url);
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 1).getByText("connection_lost").waitFor();
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 2).getByText("connection_lost").waitFor();
    },
    timeoutMs,
  );

  test(
    "with something that cannot be drawn fail in their own place",
    async () => {
      await using server = await startOpenServer();
      const context = await browser.newContext();
      const page = await context.newPage();
      const event = `event: progress\ndata: {"progress": 1, "message": {"no": "text"}}\n\n`;
      // A call that runs on: Playwright gives whole answers only.
      await page.addInitScript(`{
        const ask = fetch;
        const start = (stream) => stream.enqueue(new TextEncoder().encode(${JSON.stringify(event)}));
        window.fetch = (url, init) =>
          url.endsWith("/t") ? Promise.resolve(new Response(new ReadableStream({ start }))) : ask(url, init);
      }`);
      await page.route("**/api/tools", (route) => route.fulfill({ json: { tools: [listTool("t", "{}")] } }));
      await page.goto(server.url);
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 1).getByText("Something unexpected went wrong in this page.").waitFor();
      expect(await page.getByRole("button", { name: "Run" }).isVisible()).toBe(true);
      await context.close();
    },
    timeoutMs,
  );
});

describe.skipIf(!hasChromium)("the policy of the page (needs chromium)", () => {
  test(
    "stops what would run in the page if anybody could write into it",
    async () => {
      await using server = await startOpenServer();
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(server.url);
      await page.getByRole("button", { name: "Run" }).waitFor();
      const attempts = [
        `document.body.innerHTML = "<img src=x onerror=alert(1)>"`,
        `trustedTypes.createPolicy("default", { createHTML: (text) => text })`,
        `document.body.append(Object.assign(document.createElement("script"), { text: "window.ran = true" }))`,
      ];
      for (const attempt of attempts) {
        expect([
          attempt,
          await page.evaluate(`(() => { try { ${attempt} } catch { return "stopped" } })()`),
        ]).toEqual([attempt, "stopped"]);
      }
      const asked = await page.evaluate<string>(
        `fetch("https://evil.example/").then(() => "sent", () => "stopped")`,
      );
      expect([asked, await page.evaluate("window.ran")]).toEqual(["stopped", undefined]);
      await context.close();
    },
    timeoutMs,
  );

  test(
    "keeps the page out of frames",
    async () => {
      await using server = await startOpenServer();
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto("about:blank");
      await page.setContent(`<iframe src="${server.url}"></iframe>`, { waitUntil: "load" });
      expect(page.frames().some((frame) => frame.url() === server.url)).toBe(false);
      await context.close();
    },
    timeoutMs,
  );

  test(
    "cuts the page off from whoever opened it",
    async () => {
      await using server = await startOpenServer();
      await using opener = await startOpenServer("--no-web");
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(opener.url);
      const opened = context.waitForEvent("page");
      await page.evaluate(`{ window.opened = window.open(${JSON.stringify(server.url)}) }`);
      const popup = await opened;
      await popup.getByRole("button", { name: "Run" }).waitFor();
      expect(await popup.evaluate("window.opener === null")).toBe(true);
      expect(await page.evaluate("window.opened.closed")).toBe(true);
      await context.close();
    },
    timeoutMs,
  );
});

describe.skipIf(!hasChromium)("going back on the page (needs chromium)", () => {
  test(
    "no way back leads to the code of a sign-in, and no answer stays in the address",
    async () => {
      await using server = await startDevServer();
      const home = new URL("/", server.url).href;
      await using visited = await visit(browser, home);
      const { page } = visited;
      await signInAs(page, "Ada");
      await page.getByRole("button", { name: "Run" }).waitFor();
      await page.goBack();
      expect(page.url()).toStartWith(server.pageUrl.slice(0, server.pageUrl.indexOf("/", 8)));
      await page.goForward();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      expect(page.url()).toBe(home);
    },
    timeoutMs,
  );

  test(
    "who has signed out is not seen again, nor what they did",
    async () => {
      const keeping = await startChromium({ keepsPages: true });
      await using server = await startDevServer();
      const page = await (await keeping.newContext()).newPage();
      await page.goto(new URL("/", server.url).href);
      await signInAs(page, "Ada");
      await page.getByRole("textbox", { name: "Query" }).fill("secret");
      await page.getByRole("button", { name: "Run" }).click();
      await page.getByText("terces").waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      const loaded = page.waitForRequest("**/api/config");
      await page.evaluate("history.back()");
      await loaded;
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      expect(await page.getByText(/terces|Ada/).count()).toBe(0);
      await keeping.close();
    },
    timeoutMs,
  );

  test(
    "a second sign-in window takes the place of the first, without a complaint",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, new URL("/", server.url).href);
      const { page, context } = visited;
      const open = page.getByRole("button", { name: "Sign in using a new window" });
      const first = context.waitForEvent("page");
      await open.click();
      await (await first).getByRole("button", { name: "Approve" }).waitFor();
      const second = context.waitForEvent("page");
      await open.click();
      await (await second).getByRole("button", { name: "Approve" }).waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
      expect(await page.getByText("Go on in the sign-in window.").count()).toBe(1);
    },
    timeoutMs,
  );
});
