import type { GraphChange } from "./graph.ts";

/** Names of the steps. Stable: scripts branch on them. */
export type StepId =
  | "create_api"
  | "token_version"
  | "app_id_uri"
  | "scope"
  | "app_role"
  | "public_url"
  | "api_principal"
  | "create_client"
  | "public_client"
  | "redirect_uri"
  | "page_redirect"
  | "permission"
  | "client_principal"
  | "pre_authorize"
  | "admin_consent";

/** What a step creates; the directory gives it its ids. */
export type Created = "api" | "client" | "apiPrincipal" | "clientPrincipal";

/** One change, which leaves everything that it does not name as it is. */
export interface Step {
  readonly id: StepId;
  /** For people: what it does. */
  readonly sentence: string;
  /** Completes "You are not allowed to …". */
  readonly action: string;
  /** Ids that are not known yet stand in it as references. */
  readonly change: GraphChange;
  readonly creates?: Created;
  /** The steps after it can be done without it. */
  readonly isOptional?: boolean;
}

/** Ids by the reference that stands for them. */
export type Ids = Readonly<Record<string, string>>;

/** Stands for an id that the directory has not given yet. */
export function refer(created: Created, member: "id" | "appId"): string {
  return `{{${created}.${member}}}`;
}

/** The references in a text, e.g. `api.appId`, and what stands between them. */
export function splitReferences(
  text: string,
): readonly { readonly text: string; readonly isReference: boolean }[] {
  return text.split(/\{\{([A-Za-z]+\.(?:id|appId))\}\}/).map((part, index) => ({
    text: part,
    isReference: index % 2 === 1,
  }));
}

/** Puts the ids that are known in the place of their references, everywhere in a JSON value. */
export function resolveReferences<T>(value: T, ids: Ids): T {
  const text = JSON.stringify(value).replace(
    /\{\{([A-Za-z]+\.(?:id|appId))\}\}/g,
    (reference, name: string) => ids[name] ?? reference,
  );
  return JSON.parse(text) as T;
}
