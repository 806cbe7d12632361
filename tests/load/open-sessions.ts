// Opens many sessions and abandons them: nothing is sent but `initialize`. Prints how many were opened, as JSON.
// Usage: open-sessions.ts URL COUNT
import { openSession } from "./mcp-requests.ts";

const workers = 32;

if (import.meta.main) {
  const [url = "", count = "1"] = process.argv.slice(2);
  let left = Number(count);
  const ids = new Set<string>();
  const work = async () => {
    while (left-- > 0) ids.add(await openSession({ url }));
  };
  await Promise.all(Array.from({ length: workers }, work));
  process.stdout.write(`${JSON.stringify({ opened: ids.size })}\n`);
}
