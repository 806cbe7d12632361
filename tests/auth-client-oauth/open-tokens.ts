import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTrustedIssuers } from "../../lib/auth/client/oauth/issuer-trust.ts";
import { openOAuthStore } from "../../lib/auth/client/oauth/oauth-store.ts";
import { OAuthTokens, type OAuthTokensOptions } from "../../lib/auth/client/oauth/oauth-tokens.ts";
import { AppError } from "../../lib/base/errors.ts";

/** A person whose browser follows the address at once. */
export function eagerPerson() {
  const shown: string[] = [];
  const visits: Promise<Response>[] = [];
  return {
    shown,
    visits,
    show(address: string) {
      shown.push(address);
      visits.push(fetch(address));
    },
  };
}

/** A new home folder. */
export function createHome(): string {
  return mkdtempSync(join(tmpdir(), "mcp-entra-oauth-"));
}

/** Tokens with a store in the home folder, and a person at the browser. */
export function openTokens(home: string, options: Partial<OAuthTokensOptions> & { url: string }) {
  const person = eagerPerson();
  const environment = { HOME: home };
  const tokens = new OAuthTokens({
    client: { clientId: undefined, clientSecret: undefined, clientMetadataUrl: undefined },
    scope: undefined,
    issuer: undefined,
    redirectPort: 0,
    store: openOAuthStore(environment),
    trusted: createTrustedIssuers(environment),
    prompts: person,
    ...options,
  });
  return { tokens, person };
}

/** The code of the error that it ends with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "nothing";
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
