import type { Abortable } from "../../../base/abort.ts";
import { AppError } from "../../../base/errors.ts";
import { isLoopbackUrl } from "../../../base/loopback.ts";
import { quote } from "../../../base/text.ts";
import type { Environment } from "../../../config/environment.ts";
import { type Confirmations, createConfirmations } from "../confirmations.ts";
import { isRecord } from "../fetch-json.ts";

/** What a person confirmed once: that this issuer is where to sign in for this server. */
export interface TrustedIssuer {
  /** Origin of the MCP server. */
  readonly origin: string;
  readonly issuer: string;
}

/** Asks whether to sign in there. */
export type AskToTrustIssuer = (record: TrustedIssuer, options: Abortable) => Promise<boolean>;

/** The issuers that may be used for a server that named them. */
export function createTrustedIssuers(environment: Environment): Confirmations<TrustedIssuer> {
  return createConfirmations<TrustedIssuer>(environment, {
    file: "trusted-issuers.json",
    member: "issuers",
    parse(value) {
      if (!isRecord(value)) return [];
      const { origin, issuer } = value;
      return typeof origin === "string" && typeof issuer === "string" ? [{ origin, issuer }] : [];
    },
    isSame: (a, b) => a.origin === b.origin && a.issuer === b.issuer,
  });
}

/** A server speaks for itself, and what stays on this machine harms nobody. */
function needsNoConfirmation({ origin, issuer }: TrustedIssuer): boolean {
  return new URL(issuer).origin === origin || (isLoopbackUrl(issuer) && isLoopbackUrl(origin));
}

/**
 * Lets a person confirm once that the issuer which a server names is the right one (DESIGN 5: what is discovered is
 * used only after that).
 *
 * @throws `untrusted_destination`
 */
export async function confirmIssuer(
  record: TrustedIssuer,
  trusted: Confirmations<TrustedIssuer>,
  { ask, signal }: Abortable & { readonly ask: AskToTrustIssuer | undefined },
): Promise<void> {
  if (needsNoConfirmation(record)) return;
  const { origin, issuer } = record;
  if ((await trusted.list()).some((other) => other.origin === origin && other.issuer === issuer)) return;
  const isAgreed = ask !== undefined && (await ask(record, { signal }));
  if (!isAgreed) {
    throw new AppError(
      "untrusted_destination",
      `Nobody has confirmed yet that ${quote(issuer)} is where to sign in for ${quote(origin)}.`,
      { hint: 'Run "mcp-client login --auth oauth" on a terminal, or give that address with --issuer.' },
    );
  }
  // The person agreed: not being able to remember it costs a question next time, not this sign-in.
  await trusted.remember(record, { signal }).catch(() => signal?.throwIfAborted());
}
