import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { approveAs, callCard, hasChromium, signInAs, startChromium, visit } from "../harness/chromium.ts";
import { type DevServer, startDevServer } from "../harness/dev-server.ts";

const timeoutMs = 60_000;

let browser: Browser;
beforeAll(async () => {
  if (hasChromium) browser = await startChromium();
}, timeoutMs);
afterAll(async () => browser?.close());

const homeOf = ({ url }: DevServer) => new URL("/", url).href;
const storedKeys = () => Object.keys(sessionStorage).filter((key) => key.includes("token"));

interface TokenCounts {
  readonly token: Record<string, Record<string, number>>;
}

async function countRefreshes(server: DevServer): Promise<number> {
  const counts = (await server.readCounts()) as unknown as TokenCounts;
  return counts.token["refresh_token"]?.["ok"] ?? 0;
}

describe.skipIf(!hasChromium)("signing in on the page (needs chromium)", () => {
  test(
    "a person signs in at the dev tenant, sees who they are, and signs out",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, homeOf(server));
      const { page } = visited;
      await signInAs(page, "Ada");
      await page.getByRole("button", { name: "Run" }).waitFor();
      const identity = page.locator(".identity");
      for (const fact of ["Ada Lindqvist", "ada@devtenant.example", "dec0de00-0000-4000-8000-000000000001"]) {
        expect(await identity.textContent()).toContain(fact);
      }
      expect(await identity.getByText("execute").count()).toBe(1);
      expect(await identity.textContent()).toMatch(/Time left(1 h|59 min)/);
      expect(await page.evaluate(storedKeys)).not.toEqual([]);
      expect(await page.evaluate(() => localStorage.length)).toBe(0);
      expect(page.url()).toBe(homeOf(server));

      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      expect(await page.evaluate(storedKeys)).toEqual([]);
    },
    timeoutMs,
  );

  test(
    "a reload keeps the person signed in, without another visit to the authority",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, homeOf(server));
      const { page } = visited;
      await signInAs(page, "Ada");
      await page.getByRole("button", { name: "Run" }).waitFor();
      const before = await server.readCounts();
      await page.reload();
      await page.getByRole("button", { name: "Run" }).waitFor();
      expect((await server.readCounts())["authorize"]).toEqual(before["authorize"]);
    },
    timeoutMs,
  );

  test(
    "a person signs in in a window of its own, which closes by itself",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, homeOf(server));
      const { page } = visited;
      const opened = page.waitForEvent("popup");
      await page.getByRole("button", { name: "Sign in using a new window" }).click();
      const popup = await opened;
      const closed = popup.waitForEvent("close");
      await approveAs(popup, "Ada");
      await closed;
      await page.getByRole("button", { name: "Run" }).waitFor();
      expect(await page.locator(".identity").textContent()).toContain("Ada Lindqvist");
    },
    timeoutMs,
  );

  test(
    "who declines is told so, and can try again",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, homeOf(server));
      const { page } = visited;
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByRole("button", { name: "Decline" }).click();
      const alert = page.getByRole("alert");
      expect(await alert.textContent()).toContain("AADSTS65004");
      await signInAs(page, "Ada");
      await page.getByRole("button", { name: "Run" }).waitFor();
    },
    timeoutMs,
  );

  test(
    "an answer that nobody asked for changes nothing, and its words are not shown",
    async () => {
      await using server = await startDevServer();
      const state = btoa(JSON.stringify({ id: "x", meta: { interactionType: "redirect" } }));
      const answer = new URLSearchParams({ error: "x", error_description: "AADSTS1: call 555", state });
      await using visited = await visit(browser, `${homeOf(server)}#${answer}`);
      const { page } = visited;
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      expect(await page.content()).not.toContain("555");
      expect(page.url()).toBe(homeOf(server));
    },
    timeoutMs,
  );

  test(
    "a person without the scope sees why, and can come as somebody else",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, homeOf(server), { expects: [403] });
      const { page } = visited;
      await signInAs(page, "Ben");
      const alert = page.getByRole("alert");
      await alert.waitFor();
      const said = (await alert.textContent()) ?? "";
      expect(said).toContain("Your account lacks the permission");
      expect(said).toContain("administrator");
      expect(said).toContain("insufficient_scope");
      expect(await page.locator(".identity").textContent()).toContain("Ben Okafor");
      await page.getByRole("button", { name: "Use another account" }).click();
      await approveAs(page, "Ada");
      await page.getByRole("button", { name: "Run" }).waitFor();
      expect(await page.locator(".identity").textContent()).toContain("Ada Lindqvist");
      // Both were signed in: both are signed out.
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      expect(await page.evaluate(storedKeys)).toEqual([]);
    },
    timeoutMs,
  );

  test(
    "where the server names another authority than before, the person signs in there",
    async () => {
      await using server = await startDevServer();
      await using other = await startDevServer();
      await using visited = await visit(browser, homeOf(server));
      const { page } = visited;
      await signInAs(page, "Ada");
      await page.getByRole("button", { name: "Run" }).waitFor();
      const config: unknown = await (await fetch(new URL("/api/config", other.url))).json();
      await page.route("**/api/config", (route) => route.fulfill({ json: config }));
      await page.reload();
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
    },
    timeoutMs,
  );
});

describe.skipIf(!hasChromium)("renewal on the page (needs chromium)", () => {
  test(
    "a token that is about to end is renewed without a click",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, homeOf(server));
      const { page } = visited;
      await page.clock.install();
      await signInAs(page, "Ada");
      await page.getByRole("button", { name: "Run" }).waitFor();
      await page.clock.fastForward("54:00");
      await page.getByText(/^[56] min$/).waitFor();
      expect(await countRefreshes(server)).toBe(0);
      await page.clock.fastForward("02:00");
      await page.getByText(/^(1 h|59 min)$/).waitFor();
      expect(await countRefreshes(server)).toBe(1);
    },
    timeoutMs,
  );

  test(
    "a token that the server refuses is renewed once, and the call goes through without a click",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, homeOf(server), { expects: [401] });
      const { page } = visited;
      await signInAs(page, "Ada");
      await page.getByRole("button", { name: "Run" }).waitFor();
      await server.setFaults({ rolloverKeys: "withdraw" });
      // Somebody with a new token comes first: the server looks the keys up again, and the old one is gone.
      const authorization = `Bearer ${await server.mintToken()}`;
      expect((await server.request("/api/me", { headers: { authorization } })).status).toBe(200);
      await page.getByRole("textbox", { name: "Query" }).fill("abc");
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 1).getByText("cba").waitFor();
      expect(await countRefreshes(server)).toBe(1);
    },
    timeoutMs,
  );

  test(
    "a renewal that was refused for a while is told no more once it works again",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, homeOf(server), { expects: [400] });
      const { page } = visited;
      await page.clock.install();
      await signInAs(page, "Ada");
      await page.getByRole("button", { name: "Run" }).waitFor();
      await server.setFaults({ conditionalAccessBlocks: 1 });
      await page.clock.fastForward("56:00");
      const alert = page.getByRole("alert").filter({ hasText: "Your sign-in has ended" });
      await alert.waitFor();
      await page.clock.fastForward("00:31");
      await alert.waitFor({ state: "detached" });
      expect(await countRefreshes(server)).toBe(1);
    },
    timeoutMs,
  );

  test(
    "a sign-in that cannot be renewed is told, and signing in again keeps the calls",
    async () => {
      await using server = await startDevServer();
      await using visited = await visit(browser, homeOf(server), { expects: [400] });
      const { page } = visited;
      await page.clock.install();
      await signInAs(page, "Ada");
      await page.getByRole("textbox", { name: "Query" }).fill("abc");
      await page.getByRole("button", { name: "Run" }).click();
      await callCard(page, 1).getByText("cba").waitFor();
      await server.setFaults({ refuseRefresh: "expired" });
      await page.clock.fastForward("58:00");
      const alert = page.getByRole("alert").filter({ hasText: "Your sign-in has ended" });
      await alert.waitFor();
      expect(await alert.textContent()).toContain("AADSTS700082");
      await server.setFaults({ refuseRefresh: "no" });
      const opened = page.waitForEvent("popup");
      await alert.getByRole("button", { name: "Sign in again" }).click();
      await approveAs(await opened, "Ada");
      await alert.waitFor({ state: "detached" });
      expect(await callCard(page, 1).getByText("cba").count()).toBe(1);
    },
    timeoutMs,
  );
});
