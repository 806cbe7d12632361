import { quote } from "../base/text.ts";
import { isGuid } from "./shared-options.ts";

/** Kept plain: it stands in queries of Microsoft Graph and on command lines. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}$/;
/** As Entra takes them in a token's `roles`. */
const roleName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/;

function checkName(text: string): string | undefined {
  return plainName.test(text) ? undefined : `takes letters, digits, blanks and . _ -, not ${quote(text)}.`;
}

function checkAppRole(text: string): string | undefined {
  return roleName.test(text)
    ? undefined
    : `takes an app role like Tools.Run, without blanks, not ${quote(text)}.`;
}

/** Clients that people have anyway, by names of ours. */
export const knownClients = {
  /** @see Microsoft: "Secure MCP calls to Azure App Service from Visual Studio Code" (configure-authentication-mcp-server-vscode) */
  vscode: "aebc6443-996d-45c2-90f0-388ff96faa56",
  /** @see Microsoft: "Application IDs of commonly used Microsoft applications" (verify-first-party-apps-sign-in) */
  "azure-cli": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
} as const;

function checkClient(text: string): string | undefined {
  if (isGuid(text) || Object.hasOwn(knownClients, text) || text === "none") return undefined;
  return `takes client ids (GUIDs), ${Object.keys(knownClients).join(", ")} or none, not ${quote(text)}.`;
}

/** Settings of `mcp-server setup`. */
export const setupOptions = {
  apply: {
    kind: "switch",
    flag: "apply",
    help: "Do what the plan says; without it nothing is changed.",
  },
  print: {
    kind: "switch",
    flag: "print",
    help: "Print the plan as az commands for a POSIX shell, and change nothing.",
  },
  name: {
    kind: "text",
    flag: "name",
    hint: "NAME",
    help: "What the registrations are called: NAME-server and NAME-client.",
    default: "mcp",
    check: checkName,
  },
  appRole: {
    kind: "text",
    flag: "app-role",
    hint: "ROLE",
    help: "Add an app role that lets applications in without a person, e.g. Tools.Run.",
    check: checkAppRole,
  },
  preAuthorize: {
    kind: "list",
    flag: "pre-authorize",
    hint: "CLIENT,...",
    help: `Clients that need no consent of anybody: ${Object.keys(knownClients).join(", ")}, client ids, or none.`,
    default: ["vscode"],
    check: checkClient,
  },
  adminConsent: {
    kind: "switch",
    flag: "admin-consent",
    help: "Consent for everybody in the tenant; needs an administrator.",
  },
  writeEnv: {
    kind: "text",
    flag: "write-env",
    hint: "FILE",
    help: "With --apply: the file for the settings of server and client; - prints them.",
    default: ".env",
  },
  force: {
    kind: "switch",
    flag: "force",
    help: "With --apply: replace that file where there is one.",
  },
} as const;

/** Their names, in the order of the help. */
export const setupOptionNames = [
  "apply",
  "print",
  "name",
  "appRole",
  "preAuthorize",
  "adminConsent",
  "writeEnv",
  "force",
] as const;
