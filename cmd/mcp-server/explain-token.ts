import { openDeniedTokens } from "../../lib/auth/server/denied-tokens.ts";
import type { Protection } from "../../lib/auth/server/protection.ts";
import type { TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import { type Abortable, unlessAborted } from "../../lib/base/abort.ts";
import { nowSeconds, systemClock } from "../../lib/base/clock.ts";
import { AppError, toAppError } from "../../lib/base/errors.ts";
import { silentLog } from "../../lib/base/log.ts";
import type { ServerOptions, ServerSettings } from "../../lib/config/mcp-server.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { isGuid } from "../../lib/config/shared-options.ts";
import { readToken } from "../../lib/doctor/read-token.ts";
import { type FoundToken, readTokenFile, reportFile } from "../../lib/doctor/read-token-file.ts";
import type { CheckOutcome } from "../../lib/doctor/run-checks.ts";
import { explainAdmission, type Verdict } from "../../lib/doctor/server/explain-admission.ts";
import type { Judgement } from "../../lib/doctor/server/find-refusals.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { accessPolicyOf, composeAuthentication } from "./authentication.ts";
import { checkExposure } from "./check-exposure.ts";
import { protectionOfDevToken } from "./dev-tenant.ts";
import { printChecks } from "./print-checks.ts";
import { describeResourceMismatch, protectionFrom, qualifyScopes } from "./protection.ts";

type ServerContext = Context<ServerOptions>;

function pathOf({ positionals }: ServerContext): string {
  // What is too much may be a part of the token: it is not repeated.
  if (positionals.length > 1) throw new AppError("usage", '"explain-token" takes one file, or - alone.');
  return positionals[0] ?? "-";
}

/** What the server's verifier says; with `--offline` it is not asked. */
async function ask(
  verifier: TokenVerifier,
  token: string,
  { offline, signal }: Abortable & { readonly offline: boolean },
): Promise<Verdict> {
  if (offline) return undefined;
  const asked = verifier.verify(token).then(
    () => ({ refusal: undefined }),
    (thrown: unknown) => ({ refusal: toAppError(thrown) }),
  );
  return signal ? unlessAborted(asked, signal) : asked;
}

/** GUIDs of the tenants: those that were given, and those that the verifier looked up. */
function tenantsOf(protection: Protection, verifier: TokenVerifier): readonly string[] {
  if (protection.kind === "issuer") return [];
  const lookedUp = verifier.issuers().flatMap((issuer) => issuer.split("/").filter(isGuid));
  const given = protection.tenants.filter(isGuid);
  return [...new Set([...given, ...lookedUp].map((id) => id.toLowerCase()))];
}

async function protectionFor(values: ServerSettings, token: string): Promise<Protection> {
  return values.dev ? protectionOfDevToken(readToken(token)?.claims["iss"]) : protectionFrom(values);
}

/** Rows about the settings that no token can show. */
function explainSettings(
  values: ServerSettings,
  { protection, tenantIds }: Pick<Judgement, "tenantIds"> & { readonly protection: Protection },
): readonly CheckOutcome[] {
  const mismatch = values.dev ? undefined : describeResourceMismatch(protection, values);
  const [found = "", ...remedy] = (mismatch ?? "").split("\n");
  const isUnknown = protection.kind === "entra" && tenantIds.length === 0;
  const rows: readonly (CheckOutcome["report"] | undefined)[] = [
    isUnknown
      ? {
          id: "tenant_name",
          title: "Domain",
          status: "warning",
          found: `the id of the tenant ${protection.tenants.join(", ")} was not looked up, so any tenant passes here`,
          remedy: "Give the tenant's id (GUID) as --tenant-id, or leave --offline out.",
        }
      : undefined,
    mismatch === undefined
      ? undefined
      : {
          id: "public_url",
          title: "Public URL",
          status: "warning",
          found,
          remedy: remedy.map((line) => line.trim()).join("; then ") || undefined,
        },
  ];
  return rows.filter((report) => report !== undefined).map((report) => ({ report }));
}

async function explain(
  { values }: ServerContext,
  { text, fault }: FoundToken,
  { signal }: Abortable,
): Promise<readonly CheckOutcome[]> {
  const token = text.trim();
  const protection = await protectionFor(values, token);
  const path = values.deniedTokens;
  const deniedTokens = path === undefined ? undefined : await openDeniedTokens({ path, log: silentLog });
  const { verifier } = composeAuthentication(protection, { settings: values, deniedTokens, log: silentLog });
  try {
    const verdict = await ask(verifier, token, { offline: values.offline, signal });
    const tenantIds = tenantsOf(protection, verifier);
    const tid = readToken(token)?.claims["tid"];
    const judgement: Judgement = {
      protection,
      policy: accessPolicyOf(protection, values),
      tenantIds: tenantIds.length === 0 ? [String(tid).toLowerCase()] : tenantIds,
      scopes: qualifyScopes(protection, values),
      skewSeconds: values.clockSkewSeconds,
      nowSeconds: nowSeconds(systemClock),
    };
    const rows = explainAdmission(token, judgement, verdict);
    const more = explainSettings(values, { protection, tenantIds });
    const file = fault === undefined ? [] : [{ report: reportFile(fault) }];
    return [...file, ...rows.slice(0, -1), ...more, ...rows.slice(-1)];
  } finally {
    deniedTokens?.close();
  }
}

/** `mcp-server explain-token` */
export async function run(context: ServerContext): Promise<number> {
  const signal = watchInterrupt();
  checkExposure(context, "127.0.0.1");
  const path = pathOf(context);
  const found = await readTokenFile({ path, stdin: context.io.stdin, name: "explain-token", signal });
  return printChecks(context, await explain(context, found, { signal }));
}
