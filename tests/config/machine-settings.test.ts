import { describe, expect, test } from "bun:test";
import { clientProgram } from "../../lib/config/mcp-client.ts";
import { type MachineCredential, readMachineCredential } from "../../lib/config/machine-settings.ts";
import { parseArgv } from "../../lib/config/parse-argv.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";

const guid = "11111111-2222-3333-4444-555555555555";

function read(argv: string[], environment: Record<string, string> = {}, folder: Record<string, string> = {}) {
  const { flags } = parseArgv(clientProgram, argv);
  const envFile = { path: "./.env", isNamed: false, variables: folder };
  return readMachineCredential(resolveSettings(clientProgram.options, { flags, environment, envFile }));
}

describe("how a machine signs in", () => {
  test.each<[string[], Record<string, string>, MachineCredential | undefined]>([
    [[], {}, undefined],
    [[], { ENTRA_CLIENT_SECRET: "s" }, { kind: "secret", secret: "s" }],
    [["--client-secret-file", "f"], {}, { kind: "secret_file", path: "f" }],
    [[], { MCP_CLIENT_SECRET_FILE: "f", MCP_CLIENT_SECRET: "s" }, undefined],
    [["--client-certificate", "f"], {}, { kind: "certificate", path: "f" }],
    [[], { ENTRA_CLIENT_CERTIFICATE: "f" }, { kind: "certificate", path: "f" }],
    [[], { AZURE_FEDERATED_TOKEN_FILE: "f" }, { kind: "federated", path: "f" }],
    [["--managed-identity", "system"], {}, { kind: "managed_identity", clientId: undefined }],
    [[], { ENTRA_MANAGED_IDENTITY: guid }, { kind: "managed_identity", clientId: guid }],
    [["--client-certificate", "f"], { ENTRA_CLIENT_SECRET: "s" }, { kind: "certificate", path: "f" }],
  ])("by %j and %j is %j", (argv, environment, expected) => {
    expect(read(argv, environment)).toEqual(expected);
  });

  test.each<[string[], Record<string, string>, string]>([
    [[], { ENTRA_CLIENT_SECRET: "s", AZURE_FEDERATED_TOKEN_FILE: "f" }, "ENTRA_CLIENT_SECRET and AZURE_"],
    [
      ["--client-certificate", "f", "--client-secret-file", "f"],
      {},
      "--client-secret-file and --client-cert",
    ],
  ])("by %j and %j is not clear", (argv, environment, says) => {
    expect(() => read(argv, environment)).toThrow(says);
  });

  test("is not taken from a folder", () => {
    const lines = {
      ENTRA_CLIENT_SECRET: "s",
      ENTRA_MANAGED_IDENTITY: "system",
      ENTRA_CLIENT_CERTIFICATE: "f",
    };
    expect(read([], {}, { ...lines, AZURE_FEDERATED_TOKEN_FILE: "f" })).toBeUndefined();
  });

  test("is by no managed identity of another name", () => {
    expect(() => read(["--managed-identity", "mine"])).toThrow('takes "system" or a client id');
  });
});
