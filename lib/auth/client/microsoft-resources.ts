import { isGuid } from "../../config/shared-options.ts";

/*
 * Tells apart a customer's own API and Microsoft's. Somebody else's server must not be able to ask for a
 * token for Microsoft Graph and the like. A resource is refused unless its form shows that it is a
 * customer's: a bare GUID shows nothing, so it must be configured by hand.
 */

/** Domains below which Microsoft's own APIs live, in all clouds. */
const microsoftDomains: readonly string[] = [
  "microsoft.com",
  "microsoft.us",
  "cloud.microsoft",
  "microsoftonline.com",
  "microsoftonline.us",
  "microsoftonline.cn",
  "windows.net",
  "windowsazure.com",
  "windowsazure.us",
  "windowsazure.cn",
  "azure.com",
  "azure.net",
  "azure.us",
  "azure.cn",
  "chinacloudapi.cn",
  "usgovcloudapi.net",
  "core.cloudapi.de",
  "office.com",
  "office.net",
  "office365.com",
  "office365.us",
  "outlook.com",
  "outlook.cn",
  "live.com",
  "onenote.com",
  "skype.com",
  "yammer.com",
  "sharepoint.com",
  "sharepoint.us",
  "sharepoint.cn",
  "sharepoint-mil.us",
  "svc.ms",
  "visualstudio.com",
  "dynamics.com",
  "dynamics.us",
  "dynamics.cn",
  "powerbi.com",
  "powerbi.cn",
  "powerbigov.us",
  "powerapps.com",
  "powerapps.us",
  "powerplatform.com",
  "azuresynapse.net",
  "azuresynapse.usgovcloudapi.net",
  "azuredatabricks.net",
  "azconfig.io",
  "azconfig.azure.us",
  "applicationinsights.io",
  "loganalytics.io",
  "loganalytics.us",
  "microsoftazure.de",
  "microsoftstream.com",
];

/** Domains below Microsoft's where customers run machines of their own. */
const customerDomains: readonly string[] = ["cloudapp.azure.com", "cloudapp.azure.us", "cloudapp.azure.cn"];

/** Application ids of Microsoft's own APIs and clients: audiences, or clients with consent for all of them. */
const microsoftApplications: ReadonlySet<string> = new Set([
  "00000001-0000-0000-c000-000000000000", // Azure ESTS
  "00000002-0000-0000-c000-000000000000", // Azure AD Graph
  "00000002-0000-0ff1-ce00-000000000000", // Exchange Online
  "00000003-0000-0000-c000-000000000000", // Microsoft Graph
  "00000003-0000-0ff1-ce00-000000000000", // SharePoint Online
  "00000004-0000-0ff1-ce00-000000000000", // Skype for Business Online
  "00000006-0000-0ff1-ce00-000000000000", // Microsoft 365 portal
  "00000007-0000-0000-c000-000000000000", // Dynamics CRM
  "00000009-0000-0000-c000-000000000000", // Power BI
  "00000012-0000-0000-c000-000000000000", // Rights Management
  "00000014-0000-0000-c000-000000000000", // Azure Key Vault (legacy)
  "797f4846-ba00-4fd7-ba43-dac1f8f63013", // Azure Resource Manager
  "cfa8b339-82a2-471a-a3c9-0fc0be7a4093", // Azure Key Vault
  "e406a681-f3d4-42a8-90b6-c2b029497af1", // Azure Storage
  "022907d3-0f1b-48f7-badc-1ba6abab6d66", // Azure SQL
  "499b84ac-1321-427f-aa17-267ca6975798", // Azure DevOps
  "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d", // Azure Databricks
  "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5", // Log Analytics
  "c5393580-f805-4401-95e8-94b7a6ef2fc2", // Office 365 Management
  "04b07795-8ddb-461a-bbee-02f9e1bf7b46", // Azure CLI
  "1950a258-227b-4e31-a9cf-717495945fc2", // Azure PowerShell
  "872cd9fa-d31f-45e0-9eab-6e460a02d1f1", // Visual Studio
  "aebc6443-996d-45c2-90f0-388ff96faa56", // Visual Studio Code
  "14d82eec-204b-4c2f-b7e8-296a70dab67e", // Graph PowerShell
  "de8bc8b5-d9f9-48b1-a8ad-b748da725064", // Graph Explorer
  "1b730954-1685-4b74-9bfd-dac224a7b894", // Azure AD PowerShell
  "1fec8e78-bce4-4aaf-ab1b-5451cc387264", // Teams
  "d3590ed6-52b3-4102-aeff-aad2292ab01c", // Office
  "29d9ed98-a469-4536-ade2-f981bc1d605e", // Authentication Broker
  "27922004-5251-4030-b22d-91ecd9a37ea4", // Outlook Mobile
  "ab9b8c07-8f02-4f72-87fa-80105867a763", // OneDrive
  "c44b4083-3bb0-49c1-b47d-974e53cbdf3c", // Azure Portal
]);

function isBelow(host: string, domains: readonly string[]): boolean {
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

function explainHost(host: string): string | undefined {
  if (isBelow(host, customerDomains)) return undefined;
  return isBelow(host, microsoftDomains) ? "belongs to one of Microsoft's own services" : undefined;
}

/** Whether an application id is known as one of Microsoft's own. */
export function isMicrosoftApplication(applicationId: string): boolean {
  return microsoftApplications.has(applicationId.toLowerCase());
}

/**
 * Says why a scope that somebody else named may not be asked for, or nothing where it is a customer's own
 * API: `api://<id or host>/<name>`, or `https://<host>/<name>` on a host that is not Microsoft's.
 */
export function explainForeignScope(scope: string): string | undefined {
  const api = /^api:\/\/([a-z0-9._~-]+)(?:\/[a-z0-9._~-]+)*\/[a-z0-9._~-]+$/i.exec(scope)?.[1];
  if (api !== undefined) {
    if (isMicrosoftApplication(api)) return "belongs to one of Microsoft's own services";
    return explainHost(api.toLowerCase());
  }
  const host = /^https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::\d+)?(?:\/[a-z0-9._~-]+)+$/i.exec(scope)?.[1];
  if (host !== undefined) return explainHost(host.toLowerCase());
  if (!scope.includes("/")) return "is a bare word, which Microsoft Entra takes for Microsoft Graph";
  if (isGuid(scope.split("/", 1)[0] ?? ""))
    return "names its API by a GUID, which may be one of Microsoft's own";
  return "is not of the form api://<id>/<name> or https://<host>/<name>";
}
