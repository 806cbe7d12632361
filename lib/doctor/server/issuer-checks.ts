import type { Abortable } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { isCertificateFault } from "../../base/network-error.ts";
import { quote } from "../../base/text.ts";
import { fetchJson, isRecord, type JsonAnswer } from "../../auth/client/fetch-json.ts";
import { discoverKeyUrl } from "../../auth/server/discover-keys.ts";
import { readSigningKeys } from "../../auth/server/signing-keys.ts";
import { isGuid } from "../../config/shared-options.ts";
import { ok, skipped } from "../check.ts";
import { ownIsOff } from "../clock-check.ts";
import { findProxy } from "../find-proxy.ts";
import type { EntraProtection } from "../../auth/server/protection.ts";
import { createNotedFetch } from "../noted-fetch.ts";
import type { ServerCheck, ServerExamination } from "./server-check.ts";

const maxBytes = 512 * 1024;

/** Where a request for an address goes through, for a sentence. */
function nameProxy({ server }: ServerExamination, url: string): string {
  const proxy = findProxy(new URL(url), server.environment);
  return proxy ? ` through the proxy ${quote(proxy.host)}` : "";
}

const networkHint =
  "The server must reach this address for the signing keys. Check HTTPS_PROXY and NO_PROXY in its environment, and that " +
  "the proxy or firewall lets it through; behind a proxy that opens TLS set NODE_EXTRA_CA_CERTS.";

/** The network's own error, with what a server needs. */
function explainNetwork(error: unknown, through: string): unknown {
  if (!(error instanceof AppError) || !["unreachable", "timeout"].includes(error.code)) return error;
  const certificate = isCertificateFault(error) ? "Trust its authority: NODE_EXTRA_CA_CERTS=FILE. " : "";
  const message = through === "" ? error.message : `${error.message.replace(/\.$/, "")}${through}.`;
  return new AppError(error.code, message, { hint: `${certificate}${networkHint}`, cause: error });
}

function notJson(url: string, { status, headers }: JsonAnswer, through: string): AppError {
  const type = headers.get("content-type") ?? "no type";
  const said = `${quote(url, 200)} is answered${through} with status ${status} and ${quote(type, 60)}, not with JSON.`;
  return new AppError("unreachable", said, {
    hint: `Something in between answers in its place, such as a proxy or a sign-in page of the network. ${networkHint}`,
  });
}

async function fetchDocument(
  url: string,
  examination: ServerExamination,
  { signal }: Abortable,
): Promise<JsonAnswer> {
  const through = nameProxy(examination, url);
  const timeoutMs = examination.server.settings.jwksTimeoutSeconds * 1000;
  const request = {
    timeoutMs,
    maxBytes,
    party: "The sign-in service",
    fetch: createNotedFetch(examination.facts.dates, examination.server.clock),
    signal,
  };
  const answer = await fetchJson(url, request).catch((error: unknown) => {
    throw explainNetwork(error, through);
  });
  if (!isRecord(answer.body) || answer.status >= 500 || answer.status === 407)
    throw notJson(url, answer, through);
  return answer;
}

async function findTenant(
  name: string,
  { cloud }: EntraProtection,
  context: { readonly examination: ServerExamination } & Abortable,
): Promise<{ readonly id: string; readonly issuer: string }> {
  const url = `${cloud.loginUrl}/${name}/v2.0/.well-known/openid-configuration`;
  const { status, body } = await fetchDocument(url, context.examination, context);
  const issuer = isRecord(body) ? body["issuer"] : undefined;
  const id = typeof issuer === "string" ? issuer.split("/").find(isGuid) : undefined;
  if (status === 200 && typeof issuer === "string" && id !== undefined)
    return { id: id.toLowerCase(), issuer };
  throw new AppError("invalid_config", `${cloud.loginUrl} knows no tenant ${quote(name)} (HTTP ${status}).`, {
    hint: "Check --tenant-id (ENTRA_TENANT_ID), and --cloud for a national cloud.",
  });
}

/** Whether the tenants exist, by the same way that the server's requests take. */
export const tenantCheck: ServerCheck = {
  id: "tenant",
  title: "Tenant",
  needs: ["configuration"],
  async run(examination, { signal }) {
    const { facts } = examination;
    const { protection } = facts;
    if (!protection) return skipped("not needed without tokens");
    if (protection.kind === "issuer") {
      facts.issuers = [protection.issuer];
      return skipped("not Entra (--issuer)");
    }
    const { cloud, tenants } = protection;
    const found = await Promise.all(
      tenants.map((name) => findTenant(name, protection, { examination, signal })),
    );
    facts.tenantIds = found.map(({ id }) => id);
    facts.issuers = found.map(({ issuer }) => issuer);
    return ok(
      `${cloud.loginUrl} knows ${facts.tenantIds.join(", ")}${nameProxy(examination, cloud.loginUrl)}`,
    );
  },
};

async function findKeyUrls({ server, facts }: ServerExamination): Promise<readonly string[]> {
  const { protection, tenantIds } = facts;
  if (!protection) return [];
  if (protection.kind === "entra") {
    return tenantIds.map((id) => `${protection.cloud.loginUrl}/${id}/discovery/v2.0/keys`);
  }
  if (protection.jwksUri !== undefined) return [protection.jwksUri];
  return [
    await discoverKeyUrl(protection.issuer, server.settings.jwksTimeoutSeconds * 1000).catch(
      (thrown: unknown) => {
        const detail = thrown instanceof AppError ? thrown.detail : undefined;
        const why = detail === undefined ? "" : `: ${quote(detail, 300)}`;
        throw new AppError("unreachable", `The issuer's metadata cannot be had${why}.`, {
          hint: `Check --issuer to the letter, or name the keys with --jwks-uri. ${networkHint}`,
        });
      },
    ),
  ];
}

/** Whether the signing keys can be loaded. */
export const keysCheck: ServerCheck = {
  id: "keys",
  title: "Keys",
  needs: ["configuration", "tenant"],
  async run(examination, { signal }) {
    const { protection } = examination.facts;
    if (!protection) return skipped("not needed without tokens");
    const accepted = protection.kind === "entra" ? (["RS256"] as const) : protection.algorithms;
    let count = 0;
    for (const url of await findKeyUrls(examination)) {
      const { status, body } = await fetchDocument(url, examination, { signal });
      const keys = await readSigningKeys(body, accepted);
      count += keys.length;
      if (keys.length > 0) continue;
      throw new AppError("keys_unavailable", `${quote(url, 200)} has no usable key (HTTP ${status}).`, {
        hint: `Keys for ${accepted.join(", ")} are needed there; check --jwks-uri and --algorithms where you set them.`,
      });
    }
    return ok(`${count} signing key${count === 1 ? "" : "s"} for ${accepted.join(", ")}`);
  },
};

/** This machine's clock against the `Date` of the sign-in service. */
export const serverClockCheck: ServerCheck = {
  id: "clock",
  title: "Clock",
  run({ server, facts }) {
    const { clockSkewSeconds } = server.settings;
    const [noted] = facts.dates.values();
    if (!noted) return skipped("nobody sent a date");
    if (Math.abs(noted.aheadMs) > Math.max(clockSkewSeconds, 5) * 1000) throw ownIsOff(noted.aheadMs);
    return ok(`less than ${Math.max(clockSkewSeconds, 5)} s from the sign-in service's`);
  },
};
