import { expect, test } from "bun:test";
import { isDirectPathOn } from "../harness/direct-path.ts";

const runTimeoutMs = 300_000;

// Every promise of the transport holds for the SDKs' paths alone, too: anything unusual goes there.
if (isDirectPathOn) {
  test(
    "the tests of the transport pass without the direct path, too",
    async () => {
      const child = Bun.spawn(
        [process.execPath, "test", "--only-failures", "--timeout", "20000", import.meta.dir],
        {
          env: { ...process.env, MCP_TEST_DIRECT_PATH: "off" },
          stdout: "ignore",
          stderr: "pipe",
        },
      );
      const output = await new Response(child.stderr).text();
      if ((await child.exited) !== 0) throw new Error(output);
      expect(output).toMatch(/^ *[1-9]\d* pass$/m);
    },
    runTimeoutMs,
  );
}
