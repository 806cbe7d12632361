import { AppError, type ErrorCode } from "../../base/errors.ts";
import { isLoopbackUrl } from "../../base/loopback.ts";
import { type Claims, readOptionalText } from "../../auth/server/claims.ts";
import { isGuid } from "../../config/shared-options.ts";
import { describeTime } from "../describe-token.ts";
import type { Judgement } from "./find-refusals.ts";

type Remedy = (claims: Claims, judgement: Judgement) => string;

const anew = "Then sign in anew.";

function apiOf({ protection }: Judgement): string {
  return protection.kind === "entra" ? protection.apiClientId : "<api-client-id>";
}

/** How to make Entra issue v2.0 tokens. */
export function setVersion(judgement: Judgement): string {
  const command = `az ad app update --id ${apiOf(judgement)} --set api.requestedAccessTokenVersion=2`;
  return `${command} (or mcp-server setup entra). ${anew}`;
}

const askInFull: Remedy = (_, { scopes }) =>
  `The client must ask for ${scopes.join(" ")} in full: a bare word like execute is taken for Microsoft Graph. ${anew}`;

const audience: Remedy = ({ ver, aud }, judgement) => {
  const { protection, scopes } = judgement;
  if (protection.kind === "issuer") {
    return "Have the client ask for this API; or, if the token is meant for it, add the audience to --audience.";
  }
  const uri = ver === "1.0" && typeof aud === "string" && !isGuid(aud) ? aud.replace(/\/$/, "") : undefined;
  const other = `The client must ask for ${scopes.join(" ")}. ${anew}`;
  // A v1.0 token names what was asked for: it may be an App ID URI of this API that the server does not know.
  const isPlain = uri !== undefined && /^[\w:/.-]{1,200}$/.test(uri);
  return isPlain ? `If this is an App ID URI of the API: --audience ${uri}. Else: ${other}` : other;
};

const tenant: Remedy = ({ tid }, { protection }) => {
  const named = typeof tid === "string" && isGuid(tid) && protection.kind === "entra" ? tid : undefined;
  const also =
    named === undefined ? "" : `; or let in that tenant, too: --tenant-id <tenants so far>,${named}`;
  return `Sign in with an account of the server's tenant (the client's --tenant-id)${also}.`;
};

const issuer: Remedy = ({ iss }, { protection }) => {
  if (protection.kind === "issuer")
    return "Check --issuer: it is compared to the letter, with its slash at the end.";
  if (typeof iss === "string" && isLoopbackUrl(iss))
    return "It is a token of a dev tenant: judge it with --dev.";
  return "Check --cloud; and that nothing but Entra issued the token.";
};

const clock: Remedy = (claims, { nowSeconds }) => {
  const times = ["nbf", "iat"].map((name) => claims[name]).filter((value) => typeof value === "number");
  const begins =
    times.length === 0
      ? ""
      : `By this machine's clock it begins ${describeTime(Math.max(...times), nowSeconds)}. `;
  return `${begins}Set the clock, best by network time (NTP): mcp-server doctor compares it with Entra's.`;
};

const expired: Remedy = () =>
  "Get a new one: mcp-client renews by itself. If it is new, this machine's clock is ahead: mcp-server doctor compares it with Entra's.";

const client: Remedy = (claims) => {
  const id = readOptionalText(claims, "azp") ?? readOptionalText(claims, "appid");
  const named = id !== undefined && isGuid(id) ? id : "<client-id>";
  return `If people may use this application here: --allowed-clients <clients so far>,${named}.`;
};

const scope: Remedy = (_, { scopes, protection }) => {
  if (protection.kind === "issuer")
    return `Have the client ask for ${scopes.join(" ")}, and the issuer grant it.`;
  return (
    `The client must ask for ${scopes.join(" ")}; its registration needs that permission, and somebody must consent ` +
    `(mcp-server setup entra --admin-consent). ${anew}`
  );
};

const remedies: Partial<Record<ErrorCode, Remedy>> = {
  malformed_token: () =>
    "Is it whole, and alone in the file? A signed JWT has three parts with dots between them.",
  unsupported_algorithm: (_, { protection }) =>
    protection.kind === "entra"
      ? "Entra signs with RS256: this token is not Entra's."
      : "If the issuer signs so, add it to --algorithms.",
  unsupported_header: () => "This is no access token of the issuer.",
  unsupported_version: () =>
    "This is no access token of Entra for an API; is it another issuer's (--issuer)?",
  graph_token: askInFull,
  wrong_audience: audience,
  wrong_tenant: tenant,
  wrong_issuer: issuer,
  v1_token: (_, judgement) => setVersion(judgement),
  id_token: () => "The client must send the access token; the id token is for itself.",
  token_expired: expired,
  token_not_yet_valid: clock,
  client_not_allowed: client,
  insufficient_scope: scope,
  app_only_token: () =>
    "To let applications in: add an app role (mcp-server setup entra --app-role Tools.Run), assign it to the application, " +
    "and start with --app-roles Tools.Run. Else a person must sign in.",
  missing_role: (_, { policy }) =>
    `Assign the app role ${policy.appRoles.join(" or ")} to the application: Enterprise applications, the application, ` +
    "Permissions, with admin consent. Then get a new token.",
  guest_not_allowed: () => "Sign in with an account of the tenant; or let guests in: --allow-guests.",
  token_revoked: () => "It stands in the file of --denied-tokens; sign in anew.",
  unknown_key: () =>
    "The tenant has no such key: the token is not from there, or its key was withdrawn. Get a new one.",
  bad_signature: () => "It was changed or cut off on its way, or made by somebody else. Get a new one.",
  missing_claim: () => "This is no access token of the issuer for an API.",
  invalid_claim: () => "This is no access token of the issuer for an API.",
};

/** The same refusal, with what the operator of the server can do about it. */
export function withServerRemedy(error: AppError, claims: Claims, judgement: Judgement): AppError {
  const hint = remedies[error.code]?.(claims, judgement);
  return new AppError(error.code, error.message, { ...(hint !== undefined && { hint }), cause: error });
}
