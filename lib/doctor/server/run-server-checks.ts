import type { Abortable } from "../../base/abort.ts";
import { skipped } from "../check.ts";
import { type CheckOutcome, runCheck } from "../run-checks.ts";
import { keysCheck, serverClockCheck, tenantCheck } from "./issuer-checks.ts";
import { certificateCheck, configurationCheck, filesCheck, portCheck } from "./local-checks.ts";
import { metadataCheck, publicUrlCheck } from "./public-url-checks.ts";
import { audienceCheck, registrationCheck } from "./registration-checks.ts";
import type { ExaminedServer, ServerCheck, ServerExamination } from "./server-check.ts";

/** All checks in their order. */
const checks: readonly ServerCheck[] = [
  configurationCheck,
  filesCheck,
  certificateCheck,
  portCheck,
  tenantCheck,
  keysCheck,
  serverClockCheck,
  audienceCheck,
  registrationCheck,
  publicUrlCheck,
  metadataCheck,
];

/**
 * Runs the server's checks in their order, also those after one that fails, unless they need it.
 *
 * @throws the signal's reason
 */
export async function* runServerChecks(
  server: ExaminedServer,
  options: Abortable,
): AsyncGenerator<CheckOutcome> {
  const facts = { tenantIds: [], issuers: [], isRunning: false, dates: new Map() };
  const examination: ServerExamination = { server, facts };
  const failed = new Set<string>();
  for (const check of checks) {
    const { id, title, needs = [] } = check;
    const needed = needs.find((name) => failed.has(name));
    if (needed !== undefined) {
      failed.add(id);
      yield { report: { id, title, ...skipped("not looked at: what it needs has failed above") } };
      continue;
    }
    const outcome = await runCheck(check, examination, options);
    if (outcome.failure) failed.add(id);
    yield outcome;
  }
}
