import type { Abortable } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import { readAuthorityMetadata } from "../auth/client/authority-metadata.ts";
import { formatAuthority } from "../auth/client/authority.ts";
import {
  chooseAuthority,
  planSignIn,
  type SignInFacts,
  type SignInPlan,
} from "../auth/client/destination.ts";
import { isRecord } from "../auth/client/fetch-json.ts";
import { settingsOfMachine } from "../auth/client/machine/machine-plan.ts";
import { postForm } from "../auth/client/msal-network.ts";
import { describeOAuthError } from "../auth/client/sign-in-error.ts";
import { createTrustedServers } from "../auth/client/trusted-servers.ts";
import { isGuid } from "../config/shared-options.ts";
import { type Check, type Examination, ok, skipped, warning } from "./check.ts";
import { createNotedFetch } from "./noted-fetch.ts";

/** What MSAL asks for beside the scope. */
const oidcScopes = "openid profile offline_access";

/** Why nothing of Entra is checked; nothing where it is. */
function explainSkip({ settings }: Examination): string | undefined {
  if (settings.mode === "none") return "not needed without authentication";
  if (settings.mode !== "entra") return "another program or a file gives the credentials";
  if (settings.machine?.kind === "managed_identity") return "the machine gives its managed identity's tokens";
  return undefined;
}

function readTenantId(metadata: string): { readonly tenantId?: string; readonly tokenEndpoint: string } {
  const body: unknown = JSON.parse(metadata);
  const { issuer, token_endpoint: endpoint } = isRecord(body) ? body : {};
  const tenantId = typeof issuer === "string" ? issuer.split("/").find(isGuid) : undefined;
  return { ...(tenantId !== undefined && { tenantId }), tokenEndpoint: String(endpoint) };
}

async function factsOf({ settings, facts }: Examination): Promise<SignInFacts> {
  const trusted = await createTrustedServers(settings.environment).list();
  return { settings: settings.signIn, discovered: facts.discovered, trusted };
}

/** Whether the sign-in service answers, and knows the tenant. */
export const authorityCheck: Check = {
  id: "authority",
  title: "Authority",
  async run(examination, { signal }) {
    const { settings, facts } = examination;
    if (settings.mode === "oauth") {
      return (await import("./oauth-checks.ts")).checkIssuer(examination, { signal });
    }
    const reason = explainSkip(examination);
    if (reason !== undefined) return skipped(reason);
    const authority = chooseAuthority(await factsOf(examination));
    const fetch = createNotedFetch(facts.dates, settings.clock);
    const { tenantId, tokenEndpoint } = readTenantId(
      await readAuthorityMetadata(authority, { signal, fetch }),
    );
    facts.tokenEndpoint = tokenEndpoint;
    if (tenantId !== undefined) facts.tenantId = tenantId;
    const named = tenantId === authority.tenant || tenantId === undefined ? "" : ` (tenant ${tenantId})`;
    return ok(`${quote(formatAuthority(authority), 120)} answers and knows the tenant${named}`);
  },
};

/** Asks for a device code and lets it lapse: nobody is shown it, and nothing is polled. */
async function askForDeviceCode(
  { settings, facts }: Examination,
  { plan, signal }: Abortable & { readonly plan: SignInPlan },
): Promise<void> {
  const { tokenEndpoint = "" } = facts;
  const form = new URLSearchParams({ client_id: plan.clientId, scope: `${plan.scope} ${oidcScopes}` });
  // As MSAL finds it.
  const url = tokenEndpoint.replace(/\/token$/, "/devicecode");
  const fetch = createNotedFetch(facts.dates, settings.clock);
  const answer = await postForm(url, form.toString(), { signal, fetch, timeoutMs: 10_000 });
  if (answer.oauth) throw describeOAuthError(answer.oauth, "device_code");
  if (answer.status === 429) {
    throw new AppError("rate_limited", "The sign-in service asks to slow down.", {
      hint: "Try again later.",
    });
  }
}

/** The one refusal that a browser may get around. */
function isBlocked(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && thrown.code === "sign_in_blocked";
}

/** Whether the sign-in service takes this client with this scope. */
export const signInCheck: Check = {
  id: "sign_in",
  title: "Sign-in",
  async run(examination, options) {
    if (examination.settings.mode === "oauth") {
      return (await import("./oauth-checks.ts")).checkOAuthClient(examination);
    }
    const reason = explainSkip(examination);
    if (reason !== undefined) return skipped(reason);
    const { machine, login, signIn } = examination.settings;
    const settings = machine ? settingsOfMachine(signIn, machine) : signIn;
    const { plan } = planSignIn({ ...(await factsOf(examination)), settings });
    const said = `client ${plan.clientId}, scope ${quote(plan.scope, 160)}`;
    if (machine) return ok(`${said}; an application signs in as itself`);
    if (login === "browser") return ok(`${said}; people sign in in a browser`);
    try {
      await askForDeviceCode(examination, { ...options, plan });
      return ok(`${said}; device codes are given out`);
    } catch (thrown) {
      if (login !== "auto" || !isBlocked(thrown)) throw thrown;
      const { message, code } = thrown;
      return {
        ...warning(
          `device code: ${message}`,
          "Signing in goes on in a browser; --login browser begins there.",
        ),
        code,
      };
    }
  },
};
