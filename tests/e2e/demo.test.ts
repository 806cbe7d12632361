import { expect, test } from "bun:test";
import { join } from "node:path";
import { recordText } from "../harness/recorder.ts";

test("the demo shows the code, the sign-in, the tools, the progress, the result, and a run that asks nobody", async () => {
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
  ];
  let rest = output;
  for (const pattern of expected) {
    const found = pattern.exec(rest);
    expect(found?.[0]).toMatch(pattern);
    rest = rest.slice((found?.index ?? 0) + (found?.[0].length ?? 0));
  }
  const [, second = ""] = output.split("nobody is asked");
  expect(second).not.toContain("Code");
}, 60_000);
