import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findConfirmationsFile } from "../../lib/auth/client/confirmations.ts";
import {
  createTrustedModels,
  createTrustedServers,
  isTrusted,
} from "../../lib/auth/client/trusted-servers.ts";
import { catchAppError, makeFolder } from "./fixtures.ts";

const record = {
  origin: "https://mcp.contoso.com",
  authority: "https://login.microsoftonline.com/contoso.com",
  scope: "api://a/execute",
  clientId: "c",
};

describe("trusted servers", () => {
  test("are remembered in a private file of the config folder, each once", async () => {
    using folder = makeFolder();
    const trusted = createTrustedServers({ HOME: folder.path });
    expect(await trusted.list()).toEqual([]);
    const umask = process.umask(0);
    try {
      await trusted.remember(record);
      await trusted.remember({ ...record, scope: "api://b/execute" });
      await trusted.remember(record);
    } finally {
      process.umask(umask);
    }
    expect(await trusted.list()).toEqual([{ ...record, scope: "api://b/execute" }, record]);
    const home = join(folder.path, ".config", "mcp-entra");
    expect(readdirSync(home)).toEqual(["trusted-servers.json"]);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, "trusted-servers.json")).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["garbage", 0o600],
    ["[]", 0o600],
    ['{"servers":{}}', 0o600],
    ['{"servers":[1,{"origin":"https://mcp.contoso.com"}]}', 0o600],
    [JSON.stringify({ servers: [record] }), 0o666],
  ])("count as empty when the file holds %p with mode %o, and are written anew", async (text, mode) => {
    using folder = makeFolder();
    const environment = { XDG_CONFIG_HOME: folder.path };
    const path = findConfirmationsFile(environment, "trusted-servers.json") ?? "";
    const trusted = createTrustedServers(environment);
    await trusted.remember(record);
    writeFileSync(path, text);
    chmodSync(path, mode);
    expect(await trusted.list()).toEqual([]);
    await trusted.remember(record);
    expect(await trusted.list()).toEqual([record]);
  });

  test.each([
    [{ HOME: "/home/ada" }, "linux", "/home/ada/.config/mcp-entra/trusted-servers.json"],
    [{ HOME: "/home/ada", XDG_CONFIG_HOME: "/x" }, "linux", "/x/mcp-entra/trusted-servers.json"],
    [
      { HOME: "/home/ada", XDG_CONFIG_HOME: "x" },
      "linux",
      "/home/ada/.config/mcp-entra/trusted-servers.json",
    ],
    [
      { HOME: "/home/ada", XDG_CONFIG_HOME: "" },
      "darwin",
      "/home/ada/.config/mcp-entra/trusted-servers.json",
    ],
    [{ HOME: "." }, "linux", undefined],
    [{}, "linux", undefined],
    [{ APPDATA: "/appdata", HOME: "/h" }, "win32", "/appdata/mcp-entra/trusted-servers.json"],
  ] as const)("are kept, with %p on %s, at %p", (environment, platform, expected) => {
    expect(findConfirmationsFile(environment, "trusted-servers.json", platform)).toBe(expected as string);
  });

  test("are not remembered without a home, and never in the current folder", async () => {
    expect(await createTrustedServers({ HOME: "relative" }).remember(record)).toBeFalse();
    expect(existsSync("relative")).toBeFalse();
  });

  test("say so when the config folder cannot be made", async () => {
    using folder = makeFolder();
    writeFileSync(join(folder.path, ".config"), "");
    const trusted = createTrustedServers({ HOME: folder.path });
    expect(await trusted.list()).toEqual([]);
    const error = await catchAppError(() => trusted.remember(record));
    expect(error.code).toBe("cache_unusable");
    expect(readFileSync(join(folder.path, ".config"), "utf8")).toBe("");
  });

  test("are trusted only when nothing changed", () => {
    expect(isTrusted([record], { ...record })).toBeTrue();
    for (const name of ["origin", "authority", "scope", "clientId"] as const) {
      expect(isTrusted([record], { ...record, [name]: `${record[name]}x` })).toBeFalse();
    }
  });
});

test("trusted models are remembered by their origin, apart from the servers", async () => {
  using folder = makeFolder();
  const environment = { HOME: folder.path };
  const models = createTrustedModels(environment);
  expect(await models.list()).toEqual([]);
  await models.remember("https://models.contoso.com");
  await models.remember("https://models.contoso.com");
  expect(await models.list()).toEqual(["https://models.contoso.com"]);
  expect(await createTrustedServers(environment).list()).toEqual([]);
});
