import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { parseMsalCache } from "../../lib/auth/client/msal-cache.ts";
import { clientId, scope, startFakeEntra } from "./fake-entra.ts";
import { makeClock, makeFolder } from "./fixtures.ts";

const script = join(import.meta.dir, "get-token-process.ts");

async function run(options: unknown): Promise<string> {
  const child = Bun.spawn([process.execPath, script, JSON.stringify(options)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  return (await new Response(child.stdout).text()).trim();
}

function digest(value: string): string {
  return new Bun.CryptoHasher("sha256").update(value).digest("hex");
}

/** Moves the end of all access tokens into the past. */
function expireTokens(path: string): void {
  const cache = JSON.parse(readFileSync(path, "utf8"));
  for (const entry of Object.values<Record<string, string>>(cache.AccessToken)) entry["expires_on"] = "1000";
  writeFileSync(path, JSON.stringify(cache));
}

describe("processes that share a cache", () => {
  test("renew an expired token once, although the refresh token rotates", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { sleep } = makeClock();
    const options = {
      authority: entra.authority,
      clientId,
      scope,
      cachePath: join(folder.path, "cache.json"),
    };
    await createEntraTokens({ ...options, sleep, showDeviceCode: () => undefined }).getToken();
    expireTokens(options.cachePath);

    const bothAsked = Promise.withResolvers<void>();
    let configurations = 0;
    entra.on("configuration", () => {
      if (++configurations === 2) bothAsked.resolve();
      return undefined;
    });
    let refreshes = 0;
    entra.on("token", async () => {
      refreshes++;
      await bothAsked.promise;
      return undefined;
    });
    const digests = await Promise.all([run(options), run(options)]);

    expect(refreshes).toBe(1);
    const cache = parseMsalCache(readFileSync(options.cachePath, "utf8"));
    const kept = String(cache?.accessTokens[0]?.["secret"]);
    expect(digests).toEqual([digest(kept), digest(kept)]);
    expect(cache?.refreshTokens).toHaveLength(1);
    expect(readdirSync(folder.path)).toEqual(["cache.json"]);
  }, 30_000);

  test("load MSAL for a renewal, but not when a good token is cached", async () => {
    await using entra = startFakeEntra();
    using folder = makeFolder();
    const { sleep } = makeClock();
    const options = {
      authority: entra.authority,
      clientId,
      scope,
      cachePath: join(folder.path, "cache.json"),
    };
    const { value } = await createEntraTokens({
      ...options,
      sleep,
      showDeviceCode: () => undefined,
    }).getToken();
    expect(await run({ ...options, forbidMsal: true })).toBe(digest(value));
    expireTokens(options.cachePath);
    expect(await run({ ...options, forbidMsal: true })).toStartWith("MSAL was loaded");
  }, 30_000);
});
