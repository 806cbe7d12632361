import { AppError, type ErrorCode } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { type Finding, ok, skipped, warning } from "../check.ts";
import { subjectList, subjects } from "../explain-token.ts";
import { type ReadToken, readToken } from "../read-token.ts";
import { type CheckOutcome, reportFailure } from "../run-checks.ts";
import { findRefusals, type Judgement } from "./find-refusals.ts";
import { setVersion, withServerRemedy } from "./token-remedies.ts";

/** What the server's own verifier said; absent where it was not asked. */
export type Verdict = { readonly refusal: AppError | undefined } | undefined;

interface Explained {
  readonly read: ReadToken;
  readonly judgement: Judgement;
  readonly refusals: readonly AppError[];
  readonly verdict: Verdict;
}

/** What the verifier says only after it has found a good signature. */
const afterSignature: readonly ErrorCode[] = [
  "client_not_allowed",
  "app_only_token",
  "missing_role",
  "guest_not_allowed",
  "insufficient_scope",
  "token_revoked",
];
const ofSignature: readonly ErrorCode[] = ["unknown_key", "bad_signature", "unsupported_algorithm"];

/** Rows that say something else to the operator than to the holder of a token. */
const findings: Readonly<Record<string, (explained: Explained) => Finding | undefined>> = {
  form: ({ read }) =>
    ok(`a signed JWT (${quote(read.algorithm ?? "no alg")}, ${quote(read.type ?? "no typ")})`),
  version({ read, judgement }) {
    if (read.claims["ver"] !== "1.0") return undefined;
    const found = "1.0, which this server takes, too; other software at the API may want 2.0";
    return warning(found, setVersion(judgement));
  },
  audience({ read }) {
    const { aud } = read.claims;
    if (typeof aud !== "string" || !/^[a-z]+:\/\/.*\/$/.test(aud)) return undefined;
    return warning(
      `${quote(aud, 200)}, with a slash at its end`,
      "This server takes it, too; Entra compares resource to the letter (AADSTS9010010), so let the client ask without the slash.",
    );
  },
};

function explainSubject(explained: Explained, subject: (typeof subjectList)[number]): CheckOutcome {
  const { read, judgement, refusals } = explained;
  const { id, title } = subject;
  const refusal = refusals.find(({ code }) => subjects[code] === id);
  if (refusal) return reportFailure({ id, title }, withServerRemedy(refusal, read.claims, judgement));
  const finding = findings[id]?.(explained) ?? subject.describe(read, judgement.nowSeconds);
  return { report: { id, title, ...finding } };
}

function findingOfSignature({ verdict, refusals }: Explained): Finding {
  if (!verdict) return skipped("not checked (--offline)");
  const { refusal } = verdict;
  if (!refusal || afterSignature.includes(refusal.code)) return ok("good, by a current key of the issuer");
  if (refusal.code !== "keys_unavailable") return skipped("not looked at: the token is refused before");
  const found = "not checked: the signing keys cannot be loaded";
  const remedy = "mcp-server doctor says what stands between this machine and the keys.";
  return refusals.length === 0 ? { ...warning(found, remedy), code: refusal.code } : skipped(found);
}

function explainSignature(explained: Explained): CheckOutcome {
  const { read, judgement, verdict, refusals } = explained;
  const subject = { id: "signature", title: "Signature" };
  const refusal = verdict?.refusal;
  const isIts = refusal !== undefined && ofSignature.includes(refusal.code) && refusals.length === 0;
  if (isIts) return reportFailure(subject, withServerRemedy(refusal, read.claims, judgement));
  return { report: { ...subject, ...findingOfSignature(explained) } };
}

function explainVerdict({ read, judgement, refusals, verdict }: Explained): CheckOutcome {
  const subject = { id: "verdict", title: "Verdict" };
  const asked = verdict?.refusal;
  const isUnknown = asked === undefined || asked.code === "keys_unavailable";
  // The verifier has the last word; what it cannot know at the moment, the rules tell.
  const refusal = isUnknown ? refusals[0] : asked;
  if (refusal) {
    const { code, message } = withServerRemedy(refusal, read.claims, judgement);
    const said = `not let in: ${code}. ${message}`;
    return { report: { ...subject, status: "failed", found: said, code }, failure: refusal };
  }
  const isCertain = verdict !== undefined && asked === undefined;
  return {
    report: { ...subject, status: "ok", found: isCertain ? "let in" : "let in, if the signature is good" },
  };
}

/**
 * Explains rule by rule why the server would let a token in or not. Shows neither the token nor its signature.
 *
 * @throws `malformed_token`
 */
export function explainAdmission(
  token: string,
  judgement: Judgement,
  verdict: Verdict,
): readonly CheckOutcome[] {
  const read = readToken(token);
  if (!read) {
    throw new AppError("malformed_token", "This is no signed JWT.", {
      hint: 'It takes the token alone, without "Bearer", whole and as it was sent; its three parts have dots between them.',
    });
  }
  const refusals = findRefusals(token, read.claims, judgement);
  const explained = { read, judgement, refusals, verdict };
  const isEntra = judgement.protection.kind === "entra";
  const rows = subjectList.filter(({ id }) => isEntra || (id !== "version" && id !== "tenant"));
  return [
    ...rows.map((subject) => explainSubject(explained, subject)),
    explainSignature(explained),
    explainVerdict(explained),
  ];
}
