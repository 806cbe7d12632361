import { describe, expect, test } from "bun:test";
import {
  describeResourceMismatch,
  type Protection,
  protectionFrom,
  publicResourceOf,
  qualifyScopes,
} from "../../cmd/mcp-server/protection.ts";
import { entraClouds } from "../../lib/auth/server/entra-cloud.ts";
import { AppError } from "../../lib/base/errors.ts";
import { type ServerSettings, serverProgram } from "../../lib/config/mcp-server.ts";
import { parseArgv } from "../../lib/config/parse-argv.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";

const api = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
const tenant = "11111111-2222-3333-4444-555555555555";
const entra = ["--tenant-id", tenant, "--api-client-id", api];
const issuer = ["--issuer", "https://id.example.com", "--audience", "https://mcp.example.com/mcp"];

function settingsOf(...argv: string[]): ServerSettings {
  const { flags } = parseArgv(serverProgram, argv);
  return resolveSettings(serverProgram.options, { flags, environment: {}, envFile: undefined }).values;
}

function read<T>(argv: readonly string[], use: (protection: Protection, settings: ServerSettings) => T): T {
  const settings = settingsOf(...argv);
  return use(protectionFrom(settings), settings);
}

describe("tokens are accepted", () => {
  test("of the tenant for the API", () => {
    expect(protectionFrom(settingsOf(...entra))).toEqual({
      kind: "entra",
      cloud: entraClouds.public,
      tenants: [tenant],
      apiClientId: api,
      appIdUris: [`api://${api}`],
      publicClientId: undefined,
    });
  });

  test("of several tenants, another cloud and further App ID URIs, the given ones first", () => {
    const argv = ["--tenant-id", `${tenant},contoso.com`, "--api-client-id", api.toUpperCase()];
    const more = [
      "--cloud",
      "usgov",
      "--audience",
      "api://mcp,https://mcp.example.com",
      "--client-id",
      tenant,
    ];
    expect(protectionFrom(settingsOf(...argv, ...more))).toEqual({
      kind: "entra",
      cloud: entraClouds.usgov,
      tenants: [tenant, "contoso.com"],
      apiClientId: api.toUpperCase(),
      appIdUris: ["api://mcp", "https://mcp.example.com", `api://${api}`],
      publicClientId: tenant,
    });
  });

  test("of another issuer, signed with RS256 where nothing else is said", () => {
    expect(protectionFrom(settingsOf(...issuer))).toEqual({
      kind: "issuer",
      issuer: "https://id.example.com",
      jwksUri: undefined,
      audiences: ["https://mcp.example.com/mcp"],
      algorithms: ["RS256"],
    });
  });

  test("of another issuer with keys and algorithms of its own, and any client ids", () => {
    const more = ["--jwks-uri", "https://k.example.com", "--algorithms", "EdDSA,ES256,ES256"];
    expect(protectionFrom(settingsOf(...issuer, ...more, "--allowed-clients", "my-app"))).toMatchObject({
      jwksUri: "https://k.example.com",
      algorithms: ["ES256", "EdDSA"],
    });
  });
});

test("the slash at the end of an App ID URI says nothing", () => {
  const url = "https://x.y/mcp";
  const settings = settingsOf(...entra, "--audience", `${url}/,api://m/`, "--public-url", url);
  const protection = protectionFrom(settings);
  expect(protection).toMatchObject({ appIdUris: [url, "api://m", `api://${api}`] });
  expect(qualifyScopes(protection, settings)).toEqual([`${url}/execute`]);
  expect(describeResourceMismatch(protection, settings)).toBeUndefined();
});

describe("settings that contradict each other are refused", () => {
  const beside = "is for Entra and cannot stand beside --issuer (MCP_ISSUER).";
  const alone = "says nothing without --issuer (MCP_ISSUER).";

  test.each<[string, readonly string[], string, RegExp?]>([
    [
      "nothing at all",
      [],
      "The server needs --tenant-id (ENTRA_TENANT_ID) to know whose",
      /mcp-server --dev/,
    ],
    ["no tenant", ["--api-client-id", api], "The server needs --tenant-id", /--no-auth/],
    ["no API", ["--tenant-id", tenant], "The server needs --api-client-id (ENTRA_API_CLIENT_ID)", /--dev/],
    ["keys without an issuer", [...entra, "--jwks-uri", "https://k.x"], `--jwks-uri (MCP_JWKS_URI) ${alone}`],
    ["algorithms without one", [...entra, "--algorithms", "ES256"], `--algorithms (MCP_ALGORITHMS) ${alone}`],
    [
      "a client that is no GUID",
      [...entra, "--allowed-clients", `${tenant},my-app`],
      '--allowed-clients (MCP_ALLOWED_CLIENTS) takes client ids (GUIDs), not "my-app".',
    ],
    [
      "a scope as clients ask for it, which no token of Entra has",
      [...entra, "--required-scopes", `read,api://${api}/execute`],
      `--required-scopes (ENTRA_REQUIRED_SCOPES) takes short names like execute, not "api://${api}/execute".`,
      /tokens say execute/,
    ],
    ["a tenant", [...issuer, "--tenant-id", tenant], `--tenant-id (ENTRA_TENANT_ID) ${beside}`],
    ["an API", [...issuer, "--api-client-id", api], `--api-client-id (ENTRA_API_CLIENT_ID) ${beside}`],
    ["a client", [...issuer, "--client-id", api], `--client-id (ENTRA_CLIENT_ID) ${beside}`],
    ["app roles", [...issuer, "--app-roles", "Run"], `--app-roles (ENTRA_APP_ROLES) ${beside}`],
    ["guests", [...issuer, "--allow-guests"], `--allow-guests (ENTRA_ALLOW_GUESTS) ${beside}`],
    [
      "an issuer without an audience",
      issuer.slice(0, 2),
      "With --issuer the server needs --audience (ENTRA_AUDIENCE).",
      /aud/,
    ],
    [
      "keys that are dropped before they are refreshed",
      [...entra, "--jwks-max-age-seconds", "3599"],
      "--jwks-max-age-seconds (MCP_JWKS_MAX_AGE_SECONDS) must not be less than --jwks-refresh-seconds.",
    ],
    [
      "the same with an issuer",
      [...issuer, "--jwks-max-age-seconds", "1", "--jwks-refresh-seconds", "2"],
      "--jwks-max-age-seconds",
    ],
  ])("%s", (_, argv, message, hint = /^undefined$/) => {
    const settings = settingsOf(...argv);
    try {
      protectionFrom(settings);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      expect(error).toMatchObject({ code: "invalid_config", exitCode: 2 });
      expect(error.message).toStartWith(message);
      expect(String(error.hint)).toMatch(hint);
    }
  });

  test("but not keys that are dropped as soon as they are due", () => {
    const times = ["--jwks-max-age-seconds", "60", "--jwks-refresh-seconds", "60"];
    expect(protectionFrom(settingsOf(...entra, ...times)).kind).toBe("entra");
  });
});

describe("clients are told to ask for", () => {
  const scopesOf = (...argv: string[]) => read(argv, qualifyScopes);

  test.each<[string, readonly string[], readonly string[]]>([
    ["the API's own URI", entra, [`api://${api}/execute`]],
    ["each of several scopes", [...entra, "--required-scopes", "a,b"], [`api://${api}/a`, `api://${api}/b`]],
    [
      "the first App ID URI that is configured",
      [...entra, "--audience", "api://m,api://n"],
      ["api://m/execute"],
    ],
    [
      "the public URL where it is an App ID URI, without a slash at its end",
      [...entra, "--audience", "api://m,https://x.y/mcp", "--public-url", "https://x.y/mcp/"],
      ["https://x.y/mcp/execute"],
    ],
    [
      "no public URL that is none",
      [...entra, "--audience", "api://m", "--public-url", "https://x.y/mcp"],
      ["api://m/execute"],
    ],
    [
      "another issuer's scopes as they are",
      [...issuer, "--required-scopes", "a,https://x.y/b"],
      ["a", "https://x.y/b"],
    ],
  ])("%s", (_, argv, scopes) => {
    expect(scopesOf(...argv)).toEqual(scopes);
  });
});

describe("a public URL that is no App ID URI", () => {
  const mismatchOf = (...argv: string[]) => read(argv, describeResourceMismatch);

  test("is told with the two commands that mend it", () => {
    expect(mismatchOf(...entra, "--audience", "api://m", "--public-url", "https://x.y/mcp/")).toBe(
      "Clients that send the public URL as their resource are refused by Entra (AADSTS9010010): " +
        "https://x.y/mcp is no App ID URI of this API. Add it to the API's registration (the command sets all of them: name others that it has, too) and tell the server:\n" +
        `  az ad app update --id ${api} --identifier-uris api://m api://${api} https://x.y/mcp\n` +
        "  mcp-server --audience https://x.y/mcp ...",
    );
  });

  test("is told with commands of which a shell runs no part", () => {
    const text = mismatchOf(...entra, "--public-url", "https://x.y/$(id)");
    expect(text).toContain(` 'https://x.y/$(id)'\n`);
    expect(text).toEndWith("mcp-server --audience 'https://x.y/$(id)' ...");
  });

  test("can be none by http: Entra takes https alone", () => {
    const text = mismatchOf(...entra, "--public-url", "http://x.y/mcp");
    expect(text).toContain("publish the server by https and name that URL with --public-url.");
    expect(text).not.toContain("az ad app");
  });

  test.each<[string, readonly string[]]>([
    ["without a public URL", entra],
    ["where they match", [...entra, "--audience", "https://x.y/mcp", "--public-url", "https://x.y/mcp/"]],
    ["with another issuer", [...issuer, "--public-url", "https://x.y/mcp"]],
  ])("is not told of %s", (_, argv) => {
    expect(mismatchOf(...argv)).toBeUndefined();
  });
});

test("the public resource has no slash at its end", () => {
  expect(publicResourceOf(settingsOf("--public-url", "https://x.y/mcp/"))).toBe("https://x.y/mcp");
  expect(publicResourceOf(settingsOf("--public-url", "https://x.y/"))).toBe("https://x.y");
  expect(publicResourceOf(settingsOf())).toBeUndefined();
});
