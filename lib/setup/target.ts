import type { CloudName } from "./graph.ts";

/** The one scope that a person's token needs. */
export const scopeName = "execute";

/** How the registrations should be. */
export interface SetupTarget {
  readonly cloud: CloudName;
  readonly apiName: string;
  readonly clientName: string;
  /** Address of the MCP endpoint without a slash at its end; https. */
  readonly publicUrl: string | undefined;
  readonly appRole: string | undefined;
  /** Client ids, lower case. */
  readonly preAuthorized: readonly string[];
  readonly wantsAdminConsent: boolean;
  /** A new GUID each time. */
  readonly createId: () => string;
}

/** Where the page that the server carries signs people in. */
export function pageUrlOf(publicUrl: string): string {
  return `${new URL(publicUrl).origin}/`;
}
