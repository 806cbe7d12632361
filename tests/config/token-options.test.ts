import { describe, expect, test } from "bun:test";
import { serverProgram } from "../../lib/config/mcp-server.ts";
import { parseArgv } from "../../lib/config/parse-argv.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";
import { signatureAlgorithms } from "../../lib/config/signature-algorithms.ts";

const guid = "11111111-2222-3333-4444-555555555555";

function resolve(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { flags } = parseArgv(serverProgram, [...argv]);
  return resolveSettings(serverProgram.options, { flags, environment, envFile: undefined }).values;
}

test("whose tokens are accepted and how has these defaults", () => {
  expect(resolve([])).toMatchObject({
    tenantId: [],
    audience: [],
    requiredScopes: ["execute"],
    cloud: "public",
    allowedClients: [],
    appRoles: [],
    allowGuests: false,
    deniedTokens: undefined,
    issuer: undefined,
    jwksUri: undefined,
    algorithms: [],
    terseErrors: false,
    clockSkewSeconds: 60,
    jwksRefreshSeconds: 3600,
    jwksMaxAgeSeconds: 86_400,
    jwksTimeoutSeconds: 5,
    unknownKeyFetches: 3,
    unknownKeyWindowSeconds: 300,
    rememberedTokens: 10_000,
  });
});

describe("a setting about tokens", () => {
  test.each<[string, string, string, string, unknown]>([
    ["--tenant-id", "ENTRA_TENANT_ID", "tenantId", `${guid},contoso.com`, [guid, "contoso.com"]],
    ["--allowed-clients", "MCP_ALLOWED_CLIENTS", "allowedClients", "a, b", ["a", "b"]],
    ["--app-roles", "ENTRA_APP_ROLES", "appRoles", "Tools.Run,Tools.Read", ["Tools.Run", "Tools.Read"]],
    ["--denied-tokens", "MCP_DENIED_TOKENS", "deniedTokens", "/etc/denied", "/etc/denied"],
    [
      "--issuer",
      "MCP_ISSUER",
      "issuer",
      "https://id.example.com/realms/a",
      "https://id.example.com/realms/a",
    ],
    ["--issuer", "MCP_ISSUER", "issuer", "https://id.example.com/", "https://id.example.com/"],
    ["--issuer", "MCP_ISSUER", "issuer", "http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a"],
    ["--jwks-uri", "MCP_JWKS_URI", "jwksUri", "https://k.example.com/?a=b", "https://k.example.com/?a=b"],
    ["--jwks-uri", "MCP_JWKS_URI", "jwksUri", "http://localhost:1/keys", "http://localhost:1/keys"],
    ["--algorithms", "MCP_ALGORITHMS", "algorithms", signatureAlgorithms.join(), [...signatureAlgorithms]],
    ["--clock-skew-seconds", "MCP_CLOCK_SKEW_SECONDS", "clockSkewSeconds", "0", 0],
    ["--clock-skew-seconds", "MCP_CLOCK_SKEW_SECONDS", "clockSkewSeconds", "600", 600],
    ["--jwks-refresh-seconds", "MCP_JWKS_REFRESH_SECONDS", "jwksRefreshSeconds", "86400", 86_400],
    ["--jwks-max-age-seconds", "MCP_JWKS_MAX_AGE_SECONDS", "jwksMaxAgeSeconds", "604800", 604_800],
    ["--jwks-timeout-seconds", "MCP_JWKS_TIMEOUT_SECONDS", "jwksTimeoutSeconds", "60", 60],
    ["--unknown-key-fetches", "MCP_UNKNOWN_KEY_FETCHES", "unknownKeyFetches", "1000", 1000],
    ["--unknown-key-window-seconds", "MCP_UNKNOWN_KEY_WINDOW_SECONDS", "unknownKeyWindowSeconds", "1", 1],
    ["--remembered-tokens", "MCP_REMEMBERED_TOKENS", "rememberedTokens", "0", 0],
    ["--remembered-tokens", "MCP_REMEMBERED_TOKENS", "rememberedTokens", "1000000", 1_000_000],
  ])("%s and %s set %s to %s", (flag, variable, name, text, value) => {
    expect(resolve([flag, text])).toMatchObject({ [name]: value });
    expect(resolve([], { [variable]: text })).toMatchObject({ [name]: value });
  });

  test.each([
    ["--allow-guests", "ENTRA_ALLOW_GUESTS", "allowGuests"],
    ["--terse-errors", "MCP_TERSE_ERRORS", "terseErrors"],
  ])("%s and %s switch %s on", (flag, variable, name) => {
    expect(resolve([flag])).toMatchObject({ [name]: true });
    expect(resolve([], { [variable]: "true" })).toMatchObject({ [name]: true });
    expect(resolve([], { [variable]: "false" })).toMatchObject({ [name]: false });
  });

  test.each<[string, string, RegExp]>([
    ["--tenant-id", `${guid},common`, /takes a tenant id \(a GUID\) or a domain .*, not "common"\.$/],
    ["--tenant-id", "*", /takes a tenant id/],
    [
      "--issuer",
      "id.example.com",
      /takes an https URL \(http on this machine alone\), not "id\.example\.com"\.$/,
    ],
    ["--issuer", "http://id.example.com", /takes an https URL/],
    ["--issuer", "http://127.0.0.1.example.com", /takes an https URL/],
    ["--issuer", "file:///etc/passwd", /takes an https URL/],
    ["--issuer", "https://user@id.example.com", /takes a URL without user name, query and fragment\.$/],
    ["--issuer", "https://:secret@id.example.com", /^--issuer takes a URL without user name/],
    ["--issuer", "https://id.example.com?", /without user name, query and fragment/],
    ["--issuer", "https://id.example.com#a", /without user name, query and fragment/],
    ["--jwks-uri", "http://id.example.com/keys", /takes an https URL/],
    ["--jwks-uri", 'data:application/json,{"keys":[]}', /takes an https URL/],
    ["--jwks-uri", "https://:secret@id.example.com", /takes a URL without user name and password\.$/],
    ["--algorithms", "RS256,HS256", /takes asymmetric algorithms \(RS256, .*, EdDSA\), not "HS256"\.$/],
    ["--algorithms", "none", /takes asymmetric algorithms/],
    ["--algorithms", "rs256", /takes asymmetric algorithms/],
    ["--algorithms", "ES256K", /takes asymmetric algorithms/],
    ["--clock-skew-seconds", "601", /takes a whole number from 0 to 600/],
    ["--clock-skew-seconds", "-1", /takes a whole number from 0 to 600/],
    ["--clock-skew-seconds", "0.5", /takes a whole number/],
    ["--jwks-refresh-seconds", "0", /takes a whole number from 1 to 86400/],
    ["--jwks-max-age-seconds", "604801", /takes a whole number from 1 to 604800/],
    ["--jwks-timeout-seconds", "61", /takes a whole number from 1 to 60/],
    ["--unknown-key-fetches", "0", /takes a whole number from 1 to 1000/],
    ["--unknown-key-window-seconds", "86401", /takes a whole number from 1 to 86400/],
    ["--remembered-tokens", "1000001", /takes a whole number from 0 to 1000000/],
  ])("%s does not take %s", (flag, text, message) => {
    expect(() => resolve([`${flag}=${text}`])).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringMatching(message) }),
    );
    expect(() => resolve([`${flag}=${text}`])).not.toThrow("secret");
  });
});

describe("the door does not open by", () => {
  test.each([
    ["--required-scopes", "ENTRA_REQUIRED_SCOPES"],
    ["--allowed-clients", "MCP_ALLOWED_CLIENTS"],
    ["--app-roles", "ENTRA_APP_ROLES"],
    ["--tenant-id", "ENTRA_TENANT_ID"],
  ])("a list of blanks in %s or %s", (flag, variable) => {
    for (const text of [" ", ",", " , ", "\t\n"]) {
      const message = expect.stringContaining("names nothing");
      if (text.trim() !== "") {
        expect(() => resolve([flag, text])).toThrow(expect.objectContaining({ code: "usage", message }));
      }
      expect(() => resolve([], { [variable]: text })).toThrow(
        expect.objectContaining({ code: "invalid_config", message }),
      );
    }
  });

  test("an empty variable, which counts as none", () => {
    const empty = { ENTRA_REQUIRED_SCOPES: "", ENTRA_APP_ROLES: "", ENTRA_ALLOW_GUESTS: "" };
    expect(resolve([], empty)).toMatchObject({
      requiredScopes: ["execute"],
      appRoles: [],
      allowGuests: false,
    });
  });

  test.each(["false", "no", "off", "0", "FALSE", "No", ""])("--allow-guests=%s", (text) => {
    expect(resolve([`--allow-guests=${text}`])).toMatchObject({ allowGuests: false });
    expect(resolve([], { ENTRA_ALLOW_GUESTS: text || " " })).toMatchObject({ allowGuests: false });
    expect(resolve([`--dev=${text}`])).toMatchObject({ dev: false });
  });

  test.each(["true", "yes", "on", "1"])("less than --allow-guests=%s", (text) => {
    expect(resolve([`--allow-guests=${text}`])).toMatchObject({ allowGuests: true });
  });

  test("a word for a switch that is neither yes nor no", () => {
    for (const text of ["maybe", "guests", "fals"]) {
      expect(() => resolve([`--allow-guests=${text}`])).toThrow(/^--allow-guests takes true or false/);
    }
    expect(() => resolve(["--no-auth=false"])).toThrow("--no-auth takes no value.");
  });
});
