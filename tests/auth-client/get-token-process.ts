// A process of its own for the tests: gets a token without a person and prints its digest, never itself.
import { plugin } from "bun";
import { createEntraTokens } from "../../lib/auth/client/entra-tokens.ts";

const { forbidMsal, ...options } = JSON.parse(process.argv[2] ?? "{}");
if (forbidMsal) {
  plugin({
    name: "forbid MSAL",
    setup(build) {
      build.module("@azure/msal-node", () => {
        process.stdout.write("MSAL was loaded\n");
        return { exports: {}, loader: "object" };
      });
    },
  });
}
try {
  const token = await createEntraTokens(options).getToken();
  process.stdout.write(`${new Bun.CryptoHasher("sha256").update(token.value).digest("hex")}\n`);
} catch (error) {
  process.stdout.write(`${error}\n`);
}
