import { isSafeUrl } from "../base/loopback.ts";
import { quote } from "../base/text.ts";
import { checkClientId, sharedOptions } from "./shared-options.ts";
import { signatureAlgorithms } from "./signature-algorithms.ts";

function checkIssuerUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !isSafeUrl(url)) return `takes an https URL (http on this machine alone), not ${quote(text)}.`;
  const isBare = url.username === "" && url.password === "" && !/[?#]/.test(text);
  return isBare ? undefined : "takes a URL without user name, query and fragment.";
}

function checkKeySetUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !isSafeUrl(url)) return `takes an https URL (http on this machine alone), not ${quote(text)}.`;
  const hasUser = url.username !== "" || url.password !== "";
  return hasUser ? "takes a URL without user name and password." : undefined;
}

function checkAlgorithm(text: string): string | undefined {
  if (signatureAlgorithms.some((name) => name === text)) return undefined;
  return `takes asymmetric algorithms (${signatureAlgorithms.join(", ")}), not ${quote(text)}.`;
}

/** Headings of the help. */
const groups = {
  access: "WHO COMES IN",
  issuer: "ANOTHER ISSUER IN ENTRA'S PLACE",
  keys: "KEYS AND CLOCKS",
} as const;

const seconds = { kind: "number", integer: true, hint: "SECONDS" } as const;

/** Settings of `mcp-server` that say whose tokens are accepted and who of their callers comes in. */
export const tokenOptions = {
  tenantId: {
    ...sharedOptions.tenantId,
    kind: "list",
    hint: "GUID|DOMAIN,...",
    help: "Directory (tenant) id, or one of the tenant's domains; several let in callers of each of them.",
  },
  apiClientId: {
    kind: "text",
    flag: "api-client-id",
    hint: "GUID",
    env: ["ENTRA_API_CLIENT_ID"],
    aliases: ["CLIENT_ID"],
    help: "Client id of the API's app registration: the audience of its tokens.",
    check: checkClientId,
  },
  clientId: {
    kind: "text",
    flag: "client-id",
    hint: "GUID",
    env: ["ENTRA_CLIENT_ID"],
    help: "Client id of the public client, told to clients so that they need no configuration.",
    check: checkClientId,
  },
  audience: {
    kind: "list",
    flag: "audience",
    hint: "URI,...",
    env: ["ENTRA_AUDIENCE"],
    aliases: ["API_AUDIENCE"],
    help: "Further App ID URIs that v1.0 tokens may be for; with --issuer the audience of its tokens.",
    defaultText: "api://<api-client-id>",
  },
  requiredScopes: {
    kind: "list",
    flag: "required-scopes",
    hint: "SCOPE,...",
    env: ["ENTRA_REQUIRED_SCOPES"],
    help: "Scopes that a caller's token must carry, all of them.",
    default: ["execute"],
  },
  cloud: sharedOptions.cloud,
  allowedClients: {
    kind: "list",
    group: groups.access,
    flag: "allowed-clients",
    hint: "ID,...",
    env: ["MCP_ALLOWED_CLIENTS"],
    help: "Client ids of the applications that may be used to call.",
    defaultText: "all",
  },
  appRoles: {
    kind: "list",
    group: groups.access,
    flag: "app-roles",
    hint: "ROLE,...",
    env: ["ENTRA_APP_ROLES"],
    help: "App roles, one of which lets in an application without a signed-in person.",
    defaultText: "none: people only",
  },
  allowGuests: {
    kind: "switch",
    group: groups.access,
    flag: "allow-guests",
    env: ["ENTRA_ALLOW_GUESTS"],
    help: "Let in guests of the tenant, too.",
  },
  deniedTokens: {
    kind: "text",
    group: groups.access,
    flag: "denied-tokens",
    hint: "FILE",
    env: ["MCP_DENIED_TOKENS"],
    help: "File of tokens to refuse, one uti (or jti) a line; read again within a second of a change.",
  },
  issuer: {
    kind: "text",
    group: groups.issuer,
    flag: "issuer",
    hint: "URL",
    env: ["MCP_ISSUER"],
    help: "Accept access tokens of this OAuth or OpenID Connect issuer in Entra's place; needs --audience.",
    check: checkIssuerUrl,
  },
  jwksUri: {
    kind: "text",
    group: groups.issuer,
    flag: "jwks-uri",
    hint: "URL",
    env: ["MCP_JWKS_URI"],
    help: "With --issuer: address of its signing keys.",
    defaultText: "as the issuer's metadata say",
    check: checkKeySetUrl,
  },
  algorithms: {
    kind: "list",
    group: groups.issuer,
    flag: "algorithms",
    hint: "ALG,...",
    env: ["MCP_ALGORITHMS"],
    help: `With --issuer: accepted signatures, out of ${signatureAlgorithms.join(", ")}.`,
    defaultText: "RS256",
    check: checkAlgorithm,
  },
  terseErrors: {
    kind: "switch",
    group: groups.access,
    flag: "terse-errors",
    env: ["MCP_TERSE_ERRORS"],
    help: "Do not tell callers why a token is refused; the log still does.",
  },
  clockSkewSeconds: {
    ...seconds,
    group: groups.keys,
    min: 0,
    max: 600,
    flag: "clock-skew-seconds",
    env: ["MCP_CLOCK_SKEW_SECONDS"],
    help: "By how much clocks may differ, 0 to 600 seconds.",
    default: 60,
  },
  jwksRefreshSeconds: {
    ...seconds,
    group: groups.keys,
    min: 1,
    max: 86_400,
    flag: "jwks-refresh-seconds",
    env: ["MCP_JWKS_REFRESH_SECONDS"],
    help: "Age at which signing keys are loaded anew, 1 to 86400 seconds.",
    default: 3600,
  },
  jwksMaxAgeSeconds: {
    ...seconds,
    group: groups.keys,
    min: 1,
    max: 604_800,
    flag: "jwks-max-age-seconds",
    env: ["MCP_JWKS_MAX_AGE_SECONDS"],
    help: "How long signing keys are used when they cannot be loaded anew, 1 to 604800 seconds.",
    default: 86_400,
  },
  jwksTimeoutSeconds: {
    ...seconds,
    group: groups.keys,
    min: 1,
    max: 60,
    flag: "jwks-timeout-seconds",
    env: ["MCP_JWKS_TIMEOUT_SECONDS"],
    help: "How long loading them may take, 1 to 60 seconds.",
    default: 5,
  },
  unknownKeyFetches: {
    kind: "number",
    group: groups.keys,
    integer: true,
    min: 1,
    max: 1000,
    flag: "unknown-key-fetches",
    hint: "COUNT",
    env: ["MCP_UNKNOWN_KEY_FETCHES"],
    help: "How often tokens with unknown key ids may cause the keys to be loaded in one window, 1 to 1000.",
    default: 3,
  },
  unknownKeyWindowSeconds: {
    ...seconds,
    group: groups.keys,
    min: 1,
    max: 86_400,
    flag: "unknown-key-window-seconds",
    env: ["MCP_UNKNOWN_KEY_WINDOW_SECONDS"],
    help: "Length of that window, 1 to 86400 seconds.",
    default: 300,
  },
  rememberedTokens: {
    kind: "number",
    group: groups.keys,
    integer: true,
    min: 0,
    max: 1_000_000,
    flag: "remembered-tokens",
    hint: "COUNT",
    env: ["MCP_REMEMBERED_TOKENS"],
    help: "How many verified tokens are remembered, 0 to 1000000; 0 verifies each request anew.",
    default: 10_000,
  },
} as const;

/** Their names, in the order of the help. */
export const tokenOptionNames = Object.keys(tokenOptions) as readonly (keyof typeof tokenOptions)[];
