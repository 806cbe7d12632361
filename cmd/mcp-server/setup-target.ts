import { AppError } from "../../lib/base/errors.ts";
import { isLoopbackUrl } from "../../lib/base/loopback.ts";
import { quote } from "../../lib/base/text.ts";
import type { ServerOptions, ServerSettings } from "../../lib/config/mcp-server.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { knownClients } from "../../lib/config/setup-options.ts";
import type { SoughtPair } from "../../lib/setup/read-state.ts";
import type { SetupTarget } from "../../lib/setup/target.ts";

/** What the set-up works towards, and on what. */
export interface SetupRequest {
  readonly tenant: string | undefined;
  readonly target: SetupTarget;
  readonly sought: SoughtPair;
  /** What the person should know about the settings. */
  readonly remarks: readonly string[];
}

const fromFolder = ["tenantId", "apiClientId", "clientId", "publicUrl", "cloud"] as const;

/** The settings that were given: what merely lies in the current folder must not steer changes in a tenant. */
function givenSettings({ values, origins }: Context<ServerOptions>) {
  const ignored = fromFolder.filter((name) => origins[name].kind === "folder");
  const given = <Name extends keyof ServerSettings>(name: Name): ServerSettings[Name] | undefined =>
    origins[name].kind === "folder" ? undefined : values[name];
  const names = ignored.map((name) => origins[name].name).join(", ");
  const remark = `Not used here: ${names}. To use them: --env-file .env`;
  return { given, remarks: ignored.length === 0 ? [] : [remark] };
}

/** It comes to stand in a file that shells may read, and in comments of what --print prints. */
const plainUrl = /^[\w.:/~%[\]-]+$/;

function publicUrlFrom(url: string | undefined): { readonly publicUrl?: string; readonly remark?: string } {
  if (url === undefined) {
    return {
      remark: "Without --public-url the page and clients such as VS Code cannot sign in by themselves.",
    };
  }
  if (isLoopbackUrl(url)) {
    // Entra takes any port of localhost, and could not tell the page from the browser sign-in of mcp-client.
    return { remark: "Entra cannot be told a --public-url on this machine; it is left out." };
  }
  const { href, protocol } = new URL(url);
  if (protocol === "https:" && !plainUrl.test(href)) {
    throw new AppError("usage", `--public-url: the set-up takes letters, digits and . : / _ ~ % - alone.`);
  }
  if (protocol === "https:") return { publicUrl: href.replace(/\/$/, "") };
  throw new AppError("usage", `--public-url: Entra takes https alone, not ${quote(url)}.`, {
    hint: "Publish the server by https (README, In production), and give that address.",
  });
}

function oneTenant(tenants: readonly string[] | undefined): string | undefined {
  if (tenants === undefined || tenants.length < 2) return tenants?.[0];
  throw new AppError("usage", "The set-up is for one tenant; --tenant-id names several.");
}

function clientIds(names: readonly string[]): readonly string[] {
  const known: Readonly<Record<string, string>> = knownClients;
  return [
    ...new Set(names.filter((name) => name !== "none").map((name) => (known[name] ?? name).toLowerCase())),
  ];
}

/**
 * Reads from the settings what is to be set up.
 *
 * @throws `usage`
 */
export function readSetupRequest(context: Context<ServerOptions>): SetupRequest {
  const { values } = context;
  const { given, remarks } = givenSettings(context);
  const { publicUrl, remark } = publicUrlFrom(given("publicUrl"));
  const [apiName, clientName] = [`${values.name}-server`, `${values.name}-client`];
  return {
    tenant: oneTenant(given("tenantId")),
    remarks: [...remarks, ...(remark === undefined ? [] : [remark])],
    sought: {
      api: { name: apiName, appId: given("apiClientId")?.toLowerCase(), flag: "--api-client-id" },
      client: { name: clientName, appId: given("clientId")?.toLowerCase(), flag: "--client-id" },
    },
    target: {
      cloud: given("cloud") ?? "public",
      apiName,
      clientName,
      publicUrl,
      appRole: values.appRole,
      preAuthorized: clientIds(values.preAuthorize),
      wantsAdminConsent: values.adminConsent,
      createId: () => crypto.randomUUID(),
    },
  };
}
