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
  /** Origin of the page to sign in on, where it is not the issuer's own. */
  readonly page?: string;
  /** Origin that redeems what that page gives, where it is not the issuer's own. */
  readonly tokenEndpoint?: string;
}

/** The addresses of an issuer that a person has to agree to. */
export interface IssuerEndpoints {
  readonly authorization_endpoint: string | URL;
  readonly token_endpoint: string | URL;
}

/**
 * What a person would confirm. A server that is its own issuer could name somebody else's page, and have the code that
 * this page gives sent to itself: so origins beside the issuer's are part of it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.4 (mix-up)
 */
export function describeIssuer(origin: string, issuer: string, endpoints: IssuerEndpoints): TrustedIssuer {
  const own = new URL(issuer).origin;
  const page = new URL(endpoints.authorization_endpoint).origin;
  const tokenEndpoint = new URL(endpoints.token_endpoint).origin;
  return {
    origin,
    issuer,
    ...(page !== own && { page }),
    ...(tokenEndpoint !== own && { tokenEndpoint }),
  };
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
      const { origin, issuer, page, tokenEndpoint } = value;
      if (typeof origin !== "string" || typeof issuer !== "string") return [];
      const known = {
        ...(typeof page === "string" && { page }),
        ...(typeof tokenEndpoint === "string" && { tokenEndpoint }),
      };
      return [{ origin, issuer, ...known }];
    },
    isSame: isSameIssuer,
  });
}

function isSameIssuer(a: TrustedIssuer, b: TrustedIssuer): boolean {
  const isSameParty = a.origin === b.origin && a.issuer === b.issuer;
  return isSameParty && a.page === b.page && a.tokenEndpoint === b.tokenEndpoint;
}

/** A server speaks for itself alone, and what stays on this machine harms nobody. */
function needsNoConfirmation({ origin, issuer, page, tokenEndpoint }: TrustedIssuer): boolean {
  const parties = [new URL(issuer).origin, page, tokenEndpoint].filter((party) => party !== undefined);
  if (parties.every((party) => party === origin)) return true;
  return isLoopbackUrl(origin) && parties.every(isLoopbackUrl);
}

function unconfirmed({ origin, issuer, page, tokenEndpoint }: TrustedIssuer): AppError {
  const others = [
    ...(page === undefined ? [] : [`with its page at ${quote(page)}`]),
    ...(tokenEndpoint === undefined ? [] : [`with its token endpoint at ${quote(tokenEndpoint)}`]),
  ];
  const where = [quote(issuer), ...others].join(" ");
  return new AppError(
    "untrusted_destination",
    `Nobody has confirmed yet that ${where} is where to sign in for ${quote(origin)}.`,
    {
      hint: 'Run "mcp-client login --auth oauth" on a terminal, or give that address with --issuer.',
    },
  );
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
  if ((await trusted.list()).some((other) => isSameIssuer(other, record))) return;
  const isAgreed = ask !== undefined && (await ask(record, { signal }));
  if (!isAgreed) throw unconfirmed(record);
  // The person agreed: not being able to remember it costs a question next time, not this sign-in.
  await trusted.remember(record, { signal }).catch(() => signal?.throwIfAborted());
}
