import { logLevels } from "../base/log.ts";
import { quote } from "../base/text.ts";

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const domain = /^(?=.{4,253}$)([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** Whether the text is a GUID in its 36-character form. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}

/** Says what is wrong with a client id, or nothing. */
export function checkClientId(text: string): string | undefined {
  return isGuid(text) ? undefined : `takes a client id (a GUID), not ${quote(text)}.`;
}

function checkTenantId(text: string): string | undefined {
  if (isGuid(text) || domain.test(text)) return undefined;
  return `takes a tenant id (a GUID) or a domain of the tenant like contoso.onmicrosoft.com, not ${quote(text)}.`;
}

/** Says what is wrong with an http or https URL, or nothing. */
export function checkHttpUrl(text: string): string | undefined {
  const url = URL.parse(text);
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (!url || !isHttp) return `takes a URL like http://localhost:8000/mcp, not ${quote(text)}.`;
  if (url.username !== "" || url.password !== "") return "takes a URL without user name and password.";
  return undefined;
}

/** Settings that more than one program has. */
export const sharedOptions = {
  tenantId: {
    kind: "text",
    flag: "tenant-id",
    hint: "GUID|DOMAIN",
    env: ["ENTRA_TENANT_ID"],
    aliases: ["TENANT_ID"],
    help: "Directory (tenant) id, or one of the tenant's domains.",
    check: checkTenantId,
  },
  cloud: {
    kind: "choice",
    choices: ["public", "usgov", "china"],
    flag: "cloud",
    env: ["ENTRA_CLOUD"],
    help: "Microsoft cloud that the tenant lives in.",
    default: "public",
  },
  logLevel: {
    kind: "choice",
    choices: logLevels,
    flag: "log-level",
    env: ["MCP_LOG_LEVEL"],
    help: "How much is logged on standard error.",
    default: "info",
  },
  envFile: {
    kind: "text",
    flag: "env-file",
    hint: "FILE",
    help: "File with variables; those of the environment win.",
    defaultText: "./.env where there is one",
  },
} as const;
