import type { AccessPolicy } from "../../lib/auth/server/check-permission.ts";
import { createEntraAuthority } from "../../lib/auth/server/entra-authority.ts";
import type { DeniedTokens } from "../../lib/auth/server/denied-tokens.ts";
import { createIssuerAuthority } from "../../lib/auth/server/issuer-authority.ts";
import { describeResource, metadataPath, metadataUrlOf } from "../../lib/auth/server/resource-metadata.ts";
import type { AuthorityOptions, TokenAuthority } from "../../lib/auth/server/token-authority.ts";
import { createTokenVerifier, type TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { Log } from "../../lib/base/log.ts";
import type { ServerSettings } from "../../lib/config/mcp-server.ts";
import { toErrorAnswer } from "../../lib/transport/server/error-answer.ts";
import type { Authentication } from "../../lib/transport/server/gate.ts";
import { type Protection, publicResourceOf, qualifyScopes } from "./protection.ts";

/** Authentication and what clients are told about it. */
export interface ComposedAuthentication extends Authentication {
  readonly verifier: TokenVerifier;
  /** Answers requests for the protected-resource metadata. */
  describe(request: Request, path: string): Response | undefined;
}

export interface CompositionOptions {
  readonly settings: ServerSettings;
  readonly deniedTokens: DeniedTokens | undefined;
  readonly log: Log;
}

/**
 * The MCP endpoint as the caller of this request addresses it, the host as URLs write it; fixed where a public URL is
 * configured.
 */
function resourceOf(request: Request, settings: ServerSettings): string {
  const scheme = settings.tlsCert === undefined ? "http" : "https";
  return publicResourceOf(settings) ?? new URL(`${scheme}://${request.headers.get("host")}/mcp`).href;
}

/** Where the metadata of the API lie, as the caller of a request addresses it; nearly all use the last one's host. */
function createMetadataUrl(settings: ServerSettings): (request: Request) => string {
  let lastHost: string | null | undefined;
  let lastUrl = "";
  return (request) => {
    const host = request.headers.get("host");
    if (host !== lastHost) lastUrl = metadataUrlOf(resourceOf(request, settings));
    lastHost = host;
    return lastUrl;
  };
}

function authorityOptions(settings: ServerSettings, log: Log): AuthorityOptions {
  return {
    clock: systemClock,
    log,
    skewSeconds: settings.clockSkewSeconds,
    fetchTimeoutMs: settings.jwksTimeoutSeconds * 1000,
    keyTimes: {
      refreshAfterMs: settings.jwksRefreshSeconds * 1000,
      dropAfterMs: settings.jwksMaxAgeSeconds * 1000,
      missWindowMs: settings.unknownKeyWindowSeconds * 1000,
      missFetches: settings.unknownKeyFetches,
    },
  };
}

function createAuthority(protection: Protection, settings: ServerSettings, log: Log): TokenAuthority {
  const options = authorityOptions(settings, log);
  if (protection.kind === "issuer") return createIssuerAuthority({ ...options, ...protection });
  return createEntraAuthority({ ...options, ...protection, scopes: qualifyScopes(protection, settings) });
}

/** Who of the callers with a valid token comes in. */
export function accessPolicyOf(protection: Protection, settings: ServerSettings): AccessPolicy {
  const { requiredScopes, appRoles, allowGuests } = settings;
  // Entra's client ids are GUIDs, which the verifier writes in lower case; other issuers' are compared as they are.
  const allowedClients =
    protection.kind === "entra"
      ? settings.allowedClients.map((id) => id.toLowerCase())
      : settings.allowedClients;
  return { requiredScopes, appRoles, allowedClients, allowGuests };
}

function createVerifier(protection: Protection, options: CompositionOptions): TokenVerifier {
  const { settings, deniedTokens, log } = options;
  return createTokenVerifier({
    authority: createAuthority(protection, settings, log),
    policy: accessPolicyOf(protection, settings),
    deniedTokens,
    maxRemembered: settings.rememberedTokens,
    clock: systemClock,
  });
}

/** Composes the verifier and the metadata of one API. */
export function composeAuthentication(
  protection: Protection,
  options: CompositionOptions,
): ComposedAuthentication {
  const { settings } = options;
  const scopes = qualifyScopes(protection, settings);
  const verifier = createVerifier(protection, options);
  const publicClientId = protection.kind === "entra" ? protection.publicClientId : undefined;
  return {
    verifier,
    scopes,
    isTerse: settings.terseErrors,
    metadataUrl: createMetadataUrl(settings),
    describe(request, path) {
      if (!path.startsWith(metadataPath)) return undefined;
      const resource = resourceOf(request, settings);
      const isOurs = path === metadataPath || path === new URL(metadataUrlOf(resource)).pathname;
      if (!isOurs) return undefined;
      const issuers = verifier.issuers();
      if (issuers.length === 0) {
        const retry = { retryAfterSeconds: 1 };
        return toErrorAnswer(
          new AppError("keys_unavailable", "The tenant has not been looked up yet.", retry),
        );
      }
      return Response.json(describeResource({ resource, issuers, scopes, publicClientId }), {
        headers: { "cache-control": "no-store" },
      });
    },
  };
}
