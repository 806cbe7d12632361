import { join } from "node:path";
import { expect, test } from "bun:test";

test("a reserved standard output carries what its owner writes and nothing else", async () => {
  const program = join(import.meta.dir, "stdout-program.ts");
  const child = Bun.spawn([process.execPath, program], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect(stdout).toBe("frame\n");
  for (const word of ["log", "info", "debug", "table", "dir", "group", "warn", "written"]) {
    expect(stderr).toContain(word);
  }
});
