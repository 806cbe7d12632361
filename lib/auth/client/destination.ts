import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { isLoopbackUrl } from "../../base/loopback.ts";
import type { Origin } from "../../config/option.ts";
import {
  authorityOfCloud,
  type Cloud,
  type EntraAuthority,
  formatAuthority,
  isLoopbackAuthority,
} from "./authority.ts";
import type { DiscoveredAuthorization } from "./discover.ts";
import { explainForeignScope, isMicrosoftApplication } from "./microsoft-resources.ts";
import { isTrusted, type TrustedServer } from "./trusted-servers.ts";

/*
 * Decides where a token may go (DESIGN 5). Does not read files, ask people or talk to anybody: the caller
 * brings the settings, the discovered metadata and the remembered confirmations.
 */

const deciding = ["url", "tenantId", "clientId", "scope"] as const;
type Name = (typeof deciding)[number];

/** The resolved settings that decide; those of `mcp-client` and `mcp-agent` fit. */
export interface SignInSettings {
  readonly values: {
    readonly url: string;
    readonly tenantId: string | undefined;
    readonly clientId: string | undefined;
    readonly scope: string | undefined;
    readonly cloud: Cloud;
  };
  readonly origins: Readonly<Record<Name, Origin>>;
}

/** With what to sign in, and the server that the token is for. */
export interface SignInPlan {
  readonly authority: EntraAuthority;
  readonly clientId: string;
  readonly scope: string;
  readonly url: string;
}

/** Why a person is asked. */
export type ConfirmReason =
  /** The server itself named part of it. */
  | "discovered"
  /** Part of it comes from a `./.env` that nobody named. */
  | "folder"
  /** Address and scope come from different places. */
  | "not_configured_together";

/** What {@link planSignIn} says. */
export type SignInDecision =
  | { readonly kind: "ready"; readonly plan: SignInPlan }
  | {
      readonly kind: "confirm";
      readonly plan: SignInPlan;
      readonly reason: ConfirmReason;
      /** The facts to show; to be remembered as they are once a person agreed. */
      readonly record: TrustedServer;
    };

/** What {@link planSignIn} decides from. */
export interface SignInFacts {
  readonly settings: SignInSettings;
  /** Absent where nothing was missing, or where the server has no metadata. */
  readonly discovered?: DiscoveredAuthorization | undefined;
  readonly trusted: readonly TrustedServer[];
}

/** Whether a setting is missing that the server's metadata may supply. */
export function needsDiscovery({ values }: SignInSettings): boolean {
  return values.tenantId === undefined || values.clientId === undefined || values.scope === undefined;
}

/**
 * Refuses to send a token over plain http beyond this machine.
 *
 * @throws `untrusted_destination`
 */
export function checkTokenDestination(url: string): void {
  if (new URL(url).protocol === "https:" || isLoopbackUrl(url)) return;
  throw new AppError("untrusted_destination", `No token is sent to ${quote(url)} over plain http.`, {
    hint: "Use an https address, or --no-auth for a server that asks for no token.",
  });
}

function refuse(message: string): AppError {
  return new AppError("untrusted_destination", message, {
    hint: "If it is right nevertheless, configure --tenant-id, --client-id and --scope yourself.",
  });
}

function missing(what: string, flag: string, variable: string): AppError {
  return new AppError("invalid_config", `Signing in needs ${what}, and the server names none.`, {
    hint: `If the server asks for no token, add --no-auth; else give ${flag} or set ${variable}.`,
  });
}

/**
 * The tenant to sign in to.
 *
 * @throws `untrusted_destination`, `invalid_config`
 */
export function chooseAuthority({ settings, discovered }: SignInFacts): EntraAuthority {
  const { tenantId, cloud, url } = settings.values;
  if (tenantId !== undefined) return authorityOfCloud(cloud, tenantId);
  if (!discovered || discovered.issuer === "") {
    throw missing("a tenant id", "--tenant-id", "ENTRA_TENANT_ID");
  }
  const { authority, issuer } = discovered;
  if (!authority) {
    throw refuse(
      `The server names ${quote(issuer)} for signing in, which is not one of Microsoft's login hosts.`,
    );
  }
  if (isLoopbackAuthority(authority) && !isLoopbackUrl(url)) {
    throw refuse(
      `The server names ${quote(issuer)} on this machine for signing in, but is not on it itself.`,
    );
  }
  return authority;
}

function chooseClientId({ settings, discovered }: SignInFacts): string {
  const configured = settings.values.clientId;
  const isFromFolder = settings.origins.clientId.kind === "folder";
  if (configured !== undefined && !isFromFolder) return configured;
  const clientId = configured ?? discovered?.clientId;
  if (clientId === undefined) throw missing("a client id", "--client-id", "ENTRA_CLIENT_ID");
  if (isMicrosoftApplication(clientId)) {
    const who = isFromFolder ? "The file ./.env" : "The server";
    throw refuse(`${who} names the client id ${quote(clientId)}, which is one of Microsoft's own.`);
  }
  return clientId;
}

function checkConfiguredScope(scope: string): void {
  const bare = scope.split(/\s+/).find((word) => !word.includes("/"));
  if (bare === undefined) return;
  throw new AppError("invalid_config", `The scope ${quote(bare)} does not say which API it belongs to.`, {
    hint: "Write it in full, e.g. api://<api-client-id>/execute.",
  });
}

function checkForeignScope(scope: string): void {
  for (const word of scope.split(/\s+/)) {
    const fault = explainForeignScope(word);
    if (fault !== undefined) throw refuse(`The server asks for the scope ${quote(word)}, which ${fault}.`);
  }
}

function chooseScope({ settings, discovered }: SignInFacts): string {
  const configured = settings.values.scope?.trim();
  const scope = configured === undefined || configured === "" ? discovered?.scope : configured;
  if (scope === undefined) throw missing("a scope", "--scope", "ENTRA_API_SCOPE");
  if (scope === configured) checkConfiguredScope(scope);
  if (scope !== configured || settings.origins.scope.kind === "folder") checkForeignScope(scope);
  return scope;
}

/** Why the person must be asked, or nothing where address and scope were configured for one another. */
function findDoubt({ values, origins }: SignInSettings, plan: SignInPlan): ConfirmReason | undefined {
  if (isLoopbackUrl(plan.url) && isLoopbackAuthority(plan.authority)) return undefined;
  if (needsDiscovery({ values, origins }) || plan.scope !== values.scope?.trim()) return "discovered";
  if (deciding.some((name) => origins[name].kind === "folder")) return "folder";
  if (origins.url.kind === "default" || origins.scope.kind === "flag") return undefined;
  return origins.scope.kind === origins.url.kind ? undefined : "not_configured_together";
}

/**
 * Decides whether the configuration may be used to get a token for the server, or whether a person must
 * confirm it first. Configured values win over discovered ones.
 *
 * @throws `untrusted_destination` for what is never done, `invalid_config` for what is missing
 */
export function planSignIn(facts: SignInFacts): SignInDecision {
  const { settings, trusted } = facts;
  const { url } = settings.values;
  checkTokenDestination(url);
  const plan: SignInPlan = {
    authority: chooseAuthority(facts),
    clientId: chooseClientId(facts),
    scope: chooseScope(facts),
    url,
  };
  const reason = findDoubt(settings, plan);
  if (reason === undefined) return { kind: "ready", plan };
  const record: TrustedServer = {
    origin: new URL(url).origin,
    authority: formatAuthority(plan.authority),
    scope: plan.scope,
    clientId: plan.clientId,
  };
  return isTrusted(trusted, record) ? { kind: "ready", plan } : { kind: "confirm", plan, reason, record };
}

/** The error for a confirmation that is needed where nobody can be asked, or that was refused. */
export function createUnconfirmedError(record: TrustedServer): AppError {
  const facts = `${quote(record.scope)} at ${quote(record.authority)}`;
  return new AppError(
    "untrusted_destination",
    `Nobody has confirmed yet that a token for ${facts} may go to ${quote(record.origin)}.`,
    {
      hint: 'Run "mcp-client login" on a terminal to confirm it once, or give --url and --scope together with --tenant-id and --client-id.',
    },
  );
}
