import type { Abortable } from "../../lib/base/abort.ts";
import { nowSeconds, systemClock } from "../../lib/base/clock.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { isGuid } from "../../lib/config/shared-options.ts";
import { explainToken } from "../../lib/doctor/explain-token.ts";
import { readTokenFile, reportFile } from "../../lib/doctor/read-token-file.ts";
import type { CheckOutcome } from "../../lib/doctor/run-checks.ts";

/**
 * Explains the token of `--token-file`; the settings that are given say what it should be for.
 *
 * @throws `usage`, `invalid_config`, `malformed_token`
 */
export async function explainTokenFile(
  { values, io }: Context<ClientOptions>,
  { path, signal }: Abortable & { readonly path: string },
): Promise<readonly CheckOutcome[]> {
  const { text, fault } = await readTokenFile({ path, stdin: io.stdin, name: "--token-file", signal });
  const { tenantId, scope, cloud } = values;
  const expected = {
    tenantId: tenantId !== undefined && isGuid(tenantId) ? tenantId : undefined,
    scope,
    cloud,
    policy: { allowGuests: false, allowApplications: false },
  };
  const rows = explainToken(text.trim(), expected, nowSeconds(systemClock));
  return fault === undefined ? rows : [{ report: reportFile(fault) }, ...rows];
}
