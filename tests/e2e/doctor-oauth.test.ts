import { expect, test } from "bun:test";
import { type FakeIssuerOptions, startFakeIssuer } from "../auth-client-oauth/fake-issuer.ts";
import { runProgram, startProgram } from "../harness/program.ts";

interface Row {
  readonly id: string;
  readonly status: string;
  readonly found: string;
  readonly remedy?: string;
  readonly code?: string;
}

/** An MCP server that wants a token, and its issuer. */
function startProtected(options: FakeIssuerOptions = {}) {
  const issuer: ReturnType<typeof startFakeIssuer> = startFakeIssuer({
    ...options,
    paths: { "/mcp": () => issuer.challenge(), ...options.paths },
  });
  return issuer;
}

async function diagnose(url: string, args: readonly string[] = []) {
  const all = ["doctor", "--json", "--auth", "oauth", "--url", url, ...args];
  const { exitCode, stdout } = await runProgram("mcp-client", { args: all });
  const { checks } = JSON.parse(stdout) as { checks: readonly Row[] };
  return {
    exitCode,
    checks,
    last: checks.at(-1),
    rowOf: (id: string) => checks.find((row) => row.id === id),
  };
}

test("an issuer that is as it should be: nobody is registered, and only the sign-in is missing", async () => {
  await using issuer = startProtected();
  const { exitCode, last, rowOf } = await diagnose(issuer.url);
  expect(rowOf("authority")).toMatchObject({
    status: "ok",
    found: expect.stringContaining("PKCE with S256"),
  });
  expect(rowOf("sign_in")).toMatchObject({
    status: "ok",
    found: "a client registers itself with the first sign-in",
  });
  expect([last?.id, last?.code, exitCode]).toEqual(["token", "sign_in_required", 3]);
  expect([issuer.count("/register"), issuer.count("/authorize"), issuer.count("/token")]).toEqual([0, 0, 0]);
});

const faults: readonly (readonly [string, FakeIssuerOptions, string, RegExp, RegExp])[] = [
  [
    "without metadata",
    {
      intercept: (path) =>
        path.includes("authorization-server") ? new Response("", { status: 404 }) : undefined,
    },
    "authority",
    /has no metadata/,
    /names the right authorization server/,
  ],
  [
    "that fails",
    {
      intercept: (path) =>
        path.includes("authorization-server") ? new Response("", { status: 500 }) : undefined,
    },
    "authority",
    /does not answer as OAuth wants it/,
    /whoever runs the server/,
  ],
  [
    "that calls itself otherwise",
    { metadata: { issuer: "https://other.example" } },
    "authority",
    /names the issuer "https:\/\/other.example"/,
    /in between/,
  ],
  [
    "that does not say that it supports PKCE",
    { metadata: { code_challenge_methods_supported: undefined } },
    "authority",
    /PKCE with S256/,
    /not safe/,
  ],
  [
    "that supports plain PKCE alone",
    { metadata: { code_challenge_methods_supported: ["plain"] } },
    "authority",
    /PKCE with S256/,
    /not safe/,
  ],
  [
    "that takes registered clients only",
    { metadata: { registration_endpoint: undefined } },
    "sign_in",
    /takes registered clients only/,
    /--client-id/,
  ],
];

test.each([...faults])("names an issuer %s", async (_, options, step, says, remedy) => {
  await using issuer = startProtected(options);
  const { exitCode, last } = await diagnose(issuer.url);
  expect([last?.id, last?.status]).toEqual([step, "failed"]);
  expect(exitCode).toBe(last?.code === "unreachable" ? 4 : 3);
  expect(last?.found).toMatch(says);
  expect(last?.remedy).toMatch(remedy);
});

test("names an issuer that cannot be reached", async () => {
  await using issuer = startProtected({
    resourceMetadata: { authorization_servers: ["http://127.0.0.1:1"] },
  });
  const { exitCode, last } = await diagnose(issuer.url);
  expect([last?.id, last?.code, exitCode]).toEqual(["authority", "unreachable", 4]);
});

test("tells as whom a person would sign in", async () => {
  const registeredOnly = { metadata: { registration_endpoint: undefined } };
  await using closed = startProtected(registeredOnly);
  const known = await diagnose(closed.url, ["--client-id", "pre-registered"]);
  expect(known.rowOf("sign_in")?.found).toBe('client "pre-registered", registered beforehand');
  const address = "https://client.example/metadata.json";
  const described = ["--client-metadata-url", address];
  expect((await diagnose(closed.url, described)).last).toMatchObject({ id: "sign_in", status: "failed" });
  await using reading = startProtected({
    metadata: { registration_endpoint: undefined, client_id_metadata_document_supported: true },
  });
  expect((await diagnose(reading.url, described)).rowOf("sign_in")).toMatchObject({
    status: "ok",
    found: `client "${address}", which describes itself`,
  });
  await using open = startProtected();
  const other = (await diagnose(open.url, described)).rowOf("sign_in");
  expect(other).toMatchObject({ status: "warning", remedy: expect.stringContaining("--client-id") });
});

test("has nothing to check where the server asks for no token", async () => {
  await using server = await startOpenServer();
  const { exitCode, rowOf } = await diagnose(server.url);
  const skipped = ["authority", "sign_in", "token"];
  expect(skipped.map((id) => rowOf(id)?.status)).toEqual(["skipped", "skipped", "skipped"]);
  expect(exitCode).toBe(0);
});

async function startOpenServer() {
  const server = startProgram("mcp-server", { args: ["--no-auth", "--port", "0"] });
  const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
  return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
