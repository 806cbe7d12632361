import { expect, test } from "bun:test";
import { nameTools } from "../../lib/agent/tool-names.ts";

const namesFor = (...names: string[]) => [...nameTools(names.map((name) => ({ name }))).keys()];

test("a name that providers accept stays", () => {
  expect(namesFor("reverse_tool", "A-1")).toEqual(["reverse_tool", "A-1"]);
});

test.each(["files.read", "", "ä", "x".repeat(65), "__proto__", "constructor", "a b"])(
  "%p becomes safe",
  (name) => {
    const [safe = ""] = namesFor(name);
    expect(safe).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(safe).not.toBe(name);
  },
);

test("a name stays the same from one start to the next, whatever the others are", () => {
  expect(namesFor("files.read")[0]).toBe(namesFor("other", "files.read")[1] as string);
});

test("a tool cannot take the safe name of another one", () => {
  const [safe = ""] = namesFor("files.read");
  for (const order of [
    [safe, "files.read"],
    ["files.read", safe],
  ]) {
    const tools = nameTools(order.map((name) => ({ name })));
    expect(tools.size).toBe(2);
    expect(tools.get(safe)?.name).toBe(safe);
  }
});

test("of two tools with one name the first counts", () => {
  const first = { name: "a", from: 1 };
  expect([...nameTools([first, { name: "a", from: 2 }]).values()]).toEqual([first]);
});
