import { foreignTenantId, type ApiScope } from "./registration.ts";

/** Somebody who can sign in to the dev tenant. */
export interface Person {
  /** Value of the `person` field of the sign-in page. */
  readonly id: PersonId;
  /** `oid`. */
  readonly objectId: string;
  readonly name: string;
  /** `preferred_username`, and `email` where that scope was asked for. */
  readonly username: string;
  /** `upn`; differs from the username for guests. */
  readonly userPrincipalName: string;
  /** The home tenant of a guest. */
  readonly homeTenantId?: string;
  /** What was consented for this person. A token's `scp` holds no more than this. */
  readonly granted: readonly ApiScope[];
  /** What the sign-in page says about them. */
  readonly remark: string;
}

/** Who can sign in: `ada` has the scope, `ben` lacks it, `gia` is a guest who has it. */
export const personIds = ["ada", "ben", "gia"] as const;
export type PersonId = (typeof personIds)[number];

/** Everybody in the dev tenant. */
export const people: Readonly<Record<PersonId, Person>> = {
  ada: {
    id: "ada",
    objectId: "dec0de00-0000-4000-8000-0000000e0001",
    name: "Ada Lindqvist",
    username: "ada@devtenant.example",
    userPrincipalName: "ada@devtenant.example",
    granted: ["execute", "read"],
    remark: "may execute tools",
  },
  ben: {
    id: "ben",
    objectId: "dec0de00-0000-4000-8000-0000000e0002",
    name: "Ben Okafor",
    username: "ben@devtenant.example",
    userPrincipalName: "ben@devtenant.example",
    granted: ["read"],
    remark: "was granted only read: the server will refuse",
  },
  gia: {
    id: "gia",
    objectId: "dec0de00-0000-4000-8000-0000000e0003",
    name: "Gia Moreau",
    username: "gia@partner.example",
    userPrincipalName: "gia_partner.example#EXT#@devtenant.example",
    homeTenantId: foreignTenantId,
    granted: ["execute", "read"],
    remark: "a guest: let in only with --allow-guests",
  },
};

/** The person with this id, or undefined. */
export function findPerson(id: string): Person | undefined {
  return personIds.includes(id as PersonId) ? people[id as PersonId] : undefined;
}
