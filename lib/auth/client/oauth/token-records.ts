import type { OAuthTokens as TokenAnswer } from "@modelcontextprotocol/client";
import { AppError } from "../../../base/errors.ts";
import type { IssuerRecord, StoredToken } from "./oauth-store.ts";

/** No token counts as good for longer, whatever the issuer says: ten years. */
const maxLifetimeSeconds = 315_360_000;

/** Tokens count as expired this long before they are. */
const marginSeconds = 30;

/** Which stored token is looked for. */
export interface TokenSearch {
  /** The address of the MCP server. */
  readonly server: string;
  /** Absent: any issuer's. */
  readonly issuer: string | undefined;
  /** Absent: any client's. */
  readonly clientId: string | undefined;
}

/** A token and who gave it. */
export interface FoundToken {
  readonly issuer: string;
  readonly token: StoredToken;
}

/** Finds the stored token for a server, also one that has expired. */
export function findToken(records: readonly IssuerRecord[], search: TokenSearch): FoundToken | undefined {
  for (const { issuer, tokens } of records) {
    if (search.issuer !== undefined && search.issuer !== issuer) continue;
    const token = tokens.find(({ server, clientId }) => {
      return server === search.server && (search.clientId === undefined || search.clientId === clientId);
    });
    if (token) return { issuer, token };
  }
  return undefined;
}

/** Whether a token is good for some time more; one whose end is not known is good until the server refuses it. */
export function isUsable({ expiresAtSeconds }: StoredToken, nowSeconds: number): boolean {
  return expiresAtSeconds === undefined || expiresAtSeconds - marginSeconds > nowSeconds;
}

/** The record of one issuer, empty where there is none. */
export function recordOf(records: readonly IssuerRecord[], issuer: string): IssuerRecord {
  return records.find((record) => record.issuer === issuer) ?? { issuer, tokens: [] };
}

/** A record without the tokens of a server. */
export function withoutServer(record: IssuerRecord, server: string): IssuerRecord {
  return { ...record, tokens: record.tokens.filter((token) => token.server !== server) };
}

/** What a new token belongs to. */
export interface TokenOwner {
  readonly server: string;
  readonly clientId: string;
  /** What was asked for, and so was given where the answer does not say (RFC 6749 section 5.1). */
  readonly scope: string | undefined;
  readonly nowSeconds: number;
}

/**
 * Reads the token endpoint's answer.
 *
 * @throws `sign_in_failed` for a token that is no bearer token, or that could not stand in a header
 */
export function toStoredToken(answer: TokenAnswer, owner: TokenOwner): StoredToken {
  const { access_token: accessToken, token_type: type, refresh_token: refreshToken, expires_in } = answer;
  const scope = answer.scope ?? owner.scope;
  if (type.toLowerCase() !== "bearer" || !/^[\x21-\x7e]{1,65536}$/.test(accessToken)) {
    throw new AppError("sign_in_failed", "The sign-in service gave something that is no bearer token.");
  }
  return {
    server: owner.server,
    clientId: owner.clientId,
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(scope !== undefined && { scope }),
    ...(expires_in !== undefined && {
      expiresAtSeconds: owner.nowSeconds + Math.min(expires_in, maxLifetimeSeconds),
    }),
  };
}
