import { describe, expect, test } from "bun:test";
import { explainForeignScope } from "../../lib/auth/client/microsoft-resources.ts";

describe("explainForeignScope", () => {
  test.each([
    "api://bbbbbbbb-cccc-4ddd-8eee-ffffffffffff/execute",
    "api://bbbbbbbb-cccc-4ddd-8eee-ffffffffffff/.default",
    "api://contoso.com/mcp/execute",
    "https://mcp.contoso.com/mcp/execute",
    "https://mcp.contoso.com/.default",
    "https://contoso.onmicrosoft.com/mcp/execute",
    "https://contoso.azurewebsites.net/mcp/execute",
    "https://contoso.azurecontainerapps.io/execute",
    "https://vm.westeurope.cloudapp.azure.com/mcp/execute",
    "https://notmicrosoft.com/execute",
  ])("lets %s pass as a customer's own", (scope) => {
    expect(explainForeignScope(scope)).toBeUndefined();
  });

  test.each([
    "execute",
    "User.Read",
    ".default",
    "",
    "https://graph.microsoft.com/User.Read",
    "https://graph.microsoft.com//.default",
    "https://GRAPH.microsoft.com/.default",
    "https://graph.microsoft.com./.default",
    "https://graph.microsoft.com:443/.default",
    "https://x@graph.microsoft.com/.default",
    "https://mcp.contoso.com@graph.microsoft.com/.default",
    "https:\\\\graph.microsoft.com/.default",
    "https://graph.microsoft.com\\.contoso.com/.default",
    "https://graph%2Emicrosoft.com/.default",
    "http://mcp.contoso.com/execute",
    "https://graph.microsoft.us/.default",
    "https://dod-graph.microsoft.us/.default",
    "https://microsoftgraph.chinacloudapi.cn/.default",
    "https://graph.windows.net/.default",
    "https://management.azure.com/.default",
    "https://management.azure.com//user_impersonation",
    "https://management.core.windows.net//.default",
    "https://management.usgovcloudapi.net/.default",
    "https://management.chinacloudapi.cn/.default",
    "https://vault.azure.net/.default",
    "https://vault.azure.cn/.default",
    "https://contoso.vault.azure.net/.default",
    "https://storage.azure.com/.default",
    "https://contoso.blob.core.windows.net/.default",
    "https://database.windows.net/.default",
    "https://outlook.office.com/Mail.Read",
    "https://outlook.office365.com/.default",
    "https://contoso.sharepoint.com/.default",
    "https://dev.azure.com/.default",
    "https://app.vssps.visualstudio.com/.default",
    "https://api.powerbi.com/.default",
    "https://contoso.crm4.dynamics.com/.default",
    "https://api.loganalytics.io/.default",
    "499b84ac-1321-427f-aa17-267ca6975798/.default",
    "00000003-0000-0000-c000-000000000000/User.Read",
    "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff/execute",
    "api://00000003-0000-0000-C000-000000000000/.default",
    "api://graph.microsoft.com/.default",
    "spn:00000003-0000-0000-c000-000000000000/.default",
    "urn:contoso:mcp/execute",
  ])("refuses %p", (scope) => {
    expect(explainForeignScope(scope)).toBeString();
  });
});
