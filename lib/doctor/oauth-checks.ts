import type { Abortable } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import { createRegisteredOnlyError, findClient } from "../auth/client/oauth/choose-client.ts";
import { type DiscoveredIssuer, discoverIssuer } from "../auth/client/oauth/discover-issuer.ts";
import { openOAuthStore } from "../auth/client/oauth/oauth-store.ts";
import { recordOf } from "../auth/client/oauth/token-records.ts";
import { asksForNoToken, type Examination, type Finding, ok, skipped, warning } from "./check.ts";
import { createNotedFetch } from "./noted-fetch.ts";

/*
 * What `--auth oauth` needs of the authorization server. Nobody is registered and nothing is asked for: a sign-in
 * alone shows whether the issuer takes the client.
 */

const issuerHint =
  "Ask whoever runs the server whether its metadata names the right authorization server; for Microsoft Entra ID use --auth entra.";

async function discover(
  { settings, facts, url }: Examination,
  { signal }: Abortable,
): Promise<DiscoveredIssuer> {
  const fetch = createNotedFetch(facts.dates, settings.clock);
  const query = { challenged: undefined, issuer: settings.oauth?.issuer };
  try {
    return await discoverIssuer({ server: url, fetch, signal }, query);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.hint !== undefined) throw thrown;
    throw new AppError(thrown.code, thrown.message, { hint: issuerHint, cause: thrown });
  }
}

/** Whether the authorization server answers, calls itself as it is called, and supports PKCE. */
export async function checkIssuer(examination: Examination, options: Abortable): Promise<Finding> {
  if (asksForNoToken(examination)) return skipped("the server asks for no token");
  const found = await discover(examination, options);
  examination.facts.issuer = found;
  return ok(`${quote(found.issuer, 120)} answers, is who it says, and supports PKCE with S256`);
}

/** As whom a person would sign in there. */
export async function checkOAuthClient({ settings, facts }: Examination): Promise<Finding> {
  const { issuer: found } = facts;
  if (!found) return skipped("the server asks for no token");
  const { clientId, clientSecret, clientMetadataUrl } = settings.oauth ?? {};
  const configured = { clientId, clientSecret, clientMetadataUrl };
  const { client: stored } = recordOf(await openOAuthStore(settings.environment).read(), found.issuer);
  const client = findClient(found, configured, stored);
  const takesNew = found.metadata.registration_endpoint !== undefined;
  if (clientId !== undefined) return ok(`client ${quote(clientId)}, registered beforehand`);
  if (clientMetadataUrl !== undefined && client?.client_id !== clientMetadataUrl) {
    if (!client && !takesNew) throw createRegisteredOnlyError(found.issuer);
    return warning(
      `the issuer does not read ${quote(clientMetadataUrl, 120)}; another client is used`,
      "Leave out --client-metadata-url, or give the client id that the issuer knows with --client-id.",
    );
  }
  if (client && client.client_id === clientMetadataUrl) {
    return ok(`client ${quote(client.client_id, 120)}, which describes itself`);
  }
  if (client) return ok(`client ${quote(client.client_id)}, which registered itself`);
  if (!takesNew) throw createRegisteredOnlyError(found.issuer);
  return ok("a client registers itself with the first sign-in");
}
