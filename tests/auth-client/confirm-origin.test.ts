import { describe, expect, test } from "bun:test";
import { confirmOpenServer } from "../../lib/auth/client/confirm-origin.ts";
import { createTrustedOpenServers } from "../../lib/auth/client/trusted-servers.ts";
import type { Origin } from "../../lib/config/option.ts";
import { catchAppError, makeFolder } from "./fixtures.ts";

const fromFolder: Origin = { kind: "folder", name: "MCP_SERVER_URL in ./.env" };
const url = "https://mcp.example.com/mcp";

describe("a server without a token whose address is from a ./.env that nobody named", () => {
  test("is asked about once and then remembered", async () => {
    using folder = makeFolder();
    const environment = { HOME: folder.path };
    const questions: string[] = [];
    const ask = async (question: string) => questions.push(question) > 0;
    await confirmOpenServer({ url, urlOrigin: fromFolder, environment, ask }, {});
    await confirmOpenServer({ url: `${url}2`, urlOrigin: fromFolder, environment, ask }, {});
    expect(questions).toEqual([expect.stringContaining("https://mcp.example.com as the server's address")]);
    expect(await createTrustedOpenServers(environment).list()).toEqual(["https://mcp.example.com"]);
  });

  test.each([
    ["the person says no", async () => false],
    ["there is nobody to ask", undefined],
  ])("is refused when %s", async (_, ask) => {
    using folder = makeFolder();
    const environment = { HOME: folder.path };
    const error = await catchAppError(() =>
      confirmOpenServer({ url, urlOrigin: fromFolder, environment, ask }, {}),
    );
    expect([error.code, error.exitCode]).toEqual(["untrusted_destination", 3]);
    expect(error.hint).toContain("--url");
    expect(await createTrustedOpenServers(environment).list()).toEqual([]);
  });

  test.each([
    ["named by a person", url, { kind: "flag", name: "--url" }],
    ["from the environment", url, { kind: "environment", name: "MCP_SERVER_URL" }],
    ["from a named file", url, { kind: "env-file", name: "MCP_SERVER_URL in x" }],
    ["on this machine", "http://localhost:8000/mcp", fromFolder],
  ] satisfies [string, string, Origin][])(
    "needs no question when it is %s",
    async (_, address, urlOrigin) => {
      await confirmOpenServer({ url: address, urlOrigin, environment: {}, ask: undefined }, {});
    },
  );

  test("is used although the answer cannot be kept", async () => {
    using folder = makeFolder();
    const environment = { HOME: folder.path, XDG_CONFIG_HOME: "/proc/nowhere" };
    await confirmOpenServer({ url, urlOrigin: fromFolder, environment, ask: async () => true }, {});
  });
});
