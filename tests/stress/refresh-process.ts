// One of many clients that share a token cache: renews again and again, and says how that went.
import { createEntraTokens } from "../../lib/auth/client/entra-tokens.ts";

const { refreshes, ...options } = JSON.parse(process.argv[2] ?? "{}");
// Whatever others may do with files by default: the cache must be closed to them by itself.
process.umask(0);
const tokens = createEntraTokens(options);
const failures: string[] = [];
let renewed = 0;
for (let round = 0; round < refreshes; round++) {
  try {
    // A claims challenge is answered by a renewal, whatever others have put into the cache meanwhile.
    await tokens.getToken({ claims: JSON.stringify({ access_token: { round: { value: `${round}` } } }) });
    renewed++;
  } catch (error) {
    failures.push(String(error instanceof Error && "code" in error ? error.code : error));
  }
}
process.stdout.write(JSON.stringify({ renewed, failures }));
