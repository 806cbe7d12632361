import { describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEnvFile } from "../../lib/config/env-file.ts";
import { clientProgram } from "../../lib/config/mcp-client.ts";
import { readAuthMode, readOAuthSettings } from "../../lib/config/oauth-settings.ts";
import { parseArgv } from "../../lib/config/parse-argv.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";

const guid = "11111111-2222-3333-4444-555555555555";

function resolve(argv: string[], environment: Record<string, string> = {}, lines = "") {
  const folder = mkdtempSync(join(tmpdir(), "mcp-entra-config-"));
  writeFileSync(join(folder, ".env"), lines);
  const { flags } = parseArgv(clientProgram, argv);
  return resolveSettings(clientProgram.options, {
    flags,
    environment,
    envFile: readEnvFile(undefined, folder),
  });
}

describe("the way to sign in", () => {
  test.each([
    [[], {}, "entra"],
    [["--auth", "oauth"], {}, "oauth"],
    [["--auth", "none"], {}, "none"],
    [["--no-auth"], {}, "none"],
    [["-n"], {}, "none"],
    [["-n", "--auth", "none"], {}, "none"],
    [["-n"], { MCP_AUTH: "oauth" }, "none"],
    [[], { MCP_AUTH: "oauth" }, "oauth"],
    [["--auth", "entra"], { MCP_AUTH: "oauth" }, "entra"],
    [["--auth", "oauth", "--client-id", "not-a-guid"], {}, "oauth"],
  ])("of %j and %j is %s", (argv, environment, mode) => {
    expect(readAuthMode(resolve(argv, environment))).toBe(mode as "none");
  });

  test("is not taken from a folder", () => {
    expect(readAuthMode(resolve([], {}, "MCP_AUTH=none\n"))).toBe("entra");
  });

  test.each([
    [["--no-auth", "--auth", "oauth"], "contradict"],
    [["--client-id", "not-a-guid"], "--client-id takes a client id (a GUID)"],
  ])("refuses %j", (argv, message) => {
    expect(() => readAuthMode(resolve(argv))).toThrow(message);
  });
});

describe("settings of OAuth", () => {
  test("share the flags with Entra, and not its variables", () => {
    const ofEntra = { ENTRA_CLIENT_ID: guid, ENTRA_API_SCOPE: "api://x/execute" };
    expect(readOAuthSettings(resolve([], ofEntra))).toMatchObject({ clientId: undefined, scope: undefined });
    const own = { ...ofEntra, MCP_CLIENT_ID: "me", MCP_SCOPE: "read" };
    expect(readOAuthSettings(resolve([], own))).toMatchObject({ clientId: "me", scope: "read" });
    const flags = ["--client-id", "flag", "--scope", "wide"];
    expect(readOAuthSettings(resolve(flags, own))).toMatchObject({ clientId: "flag", scope: "wide" });
    expect(resolve([], own).values.clientId).toBe(guid);
  });

  test.each(["MCP_CLIENT_ID", "MCP_SCOPE", "MCP_CLIENT_SECRET", "MCP_ISSUER", "MCP_CLIENT_METADATA_URL"])(
    "does not take %s from a folder",
    (name) => {
      const settings = readOAuthSettings(resolve([], {}, `${name}=https://evil.example/x\n`));
      expect(Object.values(settings).filter((value) => value !== undefined)).toEqual([0]);
    },
  );

  test.each([
    [{ MCP_CLIENT_SECRET: "hush" }],
    [{ MCP_CLIENT_SECRET: "hush", MCP_CLIENT_ID: "me" }],
    [{ MCP_CLIENT_SECRET: "hush", MCP_ISSUER: "https://as.example" }],
    [{ MCP_CLIENT_SECRET_FILE: "f", MCP_CLIENT_ID: "me" }],
    [
      {
        MCP_CLIENT_SECRET: "hush",
        MCP_CLIENT_SECRET_FILE: "f",
        MCP_CLIENT_ID: "me",
        MCP_ISSUER: "https://as.example",
      },
    ],
  ])("refuse a secret that nobody bound to an issuer and a client: %j", (environment) => {
    expect(() => readOAuthSettings(resolve([], environment))).toThrow("client secret");
  });

  test.each(["http://client.example/m.json", "https://client.example/", "https://a:b@client.example/m", "x"])(
    "refuse the client metadata URL %s",
    (url) => {
      expect(() => resolve(["--client-metadata-url", url])).toThrow("https URL with a path");
    },
  );
});
