import { describeErrorCode, type ErrorCode, errorCodes } from "../../lib/base/errors.ts";

/** What each reason for turning a token down means, and what helps; about in the order in which they are found. */
const meanings: Partial<Record<ErrorCode, string>> = {
  missing_token: "no token was sent",
  malformed_authorization: "the `Authorization` header is not `Bearer` and one token",
  malformed_token: "not a well-formed signed JWT",
  unsupported_algorithm:
    "signed with something other than RS256 (`--algorithms` with `--issuer`), or not at all",
  unsupported_header: "its header has `jwk`, `jku`, `x5u`, `crit` or a type that is not a JWT's",
  missing_claim: "a claim that is needed is not there",
  invalid_claim: "a claim has the wrong type",
  graph_token: "for Microsoft Graph: the client asked for a bare scope; ask for `api://…/execute`",
  unsupported_version: "its `ver` is neither 1.0 nor 2.0",
  wrong_tenant: "from a tenant that `--tenant-id` does not list",
  wrong_issuer: "`iss` is not the issuer of its tenant, or the key belongs to another one",
  v1_token:
    "with `--issuer`: an Entra v1.0 token where that issuer's was meant; set `requestedAccessTokenVersion` to 2",
  id_token: "an id token: send the access token",
  wrong_audience: "`aud` is not this API: compare `--api-client-id` and `--audience`",
  token_expired: "past its `exp`, with 60 s of grace",
  token_not_yet_valid: "before its `nbf` or `iat`: compare the clocks",
  keys_unavailable:
    "the signing keys cannot be loaded, so nobody can know whether it is good; `Retry-After` says when to ask again",
  unknown_key: "signed by a key that the tenant does not publish",
  bad_signature: "changed on its way, or not signed by that key",
  token_revoked: "on the list of `--denied-tokens`",
  client_not_allowed: "got by an application that `--allowed-clients` does not list",
  app_only_token: "an application's without a person, and `--app-roles` is not set",
  missing_role: "an application's that has none of the roles of `--app-roles`",
  guest_not_allowed: "a guest of the tenant, without `--allow-guests`",
  insufficient_scope: "lacks a scope of `--required-scopes`",
};

const isOfToken = (code: ErrorCode) =>
  describeErrorCode(code).oauth !== undefined || code === "missing_token" || code === "keys_unavailable";

/** The README's table of the reasons for which a token is turned down. */
export function renderRefusals(): string {
  const listed = Object.keys(meanings) as ErrorCode[];
  const wrong = [
    ...errorCodes.filter((code) => isOfToken(code) && meanings[code] === undefined),
    ...listed.filter((code) => !isOfToken(code)),
  ];
  if (wrong.length > 0) throw new Error(`refusals.ts and lib/base/errors.ts differ: ${wrong.join(", ")}`);
  const rows = listed.map((code) => {
    const { status, oauth } = describeErrorCode(code);
    return `| \`${code}\` | ${status}${oauth === undefined ? "" : ` \`${oauth}\``} | ${meanings[code]} |`;
  });
  return ["| reason | answer | the token is, or has |", "|---|---|---|", ...rows].join("\n");
}

const inCode = (codes: readonly ErrorCode[]) => codes.map((code) => `\`${code}\``).join(", ");

/** The README's table of exit codes, with the error codes that end a program with each of them. */
export function renderExitCodes(meaningOf: readonly (readonly [string, string])[]): string {
  const rows = meaningOf.map(([exit, meaning]) => {
    const codes = errorCodes.filter(
      (code) => describeErrorCode(code).exit === Number(exit) && !isOfToken(code),
    );
    return `| ${exit} | ${meaning} | ${inCode(codes)} |`;
  });
  return ["| exit code | meaning | `error.code` with `--json` |", "|---|---|---|", ...rows].join("\n");
}

/** Codes with a status that no answer of the server has: they are the client's. */
const ofClients: readonly ErrorCode[] = ["server_failed", "unknown_prompt", "unknown_resource"];

/** The README's table of what the server refuses for another reason than the token, by HTTP status. */
export function renderStatuses(): string {
  const codes = errorCodes.filter(
    (code) => !isOfToken(code) && !ofClients.includes(code) && describeErrorCode(code).status !== 500,
  );
  const statuses = [...new Set(codes.map((code) => describeErrorCode(code).status))].toSorted(
    (a, b) => a - b,
  );
  const rows = statuses.map(
    (status) =>
      `| ${status} | ${inCode(codes.filter((code) => describeErrorCode(code).status === status))} |`,
  );
  return ["| status | `code` |", "|---|---|", ...rows].join("\n");
}
