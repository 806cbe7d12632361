import type { Abortable } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import { needsDiscovery } from "../auth/client/destination.ts";
import { discoverAuthorization, type DiscoveredAuthorization } from "../auth/client/discover.ts";
import { connect } from "../transport/client/connect.ts";
import { type Check, type Examination, ok, skipped, warning } from "./check.ts";
import { createNotedFetch } from "./noted-fetch.ts";

/** Codes of a server that is MCP and lets nobody in without a token. */
const wantsToken: readonly string[] = ["sign_in_required", "access_denied"];

function withHint(error: AppError): AppError {
  if (error.hint !== undefined) return error;
  const hint = wantsToken.includes(error.code)
    ? "Leave out --no-auth (--auth none)."
    : "Check the address; most end in /mcp.";
  return new AppError(error.code, error.message, { hint, cause: error });
}

/** Whether anybody gets in. The connection carries no token and none of the configured headers. */
async function isOpen({ settings }: Examination, { signal }: Abortable): Promise<boolean> {
  const { signIn, idleTimeoutMs, mode } = settings;
  try {
    const connection = await connect({ url: signIn.values.url, idleTimeoutMs, signal });
    await connection.close();
    return true;
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    if (mode === "none" || !wantsToken.includes(thrown.code)) throw withHint(thrown);
    return false;
  }
}

/** What the address answers to somebody without a token. */
export const endpointCheck: Check = {
  id: "endpoint",
  title: "Endpoint",
  async run(examination, options) {
    const { settings, facts } = examination;
    facts.hasAnsweredWithoutToken = await isOpen(examination, options);
    if (!facts.hasAnsweredWithoutToken) return ok("it asks for a token");
    const said = "an MCP server that asks for no token";
    if (settings.mode !== "entra") return ok(said);
    return warning(said, "Add --no-auth: no sign-in is needed.");
  },
};

function describeMetadata({ issuer, scope, clientId }: DiscoveredAuthorization): string {
  const facts = [
    `sign-in at ${quote(issuer, 120)}`,
    scope === undefined ? "no scope" : `scope ${quote(scope, 160)}`,
    ...(clientId === undefined ? [] : [`client id ${clientId}`]),
  ];
  return facts.join(", ");
}

/** The server's protected-resource metadata (RFC 9728). */
export const metadataCheck: Check = {
  id: "metadata",
  title: "Metadata",
  async run({ settings, facts, url }, { signal }) {
    if (settings.mode === "none") return skipped("not needed without authentication");
    const fetch = createNotedFetch(facts.dates, settings.clock);
    facts.discovered = await discoverAuthorization(url.href, { signal, fetch });
    if (facts.discovered) return ok(describeMetadata(facts.discovered));
    const asksForNone = facts.hasAnsweredWithoutToken === true;
    if (settings.mode === "entra" && needsDiscovery(settings.signIn)) {
      throw new AppError("invalid_config", "The server has no protected-resource metadata (RFC 9728).", {
        hint: asksForNone
          ? "Add --no-auth: the server asks for no token."
          : "Give --tenant-id, --client-id and --scope; whoever runs the server can tell them.",
      });
    }
    const said = "the server has none (RFC 9728)";
    if (asksForNone) return skipped(`${said}, and asks for no token`);
    return warning(said, "Clients that are not configured cannot find out where to sign in.");
  },
};
