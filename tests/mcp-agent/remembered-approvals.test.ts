import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRememberedApprovals } from "../../cmd/mcp-agent/remembered-approvals.ts";
import { AppError } from "../../lib/base/errors.ts";
import { createFolder } from "../harness/program.ts";

const fingerprint = "f".repeat(64);
const url = "https://gateway.example/mcp?server=a&key=secret";

test.each([
  [url, "order", fingerprint, true],
  ["https://gateway.example/mcp?server=b&key=secret", "order", fingerprint, false],
  ["https://gateway.example/mcp", "order", fingerprint, false],
  ["https://gateway.example/mcp/?server=a&key=secret", "order", fingerprint, false],
  ["https://gateway.example:444/mcp?server=a&key=secret", "order", fingerprint, false],
  ["http://gateway.example/mcp?server=a&key=secret", "order", fingerprint, false],
  [url, "Order", fingerprint, false],
  [url, "order", "e".repeat(64), false],
])("what was allowed for good at %p with %p and %p: %p", async (address, tool, known, expected) => {
  const environment = { XDG_CONFIG_HOME: createFolder() };
  await createRememberedApprovals(environment, url).remember("order", fingerprint);
  expect(await createRememberedApprovals(environment, address).has(tool, known)).toBe(expected);
});

test.each([
  ["after a while", 50, undefined, "cache_unusable"],
  ["with the signal", 60_000, AbortSignal.abort(new AppError("interrupted", "Interrupted.")), "interrupted"],
])("a lock that nobody gives back is waited for in vain: it ends %s", async (_, maxWaitMs, signal, code) => {
  const folder = createFolder();
  mkdirSync(join(folder, "mcp-entra"), { recursive: true });
  writeFileSync(join(folder, "mcp-entra/approved-tools.json.lock"), "");
  const approvals = createRememberedApprovals({ XDG_CONFIG_HOME: folder }, url, { maxWaitMs });
  await expect(approvals.remember("order", fingerprint, { signal })).rejects.toMatchObject({ code });
});

test("no secret of an address is kept", async () => {
  const folder = createFolder();
  await createRememberedApprovals({ XDG_CONFIG_HOME: folder }, url).remember("order", fingerprint);
  expect(readFileSync(join(folder, "mcp-entra/approved-tools.json"), "utf8")).not.toContain("secret");
});
