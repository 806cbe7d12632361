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
