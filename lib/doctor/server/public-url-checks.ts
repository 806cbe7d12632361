import { AppError } from "../../base/errors.ts";
import { isLoopbackHost } from "../../base/loopback.ts";
import { isCertificateFault } from "../../base/network-error.ts";
import { quote } from "../../base/text.ts";
import { fetchJson, isRecord, type JsonAnswer } from "../../auth/client/fetch-json.ts";
import { metadataUrlOf } from "../../auth/server/resource-metadata.ts";
import { type Finding, ok, skipped, warning } from "../check.ts";
import { createNotedFetch } from "../noted-fetch.ts";
import type { ServerCheck, ServerExamination } from "./server-check.ts";

function describeAbsent({ server }: ServerExamination): Finding {
  if (isLoopbackHost(server.host)) return skipped("none is set; callers are on this machine");
  if (server.settings.allowedHosts.length > 0) return skipped("none is set; --allowed-hosts names the hosts");
  return warning(
    "none is set, and callers on other machines are refused for the name that they use",
    "Set --public-url to the address of /mcp as they reach it, e.g. https://mcp.contoso.com/mcp.",
  );
}

function refusePlain(resource: string): AppError {
  return new AppError("invalid_config", `The public URL ${quote(resource)} is plain http.`, {
    hint: "Clients send no token there, and Entra takes https alone: put TLS in front, and name the https address.",
  });
}

function explainStatus({ status }: JsonAnswer, url: string): AppError {
  const hint =
    status === 403
      ? "If this server refuses the host name, have the proxy pass Host on as it came, or add the name to --allowed-hosts."
      : "The proxy in front must pass /.well-known/oauth-protected-resource and what lies below on to the server, as /mcp.";
  return new AppError("server_failed", `${quote(url, 200)} is answered with status ${status}.`, { hint });
}

function refuseCertificate(error: AppError): AppError {
  return new AppError(error.code, error.message, {
    hint:
      "Clients refuse it as this machine does: have a known authority certify the name. If the authority is your " +
      "organisation's own, clients need it (--ca-cert), and this machine NODE_EXTRA_CA_CERTS.",
    cause: error,
  });
}

/** Nothing answers, and nothing of ours runs here: that is no fault yet. */
function isNotStarted(error: unknown, { facts }: ServerExamination): error is AppError {
  return error instanceof AppError && ["unreachable", "timeout"].includes(error.code) && !facts.isRunning;
}

/** Whether the public URL leads here, over TLS that is trusted. */
export const publicUrlCheck: ServerCheck = {
  id: "public_url",
  title: "Public URL",
  needs: ["configuration"],
  async run(examination, { signal }) {
    const { server, facts } = examination;
    const { publicResource: resource } = server;
    if (resource === undefined) return describeAbsent(examination);
    const { protocol, hostname } = new URL(resource);
    if (protocol !== "https:" && !isLoopbackHost(hostname)) throw refusePlain(resource);
    const url = metadataUrlOf(resource);
    try {
      const answer = await fetchJson(url, {
        timeoutMs: 10_000,
        maxBytes: 64 * 1024,
        party: "The public URL",
        fetch: createNotedFetch(facts.dates, server.clock),
        signal,
      });
      if (answer.status !== 200) throw explainStatus(answer, url);
      facts.metadata = answer.body ?? null;
      return ok(protocol === "https:" ? "answers, and its certificate is trusted" : "answers");
    } catch (error) {
      if (error instanceof AppError && isCertificateFault(error)) throw refuseCertificate(error);
      if (!isNotStarted(error, examination)) throw error;
      return warning(
        error.message,
        "If the server or what stands before it is not started yet: start it, and run this again.",
      );
    }
  },
};

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function mismatch(what: string, found: unknown, wanted: string): AppError {
  const said = `The public URL's metadata name the ${what} ${found === undefined ? "not at all" : quote(found, 160)}, not ${quote(wanted, 160)}.`;
  return new AppError("invalid_config", said, {
    hint: "Another server answers there, or this one runs with other settings: restart it with these, or correct --public-url.",
  });
}

/** What the public URL publishes, against what the settings say (RFC 9728). */
export const metadataCheck: ServerCheck = {
  id: "metadata",
  title: "Metadata",
  needs: ["configuration"],
  run({ server, facts }) {
    const { protection, metadata, issuers } = facts;
    const { publicResource: resource } = server;
    if (!protection) return skipped("not needed without tokens");
    const scopes = server.qualifyScopes(protection);
    if (resource === undefined || metadata === undefined) {
      return skipped(
        `would name the scope ${scopes.join(" ")}${resource === undefined ? "" : ` for ${resource}`}`,
      );
    }
    if (!isRecord(metadata)) throw mismatch("resource", undefined, resource);
    if (metadata["resource"] !== resource) throw mismatch("resource", metadata["resource"], resource);
    const published = textsOf(metadata["authorization_servers"]);
    const missing = issuers.find((issuer) => !published.includes(issuer));
    if (missing !== undefined) throw mismatch("issuer", published.join(" "), missing);
    const lacking = scopes.find((scope) => !textsOf(metadata["scopes_supported"]).includes(scope));
    if (lacking !== undefined)
      throw mismatch("scope", textsOf(metadata["scopes_supported"]).join(" "), lacking);
    return ok(`${resource}, scope ${scopes.join(" ")}`);
  },
};
