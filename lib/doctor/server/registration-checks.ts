import { AppError } from "../../base/errors.ts";
import { quoteShellWord } from "../../base/shell-word.ts";
import { describeOAuthError } from "../../auth/client/sign-in-error.ts";
import { postForm } from "../../auth/client/msal-network.ts";
import { ok, skipped, warning } from "../check.ts";
import type { ServerCheck } from "./server-check.ts";

/** The commands of a mismatch, or the one that does all of it. */
function remedyOf(publicUrl: string, commands: readonly string[]): string {
  if (commands.length === 0) return "Clients such as mcp-client, which do not send it, work meanwhile.";
  const all = `mcp-server setup entra --public-url ${quoteShellWord(publicUrl)} --apply`;
  return `${commands.map((line) => line.trim()).join("; then ")}. Or, for the first: ${all}`;
}

/** For which audiences and scopes tokens are accepted, and whether clients can ask for them. */
export const audienceCheck: ServerCheck = {
  id: "audience",
  title: "Audience",
  needs: ["configuration"],
  run({ server, facts }) {
    const { protection } = facts;
    if (!protection) return skipped("not needed without tokens");
    const scopes = server.qualifyScopes(protection).join(" ");
    if (protection.kind === "issuer") return ok(`${protection.audiences.join(" ")}, scope ${scopes}`);
    const { apiClientId, appIdUris } = protection;
    const mismatch = server.describeMismatch(protection);
    if (mismatch === undefined) {
      return ok(`${apiClientId} (v1.0 tokens also ${appIdUris.join(" ")}), scope ${scopes}`);
    }
    const [found = "", ...remedy] = mismatch.split("\n");
    return warning(found, remedyOf(server.publicResource ?? "", remedy));
  },
};

/** What MSAL asks for beside the scope. */
const oidcScopes = "openid profile offline_access";

function lookInside(apiClientId: string): string {
  return `az ad app show --id ${apiClientId} --query api.requestedAccessTokenVersion shows what is stored: it should be 2`;
}

/** Whether Entra gives the public client a device code for the API's scope; nobody is shown it, and it lapses. */
export const registrationCheck: ServerCheck = {
  id: "registration",
  title: "Client app",
  needs: ["configuration", "tenant"],
  async run({ server, facts }, { signal }) {
    const { protection, tenantIds } = facts;
    if (protection?.kind !== "entra") return skipped("not Entra");
    const { cloud, publicClientId, apiClientId } = protection;
    if (publicClientId === undefined) {
      return skipped(`without --client-id nothing of it shows from outside; ${lookInside(apiClientId)}`);
    }
    const scope = `${server.qualifyScopes(protection).join(" ")} ${oidcScopes}`;
    const form = new URLSearchParams({ client_id: publicClientId, scope });
    const url = `${cloud.loginUrl}/${tenantIds[0]}/oauth2/v2.0/devicecode`;
    const answer = await postForm(url, form.toString(), { signal, timeoutMs: 10_000 });
    if (answer.status === 429) {
      throw new AppError("rate_limited", "The sign-in service asks to slow down.", {
        hint: "Try again later.",
      });
    }
    if (!answer.oauth) {
      return ok(`client ${publicClientId} may ask for ${server.qualifyScopes(protection).join(" ")}`);
    }
    const error = describeOAuthError(answer.oauth, "device_code");
    if (error.code !== "sign_in_blocked") throw error;
    const found = `client ${publicClientId}: ${error.message}`;
    return {
      ...warning(found, "People must sign in in a browser: mcp-client login --login browser."),
      code: error.code,
    };
  },
};
