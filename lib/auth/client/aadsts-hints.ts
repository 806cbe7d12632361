import type { ErrorCode } from "../../base/errors.ts";

/** What an error number of Microsoft Entra means and what to do about it. */
export interface AadstsHint {
  /** Completes the sentence "The sign-in was refused: …". */
  readonly meaning: string;
  /** One sentence. */
  readonly hint: string;
  /** Default `sign_in_failed`. */
  readonly code?: ErrorCode;
}

/** What to do where only a person can go on. */
export const signInHint = 'Run "mcp-client login" on a terminal, with the same --url if you gave one.';

const askAdmin = "Ask an administrator of the tenant to allow it.";
const policy = {
  meaning: "a Conditional Access policy of the tenant blocks it",
  hint: "Many tenants block device code: try --login browser; else ask an administrator, or use a device that the policy accepts.",
  code: "sign_in_blocked",
} as const;
const expiredCode = {
  meaning: "the code expired before it was entered",
  hint: "Run the command again and enter the new code within its time.",
  code: "sign_in_expired",
} as const;
const signInAgain = {
  meaning: "the earlier sign-in is no longer valid",
  hint: signInHint,
  code: "sign_in_required",
} as const;
const strongerSignIn = {
  meaning: "the tenant wants a further proof of who you are (multi-factor authentication)",
  hint: 'Run "mcp-client login" and complete what the page asks for.',
  code: "sign_in_required",
} as const;
const declined = {
  meaning: "it was declined in the browser",
  hint: "Run the command again and approve the sign-in if you want it.",
  code: "sign_in_declined",
} as const;
const wrongTenant = {
  meaning: "this account does not exist in the tenant",
  hint: "Sign in with an account of the tenant, or check --tenant-id; guests must be invited first.",
} as const;
const resourceMismatch = {
  meaning: "the resource that was asked for does not belong to the scope",
  hint: "Check that --scope begins with an Application ID URI of the API's registration.",
} as const;

const wrongAssertion = {
  meaning: "the application's assertion is not accepted",
  hint: "Check that --client-id and --tenant-id belong to the certificate or the federated token.",
} as const;
const federation = {
  meaning: "no federated credential of the application matches the token",
  hint: "Compare issuer, subject and audience of the token with those under Certificates & secrets, Federated credentials.",
} as const;

/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const hints: Readonly<Record<number, AadstsHint>> = {
  50020: wrongTenant,
  50034: wrongTenant,
  90072: wrongTenant,
  50053: { meaning: "the account is locked", hint: "Wait a while, or ask an administrator to unlock it." },
  50057: { meaning: "the account is disabled", hint: "Ask an administrator of the tenant." },
  50058: signInAgain,
  50059: { meaning: "no tenant was named", hint: "Give the tenant's GUID or domain with --tenant-id." },
  50076: strongerSignIn,
  50078: signInAgain,
  50079: strongerSignIn,
  50105: {
    meaning: "you are not assigned to the application",
    hint: "Ask an administrator to assign you to it (Enterprise applications, Users and groups).",
  },
  50173: signInAgain,
  50011: {
    meaning: "the client's registration does not have the reply address http://localhost",
    hint: "Add http://localhost under Authentication, 'Mobile and desktop applications', of the client's registration.",
  },
  50027: wrongAssertion,
  50085: signInAgain,
  50126: {
    meaning: "the user name or password is wrong",
    hint: "Try again; an administrator can reset the password.",
  },
  50199: {
    meaning: "the page wants you to confirm the sign-in",
    hint: "Try again and confirm what the page asks for.",
  },
  50196: {
    meaning: "the same request came too often",
    hint: "Wait some minutes before the next try.",
  },
  53000: policy,
  53001: policy,
  53002: policy,
  53003: policy,
  53004: {
    meaning: "the tenant wants you to register for multi-factor authentication first",
    hint: "Sign in to https://aka.ms/mfasetup in a browser, then try again.",
  },
  530021: policy,
  530032: policy,
  530033: policy,
  530034: policy,
  530035: policy,
  65001: {
    meaning: "nobody has consented to the scope for this client yet",
    hint: 'Run "mcp-client login" and consent, or ask an administrator to grant it (API permissions, Grant admin consent).',
    code: "sign_in_required",
  },
  65004: declined,
  65005: {
    meaning: "the client's registration does not list the API",
    hint: "Add the API's scope under API permissions of the client's registration.",
  },
  650052: {
    meaning: "the tenant has no enterprise application for the API",
    hint: "Ask an administrator to consent to the API in this tenant.",
  },
  650053: {
    meaning: "the API does not have that scope",
    hint: "Write --scope in full, e.g. api://<api-client-id>/execute, and check the name under Expose an API.",
  },
  650056: {
    meaning: "the client's registration lacks the permission",
    hint: "Add the API's scope under API permissions of the client's registration.",
  },
  650057: {
    meaning: "the client's registration does not list the API",
    hint: "Add the API's scope under API permissions of the client's registration.",
  },
  501051: {
    meaning: "the application has no app role on the API",
    hint: "Ask an administrator to grant the application one of the API's app roles (API permissions, Application permissions).",
  },
  54005: signInAgain,
  700021: wrongAssertion,
  700023: wrongAssertion,
  700024: {
    meaning: "the application's assertion is not valid now",
    hint: "Check this machine's clock; a federated token must be fresh.",
  },
  700027: {
    meaning: "the certificate is not registered for the application",
    hint: "Upload the certificate under Certificates & secrets of the application's registration, or give the right one.",
  },
  700211: federation,
  700212: federation,
  700213: federation,
  700030: {
    meaning: "the certificate of the application is not valid",
    hint: "Make a new one and upload it under Certificates & secrets of the application's registration.",
  },
  70021: federation,
  70000: signInAgain,
  70008: signInAgain,
  70011: {
    meaning: "the scope is not written as it must be",
    hint: "Write --scope in full, e.g. api://<api-client-id>/execute.",
  },
  70018: {
    meaning: "the code is not known",
    hint: "Run the command again and enter the new code.",
  },
  70019: expiredCode,
  70020: expiredCode,
  70043: signInAgain,
  700016: {
    meaning: "the tenant does not know the client",
    hint: "Check --client-id and --tenant-id: the client must be registered in this tenant or consented to.",
  },
  700022: {
    meaning: "the scopes belong to more than one API",
    hint: "Give scopes of one API only with --scope.",
  },
  700082: signInAgain,
  700084: signInAgain,
  7000112: { meaning: "the application is disabled", hint: askAdmin },
  7000215: {
    meaning: "the client secret is wrong",
    hint: "Give the secret's value, not its id, and check that it belongs to --client-id.",
  },
  7000222: {
    meaning: "the client secret has expired",
    hint: "Make a new one under Certificates & secrets of the application's registration.",
  },
  7000229: {
    meaning: "the application has no service principal in the tenant",
    hint: "Ask an administrator to add the application to the tenant, and check --tenant-id.",
  },
  1002012: {
    meaning: "an application cannot ask for single scopes",
    hint: "Give --scope as api://<api-client-id>/.default.",
  },
  7000218: {
    meaning: "the client's registration does not allow device code",
    hint: "Turn on 'Allow public client flows' under Authentication of the client's registration.",
  },
  500011: {
    meaning: "the tenant does not know the API that the scope belongs to",
    hint: "Check --scope: it must begin with an Application ID URI of an API in this tenant.",
  },
  500113: {
    meaning: "the client's registration has no reply address",
    hint: "Add the platform 'Mobile and desktop applications' to the client's registration.",
  },
  90002: {
    meaning: "the tenant does not exist",
    hint: "Check --tenant-id, and --cloud for national clouds.",
  },
  90009: {
    meaning: "the client asks for a token for itself",
    hint: "Use two registrations, one for the client and one for the API; or name the scope by the GUID.",
  },
  90014: { meaning: "a parameter is missing", hint: "Check --client-id, --tenant-id and --scope." },
  90094: { meaning: "the scope needs an administrator's consent", hint: askAdmin },
  90095: { meaning: "the scope needs an administrator's consent", hint: askAdmin },
  900023: {
    meaning: "the tenant id is neither a GUID nor a domain",
    hint: "Check --tenant-id.",
  },
  900144: { meaning: "a parameter is missing", hint: "Check --client-id, --tenant-id and --scope." },
  901002: resourceMismatch,
  9001023: {
    meaning: "the request must go to a tenant",
    hint: "Give the tenant's GUID or domain with --tenant-id.",
  },
  9010010: resourceMismatch,
};

/** Looks up what is known about an error number, e.g. 53003 of `AADSTS53003`. */
export function findAadstsHint(aadsts: number): AadstsHint | undefined {
  return Object.hasOwn(hints, aadsts) ? hints[aadsts] : undefined;
}
