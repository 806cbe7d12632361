import { answerJson } from "./answer.ts";
import { tenantId } from "./registration.ts";
import type { TenantState } from "./tenant-state.ts";
import { issuerV1, issuerV2 } from "./token-claims.ts";

/**
 * What both forms of the OpenID configuration share. Entra's `userinfo_endpoint` and `msgraph_host` are
 * missing on purpose: they would send somebody with a token to the internet.
 */
function commonMetadata(origin: string) {
  return {
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    request_uri_parameter_supported: false,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    claims_supported:
      "sub iss cloud_instance_name aud exp iat nonce preferred_username name tid ver email".split(" "),
    tenant_region_scope: "EU",
    cloud_instance_name: new URL(origin).host,
  };
}

/** The OpenID configuration of the v2.0 endpoint (OpenID Connect Discovery 1.0, section 3). */
export function answerConfigurationV2(state: TenantState): Response {
  const { origin } = state;
  const base = `${origin}/${tenantId}`;
  state.counts.discovery += 1;
  state.faults.noteArrival();
  return answerJson({
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    issuer: issuerV2(origin),
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    ...commonMetadata(origin),
  });
}

/** The OpenID configuration of the v1.0 endpoint: its issuer is the one of v1.0 tokens. */
export function answerConfigurationV1(state: TenantState): Response {
  const { origin } = state;
  const base = `${origin}/${tenantId}`;
  state.counts.discovery += 1;
  state.faults.noteArrival();
  return answerJson({
    token_endpoint: `${base}/oauth2/token`,
    jwks_uri: `${base}/discovery/keys`,
    issuer: issuerV1(origin),
    authorization_endpoint: `${base}/oauth2/authorize`,
    device_authorization_endpoint: `${base}/oauth2/devicecode`,
    end_session_endpoint: `${base}/oauth2/logout`,
    ...commonMetadata(origin),
  });
}

/** Instance discovery, so that no library need ask Microsoft's. */
export function answerInstance(state: TenantState): Response {
  const { host } = new URL(state.origin);
  state.counts.instance += 1;
  return answerJson({
    tenant_discovery_endpoint: `${state.origin}/${tenantId}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
}
