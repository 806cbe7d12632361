import { quote } from "../base/text.ts";
import { isGuid } from "./shared-options.ts";

const group = "SIGN-IN OF A MACHINE (no person; the server needs --app-roles)";

function checkManagedIdentity(text: string): string | undefined {
  return text === "system" || isGuid(text)
    ? undefined
    : `takes "system" or a client id (a GUID), not ${quote(text)}.`;
}

/** Settings with which an application signs in as itself at Microsoft Entra ID. */
export const machineOptions = {
  entraClientSecret: {
    group,
    kind: "text",
    env: ["ENTRA_CLIENT_SECRET"],
    folder: "ignore",
    secret: true,
    help: "Secret of the application --client-id. In a file: --client-secret-file.",
  },
  clientCertificate: {
    group,
    kind: "text",
    flag: "client-certificate",
    hint: "FILE",
    env: ["ENTRA_CLIENT_CERTIFICATE"],
    folder: "ignore",
    help: "PEM file with certificate and private key of the application --client-id, closed to other users.",
  },
  federatedTokenFile: {
    group,
    kind: "text",
    flag: "federated-token-file",
    hint: "FILE",
    env: ["AZURE_FEDERATED_TOKEN_FILE"],
    folder: "ignore",
    help: "File with a token of another issuer that stands for the application --client-id (workload identity).",
  },
  managedIdentity: {
    group,
    kind: "text",
    flag: "managed-identity",
    hint: "system|GUID",
    env: ["ENTRA_MANAGED_IDENTITY"],
    folder: "ignore",
    help: "Use the managed identity of this machine in Azure: the system's, or the one with this client id.",
    check: checkManagedIdentity,
  },
} as const;
