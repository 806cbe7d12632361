/** What a scenario must find, or it has tested nothing: these checks, each with success. */
export type Expectations = Readonly<Record<string, readonly string[]>>;

const signedIn = ["pkce-verifier-matches-challenge", "valid-bearer-token"];
const resource = [
  "resource-parameter-in-authorization",
  "resource-parameter-in-token",
  "resource-parameter-matches-prm",
];
const stoppedBeforeTheToken = ["authorization-request", "pkce-s256-method-used"];

const signIns: Expectations = {
  "auth/metadata-default": [...signedIn, ...resource],
  "auth/metadata-var1": [...signedIn, ...resource],
  "auth/metadata-var2": [...signedIn, ...resource],
  "auth/metadata-var3": [...signedIn, ...resource],
  "auth/basic-cimd": [...signedIn, "cimd-client-id-used"],
  "auth/scope-from-www-authenticate": [...signedIn, "scope-from-www-authenticate"],
  "auth/scope-from-scopes-supported": [...signedIn, "scope-from-scopes-supported"],
  "auth/scope-omitted-when-undefined": [...signedIn, "scope-omitted-when-undefined"],
  "auth/scope-step-up": [...signedIn, "scope-step-up-initial", "scope-step-up-escalation"],
  "auth/scope-retry-limit": ["token-request", "scope-retry-limit"],
  "auth/token-endpoint-auth-basic": [...signedIn, "token-endpoint-auth-method"],
  "auth/token-endpoint-auth-post": [...signedIn, "token-endpoint-auth-method"],
  "auth/token-endpoint-auth-none": [...signedIn, "token-endpoint-auth-method"],
  "auth/pre-registration": [...signedIn, "pre-registration-auth"],
};

/** The 18 scenarios of 2025-11-25. */
const legacy: Expectations = {
  initialize: ["mcp-client-initialization"],
  tools_call: ["tool-add-numbers", "wire-schema-valid"],
  "elicitation-sep1034-client-defaults": ["string", "integer", "number", "enum", "boolean"].map(
    (type) => `client-elicitation-sep1034-${type}-default`,
  ),
  "sse-retry": ["client-sse-graceful-reconnect", "client-sse-retry-timing", "client-sse-last-event-id"],
  ...signIns,
};

/** The 32 scenarios of 2026-07-28. */
const modern: Expectations = {
  tools_call: ["tool-add-numbers", "wire-schema-valid"],
  "request-metadata": [
    "sep-2575-client-populates-meta",
    "sep-2575-client-declares-elicitation-capability",
    "sep-2575-client-retry-supported-version",
  ],
  ...signIns,
  "auth/scope-step-up": [...signedIn, "scope-step-up-escalation", "sep-2350-scope-union-on-reauth"],
  "auth/resource-mismatch": ["prm-pathbased-requested", "resource-mismatch-rejected"],
  "auth/offline-access-scope": [...signedIn, "sep-2207-offline-access-requested"],
  "auth/offline-access-not-supported": [...signedIn, "sep-2207-offline-access-not-requested"],
  "auth/authorization-server-migration": [
    ...signedIn,
    "sep-2352-reregister-on-as-change",
    "sep-2352-no-cross-as-credential-reuse",
  ],
  "auth/iss-supported": [...signedIn, "sep-2468-client-compare-iss-supported"],
  "auth/iss-not-advertised": [...signedIn, "sep-2468-client-proceed-no-iss"],
  "auth/iss-supported-missing": [...stoppedBeforeTheToken, "sep-2468-client-reject-missing-iss"],
  "auth/iss-wrong-issuer": [...stoppedBeforeTheToken, "sep-2468-client-compare-iss-supported"],
  "auth/iss-unexpected": [...stoppedBeforeTheToken, "sep-2468-client-compare-iss-unadvertised"],
  "auth/iss-normalized": [...stoppedBeforeTheToken, "sep-2468-client-no-normalization"],
  "auth/metadata-issuer-mismatch": [
    "authorization-server-metadata",
    "sep-2468-client-validate-metadata-issuer",
  ],
  "sep-2322-client-request-state": [
    "sep-2322-client-request-state-echoed",
    "sep-2322-client-no-state-omitted",
    "sep-2322-client-parallel-isolation",
  ],
  "http-standard-headers": ["sep-2243-client-includes-standard-headers"],
  "http-custom-headers": [
    "sep-2243-client-mirrors-designated-params",
    "sep-2243-client-base64-unsafe",
    "sep-2243-client-omit-null",
  ],
  "http-invalid-tool-headers": ["sep-2243-client-reject-invalid-tool", "sep-2243-x-mcp-header-unique"],
  "json-schema-ref-no-deref": ["sep-2106-no-network-ref-deref"],
};

/** What is demanded of each revision; `minChecks` is the sum over its scenarios. */
export const revisions = [
  { revision: "2025-11-25", expectations: legacy, scenarios: 18, minChecks: 245 },
  { revision: "2026-07-28", expectations: modern, scenarios: 32, minChecks: 400 },
] as const;
