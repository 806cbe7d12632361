import type { ErrorCode } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import type { Claims } from "../auth/server/claims.ts";
import { type CheckReport, type Finding, ok, warning } from "./check.ts";
import {
  describeClaim,
  describeExpiry,
  describeHolder,
  describeRights,
  describeVersion,
} from "./describe-token.ts";
import { judgeToken, type TokenExpectation } from "./judge-token.ts";
import { type ReadToken, readToken } from "./read-token.ts";
import { AppError } from "../base/errors.ts";
import { type CheckOutcome, reportFailure } from "./run-checks.ts";

/** What a refusal is about, so that it stands in the right row. */
export const subjects: Partial<Record<ErrorCode, string>> = {
  malformed_token: "form",
  unsupported_algorithm: "form",
  unsupported_header: "form",
  unsupported_version: "version",
  wrong_tenant: "tenant",
  wrong_issuer: "issuer",
  v1_token: "issuer",
  id_token: "form",
  missing_claim: "holder",
  invalid_claim: "holder",
  guest_not_allowed: "holder",
  client_not_allowed: "holder",
  app_only_token: "rights",
  missing_role: "rights",
  graph_token: "audience",
  wrong_audience: "audience",
  token_expired: "expiry",
  token_not_yet_valid: "expiry",
  insufficient_scope: "rights",
};

/** One row about a token. */
export interface Subject {
  readonly id: string;
  readonly title: string;
  describe(token: ReadToken, nowSeconds: number): Finding;
}

function describeForm({ algorithm, type, hasKeyId }: ReadToken): Finding {
  const said = `a signed JWT (${quote(algorithm ?? "no alg")}, ${quote(type ?? "no typ")})`;
  if (algorithm === "RS256" && hasKeyId) return ok(`${said}; its signature was not checked`);
  return warning(
    `${said}${hasKeyId ? "" : " without a key id"}`,
    "Microsoft Entra signs with RS256 and names its key.",
  );
}

const claim =
  (name: string) =>
  ({ claims }: ReadToken): Finding =>
    ok(describeClaim(claims, name));

/** The rows about a token, in their order. */
export const subjectList: readonly Subject[] = [
  { id: "form", title: "Form", describe: describeForm },
  { id: "version", title: "Version", describe: ({ claims }) => ok(describeVersion(claims)) },
  { id: "issuer", title: "Issuer", describe: claim("iss") },
  { id: "tenant", title: "Tenant", describe: claim("tid") },
  { id: "audience", title: "Audience", describe: claim("aud") },
  { id: "holder", title: "Holder", describe: ({ claims }) => ok(describeHolder(claims)) },
  { id: "rights", title: "Rights", describe: ({ claims }) => ok(describeRights(claims)) },
  { id: "expiry", title: "Expiry", describe: ({ claims }, now) => ok(describeExpiry(claims, now)) },
];

function verdictOn(refusal: AppError | undefined, claims: Claims): CheckOutcome {
  const subject = { id: "verdict", title: "Verdict" };
  if (refusal) return reportFailure(subject, refusal);
  const found = `a server for ${describeClaim(claims, "aud")} would take it, if the signature is good`;
  return { report: { ...subject, status: "ok", found } };
}

/**
 * Explains a token without asking anybody: what matters in it, and what a server of ours would say. Shows neither the
 * token nor its signature.
 *
 * @throws `malformed_token`
 */
export function explainToken(
  value: string,
  expected: TokenExpectation,
  nowSeconds: number,
): readonly CheckOutcome[] {
  const token = readToken(value);
  if (!token) {
    throw new AppError("malformed_token", "The file holds no signed JWT.", {
      hint: 'It holds the token alone, without "Bearer"; tokens of other issuers may be readable for the server only.',
    });
  }
  const refusal = judgeToken(token.claims, expected, nowSeconds);
  const faulty = refusal && subjects[refusal.code];
  const rows = subjectList.map(({ id, title, describe }): CheckOutcome => {
    const finding = describe(token, nowSeconds);
    const report: CheckReport = { id, title, ...finding };
    return { report: id === faulty ? { ...report, status: "failed" } : report };
  });
  return [...rows, verdictOn(refusal, token.claims)];
}
