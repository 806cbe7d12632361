import type { TestTool } from "./sdk-server.ts";
import { gate } from "./settled.ts";

/** A tool that tells when it runs, and goes on when the test says so. */
export function pausing() {
  const started = gate();
  const goOn = gate();
  const aborted = gate();
  let runs = 0;
  const tool: TestTool = {
    name: "pausing",
    async run(_args, { report, signal }) {
      runs++;
      signal.addEventListener("abort", () => aborted.open(), { once: true });
      await report(1, 2);
      started.open();
      await Promise.race([goOn.opened, aborted.opened]);
      await report(2, 2);
      return { content: [{ type: "text", text: "finished" }] };
    },
  };
  return { tool, started: started.opened, goOn: goOn.open, aborted: aborted.opened, runs: () => runs };
}
