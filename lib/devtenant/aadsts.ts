/** How Entra says no for one reason. */
interface AadstsRow {
  /** The number after `AADSTS`. */
  readonly code: number;
  /** OAuth `error`. */
  readonly error: string;
  readonly status: number;
  /** One sentence; `{name}` stands for a value of the refusal. */
  readonly text: string;
  readonly suberror?: string;
  /** Whether the answer carries a claims challenge, as Conditional Access does. */
  readonly hasClaims?: boolean;
}

const deadRefreshToken = { error: "invalid_grant", status: 400, suberror: "bad_token" } as const;
const blockedByPolicy = { code: 53003, status: 400, suberror: "message_only", hasClaims: true } as const;
const blockedText =
  "Access was blocked by Conditional Access policies. They do not allow tokens to be issued.";

const table = {
  unknown_tenant: {
    code: 90002,
    error: "invalid_tenant",
    status: 400,
    text: "Tenant '{tenant}' not found. Check that you have the right tenant id and cloud.",
  },
  unknown_application: {
    code: 700016,
    error: "unauthorized_client",
    status: 400,
    text: "Application with identifier '{client}' was not found in the directory 'Dev tenant'.",
  },
  missing_parameter: {
    code: 900144,
    error: "invalid_request",
    status: 400,
    text: "The request body must contain the following parameter: '{parameter}'.",
  },
  duplicate_parameter: {
    code: 9000411,
    error: "invalid_request",
    status: 400,
    text: "The request is not properly formatted. The parameter '{parameter}' is duplicated.",
  },
  post_only: {
    code: 900561,
    error: "invalid_request",
    status: 405,
    text: "The endpoint only accepts POST requests. Received a {method} request.",
  },
  client_secret_required: {
    code: 7000218,
    error: "invalid_client",
    status: 401,
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  unknown_scope: {
    code: 650053,
    error: "invalid_client",
    status: 400,
    text: "The application '{client}' asked for scope '{scope}' that doesn't exist on the resource '{resource}'.",
  },
  unknown_resource: {
    code: 500011,
    error: "invalid_resource",
    status: 400,
    text: "The resource principal named {resource} was not found in the tenant named Dev tenant.",
  },
  several_resources: {
    code: 28000,
    error: "invalid_request",
    status: 400,
    text: "The value of the input parameter scope is not valid: it contains more than one resource.",
  },
  invalid_scope: {
    code: 70011,
    error: "invalid_scope",
    status: 400,
    text: "The value of the input parameter 'scope' is not valid. {reason}",
  },
  resource_mismatch: {
    code: 9010010,
    error: "invalid_target",
    status: 400,
    text: "The resource parameter '{resource}' does not match the requested scopes.",
  },
  unsupported_grant_type: {
    code: 70003,
    error: "unsupported_grant_type",
    status: 400,
    text: "The app requested an unsupported grant type '{grant}'.",
  },
  authorization_pending: {
    code: 70016,
    error: "authorization_pending",
    status: 400,
    text: "OAuth 2.0 device flow: authorization is pending. Continue polling.",
  },
  authorization_declined: {
    code: 65004,
    error: "authorization_declined",
    status: 400,
    text: "The person declined the authorization request.",
  },
  device_code_expired: {
    code: 70020,
    error: "expired_token",
    status: 400,
    text: "The value of the input parameter 'device_code' is not valid. This device code has expired.",
  },
  unknown_device_code: {
    code: 70018,
    error: "bad_verification_code",
    status: 400,
    text: "The device code was not recognised.",
  },
  device_code_redeemed: {
    code: 54005,
    error: "invalid_grant",
    status: 400,
    text: "The device code was already redeemed. Start again with a new one.",
  },
  unknown_code: {
    code: 9002313,
    error: "invalid_grant",
    status: 400,
    text: "The authorization code is malformed, invalid or another application's.",
  },
  code_redeemed: {
    code: 54005,
    error: "invalid_grant",
    status: 400,
    text: "The authorization code was already redeemed. Sign in again for a new one.",
  },
  code_expired: {
    code: 70008,
    error: "invalid_grant",
    status: 400,
    text: "The authorization code has expired. Sign in again for a new one.",
  },
  reply_address_mismatch: {
    code: 500112,
    error: "invalid_grant",
    status: 400,
    text: "The reply address '{redirect}' is not the one that the authorization code was asked for with.",
  },
  wrong_verifier: {
    code: 501481,
    error: "invalid_grant",
    status: 400,
    text: "The code_verifier does not match the code_challenge of the authorization request.",
  },
  pkce_required: {
    code: 9002325,
    error: "invalid_request",
    status: 400,
    text: "Proof Key for Code Exchange is required, by S256.",
  },
  bad_challenge: {
    code: 501491,
    error: "invalid_request",
    status: 400,
    text: "The code_challenge has an invalid size.",
  },
  unknown_reply_address: {
    code: 50011,
    error: "invalid_request",
    status: 400,
    text: "The redirect URI '{redirect}' is none of those that are configured for the application.",
  },
  unsupported_response_mode: {
    code: 70007,
    error: "unsupported_response_mode",
    status: 400,
    text: "The response_mode '{mode}' is not supported.",
  },
  unsupported_response_type: {
    code: 700054,
    error: "unsupported_response_type",
    status: 400,
    text: "The response_type '{type}' is not enabled for the application.",
  },
  consent_declined: {
    code: 65004,
    error: "access_denied",
    status: 400,
    text: "The person declined to consent.",
  },
  wrong_client_secret: {
    code: 7000215,
    error: "invalid_client",
    status: 401,
    text: "Invalid client secret provided for the application '{client}'.",
  },
  bad_assertion: {
    code: 50027,
    error: "invalid_client",
    status: 401,
    text: "The client assertion is malformed or invalid.",
  },
  assertion_expired: {
    code: 700024,
    error: "invalid_client",
    status: 401,
    text: "The client assertion is not within its valid time range.",
  },
  unknown_certificate: {
    code: 700027,
    error: "invalid_client",
    status: 401,
    text: "The certificate that signed the client assertion is not registered on the application.",
  },
  assertion_of_another: {
    code: 700021,
    error: "invalid_client",
    status: 401,
    text: "The client assertion's application is not the one of the parameter 'client_id'.",
  },
  assertion_audience: {
    code: 700023,
    error: "invalid_client",
    status: 401,
    text: "The client assertion's audience is not this tenant.",
  },
  unknown_federation: {
    code: 700213,
    error: "invalid_client",
    status: 401,
    text: "No matching federated identity record found for the assertion's subject '{subject}'.",
  },
  federation_audience: {
    code: 700212,
    error: "invalid_client",
    status: 401,
    text: "No matching federated identity record found for the assertion's audience '{audience}'.",
  },
  default_scope_required: {
    code: 1002012,
    error: "invalid_scope",
    status: 400,
    text: "The scope '{scope}' is not valid: client credentials take the resource's /.default.",
  },
  slow_down: {
    code: 50196,
    error: "slow_down",
    status: 400,
    text: "The application polls too fast. Wait five seconds more between requests.",
  },
  throttled: {
    code: 90055,
    error: "temporarily_unavailable",
    status: 429,
    text: "There are too many incoming requests. Try again later.",
  },
  sign_in_blocked: { ...blockedByPolicy, error: "access_denied", text: blockedText },
  refresh_blocked: { ...blockedByPolicy, error: "invalid_grant", text: blockedText },
  refresh_expired: {
    ...deadRefreshToken,
    code: 700082,
    text: "The refresh token has expired due to inactivity.",
  },
  refresh_revoked: {
    ...deadRefreshToken,
    code: 50173,
    text: "The grant was revoked, for example by a new password. Sign in again.",
  },
  refresh_used: { ...deadRefreshToken, code: 54005, text: "The refresh token was already redeemed." },
  refresh_unknown: {
    ...deadRefreshToken,
    code: 9002313,
    text: "The request is malformed or invalid: no such refresh token.",
  },
  spa_needs_origin: {
    code: 9002327,
    error: "invalid_request",
    status: 400,
    text: "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
  },
  not_a_spa: {
    code: 9002326,
    error: "invalid_request",
    status: 400,
    text: "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'.",
  },
  silent_sign_in: {
    code: 50058,
    error: "login_required",
    status: 400,
    text: "A silent sign-in request was sent but no user is signed in.",
  },
} as const satisfies Record<string, AadstsRow>;

/** Every reason for which the dev tenant refuses. */
export type AadstsName = keyof typeof table;

/** A refusal, before it becomes an answer. Its values are other people's: they are cut when shown. */
export interface Refusal {
  readonly name: AadstsName;
  readonly values: Readonly<Record<string, string>>;
  /** Becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** What a step returns in place of its value when it refuses. */
export interface Refused {
  readonly refusal: Refusal;
}

/** Refuses. `values` fill the text's places; never a code or a token. */
export function refuse(name: AadstsName, values: Readonly<Record<string, string>> = {}): Refused {
  return { refusal: { name, values } };
}

/** Whether a step refused. */
export function isRefused(outcome: object): outcome is Refused {
  return "refusal" in outcome;
}

/** Looks up number, `error`, status and text of a refusal. */
export function describeAadsts(name: AadstsName): AadstsRow {
  return table[name];
}
