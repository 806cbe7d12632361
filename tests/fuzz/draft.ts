import { type KeyName, kidOf, type Signer } from "./issuer.ts";
import type { Random } from "./random.ts";
import * as setting from "./setting.ts";

/** One member of a JSON object. Both are JSON texts, so that a mutator may spell them as it likes. */
export interface Member {
  name: string;
  value: string;
}

/** A header or a set of claims, and what happens to its bytes afterwards. */
export interface Part {
  members: Member[];
  readonly edits: ((bytes: Buffer) => Buffer)[];
}

/** A token in the making. Mutators change it in place; then it is signed; then its edits are made. */
export interface Draft {
  readonly authority: setting.Authority;
  readonly version: setting.Version;
  readonly nowSeconds: number;
  readonly header: Part;
  readonly claims: Part;
  /** `base`: the third segment of the base token. */
  signer: Signer | { readonly type: "base" };
  /** Made on the signed token; `base` is the token that it began as. */
  readonly tokenEdits: ((token: string, base: string) => string)[];
  readonly authorizationEdits: ((authorization: string) => string | null)[];
  /** Whether the base token is presented before and after it. */
  isAmongBase: boolean;
  /** Presented again, this many seconds later each time. */
  readonly repeatsAfter: number[];
}

/** A named change of a draft. */
export interface Mutator {
  readonly name: string;
  change(draft: Draft, random: Random): void;
}

/** JSON text of a value. */
export function text(value: unknown): string {
  return JSON.stringify(value);
}

function toMembers(object: Readonly<Record<string, unknown>>): Member[] {
  return Object.entries(object).map(([name, value]) => ({ name: text(name), value: text(value) }));
}

/** Where a draft begins: a token that is let in. */
export interface BaseOptions {
  readonly authority: setting.Authority;
  readonly version: setting.Version;
  readonly nowSeconds: number;
  /** Default the usable key. */
  readonly key?: KeyName;
}

function claimsOf({ authority, version, nowSeconds }: BaseOptions): Readonly<Record<string, unknown>> {
  const own =
    version === "2.0"
      ? { aud: setting.apiClientId, azp: setting.clientApp, azpacr: "0", uti: "v2-uti" }
      : { aud: setting.appIdUris[0], appid: setting.clientApp, appidacr: "0", uti: "v1-uti" };
  return {
    ...own,
    iss: setting.issuerOf(authority, version),
    iat: nowSeconds - 10,
    nbf: nowSeconds - 10,
    exp: nowSeconds + 3600,
    oid: "00000000-0000-4000-8000-00000000a11c",
    sub: "alice",
    scp: setting.requiredScope,
    tid: setting.tenantId,
    ver: version,
  };
}

/** Begins a draft that is let in as it stands. */
export function beginDraft(options: BaseOptions): Draft {
  const { authority, version, nowSeconds, key = "usable" } = options;
  const header = { typ: "JWT", alg: "RS256", kid: kidOf[key] };
  return {
    authority,
    version,
    nowSeconds,
    header: { members: toMembers(header), edits: [] },
    claims: { members: toMembers(claimsOf(options)), edits: [] },
    signer: { type: "rs256", key },
    tokenEdits: [],
    authorizationEdits: [],
    isAmongBase: false,
    repeatsAfter: [],
  };
}

function encodePart({ members, edits }: Part): string {
  const json = `{${members.map(({ name, value }) => `${name}:${value}`).join(",")}}`;
  return edits.reduce<Buffer>((bytes, edit) => edit(bytes), Buffer.from(json)).toString("base64url");
}

/** What is signed of a draft: `<header>.<claims>`. */
export function encodeDraft(draft: Draft): string {
  return `${encodePart(draft.header)}.${encodePart(draft.claims)}`;
}

/** Gives a member another value, both JSON texts; a member that is missing is added. */
export function setMember(part: Part, name: string, value: string): void {
  const member = part.members.find((candidate) => candidate.name === text(name));
  if (member) member.value = value;
  else part.members.push({ name: text(name), value });
}

/** Takes a member out. */
export function dropMember(part: Part, name: string): void {
  part.members = part.members.filter((member) => member.name !== text(name));
}
