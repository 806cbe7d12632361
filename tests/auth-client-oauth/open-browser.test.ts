import { expect, test } from "bun:test";
import { chmodSync, existsSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBrowser } from "../../lib/auth/client/open-browser.ts";
import { createHome } from "./open-tokens.ts";

test("the browser gets the address as its only argument, past every shell, and none of our secrets", async () => {
  const home = createHome();
  const browser = join(home, "a browser");
  writeFileSync(
    browser,
    '#!/bin/sh\nprintf "%s\\n" "$#" "$1" "$MCP_CLIENT_SECRET" > "$OUT.tmp"\nmv "$OUT.tmp" "$OUT"\n',
  );
  chmodSync(browser, 0o700);
  const out = join(home, "out");
  const address = "https://as.example/authorize?a=$(touch x)&b=`id`;rm -rf&c='\"";
  const changed = new Promise<void>((resolve) => {
    const watcher = watch(home, () => {
      if (!existsSync(out)) return;
      watcher.close();
      resolve();
    });
  });
  openBrowser([browser], address, { PATH: process.env["PATH"], OUT: out, MCP_CLIENT_SECRET: "hush" });
  await changed;
  expect(await Bun.file(out).text()).toBe(`1\n${address}\n\n`);
});

test("a browser that cannot be started is named", () => {
  expect(() => openBrowser(["/no/such/browser"], "https://as.example/", {})).toThrow("cannot be started");
});
