import { expect, test } from "bun:test";
import { checkExposure } from "../../cmd/mcp-server/check-exposure.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { Environment } from "../../lib/config/environment.ts";
import { serverProgram } from "../../lib/config/mcp-server.ts";
import { parseArgv } from "../../lib/config/parse-argv.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";
import { processIo } from "../../lib/config/run-program.ts";

const guid = "11111111-2222-3333-4444-555555555555";
const network = "--allow-unauthenticated-network";

/** What the server says to a command line and an environment: the error's code and message, or that it starts. */
function outcomeOf(argv: readonly string[], environment: Environment = {}): string {
  const { flags, positionals, serverCommand } = parseArgv(serverProgram, argv);
  const sources = { flags, environment, envFile: undefined };
  const resolved = resolveSettings(serverProgram.options, sources);
  try {
    const context = { ...resolved, positionals, serverCommand, command: "serve", io: processIo() };
    checkExposure(context, resolved.values.host ?? "127.0.0.1");
    return "starts";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

test.each<[readonly string[], string]>([
  [["--no-auth"], "starts"],
  [["--no-auth", "--host", "127.0.0.2", "--public-url", "http://localhost:9000/mcp"], "starts"],
  [
    ["--no-auth", "--host", "0.0.0.0"],
    "invalid_config With --no-auth everybody who reaches 0.0.0.0 could use the tools.",
  ],
  [
    ["--no-auth", "--public-url", "https://mcp.contoso.com/mcp"],
    "invalid_config With --no-auth everybody who reaches https://mcp.contoso.com/mcp could use the tools.",
  ],
  [["--no-auth", "--host", "0.0.0.0", network], "starts"],
  [["--no-auth", "--public-url", "https://mcp.contoso.com/mcp", network], "starts"],
  [["--dev", "--host", "0.0.0.0"], "invalid_config --dev listens on this machine alone, not on 0.0.0.0."],
  [
    ["--dev", "--host", "0.0.0.0", network],
    "invalid_config --dev listens on this machine alone, not on 0.0.0.0.",
  ],
  [["--dev", "--no-auth"], "usage --no-auth and --dev exclude each other."],
  [["--tenant-id", guid, "--host", "0.0.0.0"], "starts"],
])("with %p the server: %s", (argv, outcome) => {
  expect(outcomeOf(argv)).toBe(outcome);
});

test.each([
  ["--dev", ["--tenant-id", guid]],
  ["--dev", ["--api-client-id", guid]],
  ["--dev", ["--client-id", guid]],
  ["--dev", ["--audience", "api://x"]],
  ["--dev", ["--cloud", "usgov"]],
  ["--dev", ["--issuer", "https://id.example.com"]],
  ["--dev", ["--jwks-uri", "https://id.example.com"]],
  ["--dev", ["--algorithms", "ES256"]],
  ["--no-auth", ["--tenant-id", guid]],
  ["--no-auth", ["--required-scopes", "admin"]],
  ["--no-auth", ["--allowed-clients", guid]],
  ["--no-auth", ["--denied-tokens", "denied"]],
  ["--no-auth", ["--issuer", "https://id.example.com"]],
] as const)("%s does not take %p in silence, as if it counted", (flag, vain) => {
  expect(outcomeOf([flag, ...vain])).toBe(`usage ${vain[0]} says nothing with ${flag}.`);
});

test("variables may be there for another program, and policies count with --dev", () => {
  const environment = { ENTRA_TENANT_ID: guid, ENTRA_API_CLIENT_ID: guid, ENTRA_REQUIRED_SCOPES: "read" };
  expect(outcomeOf(["--dev"], environment)).toBe("starts");
  expect(outcomeOf(["--no-auth"], environment)).toBe("starts");
  expect(outcomeOf(["--dev", "--required-scopes", "read", "--allow-guests"])).toBe("starts");
});
