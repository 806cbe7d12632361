import { type EntraCloud, entraClouds } from "../../lib/auth/server/entra-cloud.ts";
import { describeResource, metadataPath, metadataUrlOf } from "../../lib/auth/server/resource-metadata.ts";
import { createEntraVerifier, type TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { Log } from "../../lib/base/log.ts";
import type { ServerSettings } from "../../lib/config/mcp-server.ts";
import { toErrorAnswer } from "../../lib/transport/server/error-answer.ts";
import type { Authentication } from "../../lib/transport/server/gate.ts";

/** Whose tokens the server accepts: the configured tenant's, or the dev tenant's. */
export interface Protection {
  readonly cloud: EntraCloud;
  /** GUID or domain. */
  readonly tenant: string;
  readonly apiClientId: string;
  readonly appIdUris: readonly string[];
  readonly publicClientId: string | undefined;
}

/** Authentication and what clients are told about it. */
export interface ComposedAuthentication extends Authentication {
  readonly verifier: TokenVerifier;
  /** Answers requests for the protected-resource metadata. */
  describe(request: Request, path: string): Response | undefined;
}

/**
 * Reads the tenant and the API from the settings.
 *
 * @throws `invalid_config` naming what is missing
 */
export function protectionFrom(settings: ServerSettings): Protection {
  const { tenantId: tenant, apiClientId, audience, cloud } = settings;
  if (tenant === undefined || apiClientId === undefined) {
    const missing =
      tenant === undefined ? "--tenant-id (ENTRA_TENANT_ID)" : "--api-client-id (ENTRA_API_CLIENT_ID)";
    throw new AppError("invalid_config", `The server needs ${missing} to know whose tokens to accept.`, {
      hint: "To try it without an Azure account: mcp-server --dev. To let everybody in on this machine: --no-auth.",
    });
  }
  const appIdUris = [...audience, `api://${apiClientId}`];
  return { cloud: entraClouds[cloud], tenant, apiClientId, appIdUris, publicClientId: settings.clientId };
}

/** The scopes as a client must ask for them, e.g. `api://<id>/execute`. */
function qualifyScopes({ appIdUris }: Protection, settings: ServerSettings): readonly string[] {
  return settings.requiredScopes.map((scope) => `${appIdUris[0]}/${scope}`);
}

/** The MCP endpoint as the caller of this request addresses it; fixed where a public URL is configured. */
function resourceOf(request: Request, settings: ServerSettings): string {
  const url = settings.publicUrl ?? `http://${request.headers.get("host")}/mcp`;
  return url.replace(/\/$/, "");
}

/** Composes the verifier and the metadata of one tenant and one API. */
export function composeAuthentication(
  protection: Protection,
  settings: ServerSettings,
  log: Log,
): ComposedAuthentication {
  const { cloud, tenant, apiClientId, appIdUris, publicClientId } = protection;
  const { requiredScopes } = settings;
  const scopes = qualifyScopes(protection, settings);
  const verifier = createEntraVerifier({
    cloud,
    tenant,
    apiClientId,
    appIdUris,
    requiredScopes,
    clock: systemClock,
    log,
  });
  return {
    verifier,
    scopes,
    metadataUrl: (request) => metadataUrlOf(resourceOf(request, settings)),
    describe(request, path) {
      if (!path.startsWith(metadataPath)) return undefined;
      const resource = resourceOf(request, settings);
      const isOurs = path === metadataPath || path === new URL(metadataUrlOf(resource)).pathname;
      if (!isOurs) return undefined;
      const tenantId = verifier.tenantId();
      if (tenantId === undefined) {
        const hint = { retryAfterSeconds: 1 };
        return toErrorAnswer(
          new AppError("keys_unavailable", "The tenant has not been looked up yet.", hint),
        );
      }
      const issuer = `${cloud.loginUrl}/${tenantId}/v2.0`;
      return Response.json(describeResource({ resource, issuer, scopes, publicClientId }), {
        headers: { "cache-control": "no-store" },
      });
    },
  };
}
