/** The rules of the table, each with the statuses that a refusal by it may have. */
export const statusesOf = {
  // Authorization (RFC 6750 section 2.1)
  no_token: [401],
  authorization: [400, 401],
  // Token and header
  shape: [401],
  header: [401],
  /** A key that nobody knows. */
  key: [401],
  /** The same where the verifier has used up its fetches, so that it cannot know. */
  key_unasked: [401, 503],
  key_issuer: [401],
  signature: [401],
  // Claims
  time: [401],
  version: [401],
  issuer: [401],
  audience: [401],
  tenant: [401],
  subject: [401],
  client: [401],
  // Authentic, and not permitted
  scope: [403],
  scope_type: [401, 403],
  app_only: [403],
  idtyp: [401, 403],
  guest: [403],
  idp_type: [401, 403],
  id_token: [401, 403],
  /** `acct` neither 0 nor 1, `idp` foreign beside `acct` 0, `idp` our tenant in the other version's form. */
} as const satisfies Record<string, readonly number[]>;

/** One rule of the table. */
export type Rule = keyof typeof statusesOf;

/** Rules about callers who are who they say; any other broken rule comes before them. */
export const permissionRules: ReadonlySet<Rule> = new Set<Rule>([
  "scope",
  "scope_type",
  "app_only",
  "idtyp",
  "guest",
  "idp_type",
  "id_token",
]);
