// A process of its own for the tests: MSAL remembers for a whole process which endpoint it found in the environment.
import { getManagedIdentityToken } from "../../lib/auth/client/machine/managed-identity.ts";

const scope = "api://bbbbbbbb-cccc-4ddd-8eee-ffffffffffff/.default";
const { clientId, calls = 1 } = JSON.parse(process.argv[2] ?? "{}");
for (let call = 1; call <= calls; call++) {
  // The first request's signal has fired by the time of the second.
  const life = new AbortController();
  try {
    const { value, expiresAtSeconds } = await getManagedIdentityToken({
      clientId,
      scope,
      isForced: true,
      signal: life.signal,
    });
    process.stdout.write(`${JSON.stringify({ value, expiresAtSeconds })}\n`);
  } catch (error) {
    const { code, message, hint } = error as Record<string, unknown>;
    process.stdout.write(`${JSON.stringify({ code, message, hint })}\n`);
  }
  life.abort();
}
