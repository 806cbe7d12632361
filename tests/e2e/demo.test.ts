import { expect, test } from "bun:test";
import { join } from "node:path";
import { recordText } from "../harness/recorder.ts";

test("the demo shows the code, the sign-in, the tools, the progress, the result, a run that asks nobody, and two rows of an agent", async () => {
  const demo = Bun.spawn([process.execPath, join(import.meta.dir, "../demo/main.ts")], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors, exitCode] = await Promise.all([
    new Response(demo.stdout).text(),
    new Response(demo.stderr).text(),
    demo.exited,
  ]);
  recordText("the demo", output);
  expect(errors).toBe("");
  expect(exitCode).toBe(0);
  const expected = [
    /Sign in +at http:\/\/127\.0\.0\.1:\d+\/devicelogin/,
    /Address +http:\/\/127\.0\.0\.1:\d+\/devicelogin/,
    /Code +[A-Z0-9]{9}/,
    /Signed in as Ada Lindqvist/,
    /reverse_tool\(query: string\)/,
    /random_number_tool\(min: integer, max: integer\)/,
    ...[1, 2, 3, 4, 5].map((step) => new RegExp(`reverse_tool ${step}/5`)),
    /!tneilc PCM morf olleH/,
    /== mcp-client runs again; nobody is asked ==/,
    /Signed in as Ada Lindqvist/,
    /!tneilc PCM morf olleH/,
    /== mcp-agent: .* three tools at once ==/,
    // Two rows advance at the same time: each moves on before the other is done.
    /reverse_tool\(query: "Hello"\) 1\/5/,
    /reverse_tool\(query: "(Hello|World)"\) 2\/5/,
    /reverse_tool\(query: "(Hello|World)"\) 4\/5/,
    /gave "olleH".*gave "dlroW".* gave \d+\./s,
  ];
  let rest = output;
  for (const pattern of expected) {
    const found = pattern.exec(rest);
    expect(found?.[0]).toMatch(pattern);
    rest = rest.slice((found?.index ?? 0) + (found?.[0].length ?? 0));
  }
  const advances = [...output.matchAll(/query: "(Hello|World)"\) [1-4]\/5/g)].map(([, query]) => query);
  expect(advances).toHaveLength(8);
  expect(advances.filter((query, at) => query !== advances[at - 1]).length).toBeGreaterThan(3);
  const [, second = ""] = output.split("nobody is asked");
  expect(second).not.toContain("Code");
}, 60_000);
