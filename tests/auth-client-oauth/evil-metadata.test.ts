import { describe, expect, test } from "bun:test";
import type { OAuthTokensOptions } from "../../lib/auth/client/oauth/oauth-tokens.ts";
import { type FakeIssuerOptions, startFakeIssuer } from "./fake-issuer.ts";
import { codeOf, createHome, openTokens } from "./open-tokens.ts";

/** Answers by URL; everything else is an attempt to reach what must not be reached. */
function listedFetch(answers: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const fetch: OAuthTokensOptions["fetch"] = async (url) => {
    asked.push(url);
    return url in answers ? Response.json(answers[url]) : new Response("no", { status: 404 });
  };
  return { fetch, asked };
}

const server = "https://mcp.example.com/mcp";
const resourceMetadata = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
const challenge = () =>
  new Response(null, { status: 401, headers: { "www-authenticate": "Bearer realm=x" } });

/** A server on the Internet that names this issuer. */
function remote(issuer: string, metadata: Record<string, unknown> = {}) {
  const at = URL.canParse(issuer) ? new URL(issuer).origin : "";
  return listedFetch({
    [resourceMetadata]: { resource: server, authorization_servers: [issuer] },
    [`${at}/.well-known/oauth-authorization-server`]: {
      issuer,
      authorization_endpoint: `${at}/authorize`,
      token_endpoint: `${at}/token`,
      registration_endpoint: `${at}/register`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
      ...metadata,
    },
  });
}

describe("metadata of a server", () => {
  const rows: readonly (readonly [string, FakeIssuerOptions, string])[] = [
    [
      "about another resource",
      { resourceMetadata: { resource: "https://other.example/mcp" } },
      "untrusted_destination",
    ],
    [
      "about a resource of another path",
      { resourceMetadata: { resource: "http://127.0.0.1:1/other" } },
      "untrusted_destination",
    ],
    [
      "without an authorization server",
      { resourceMetadata: { authorization_servers: [] } },
      "sign_in_failed",
    ],
    [
      "that names plain http",
      { resourceMetadata: { authorization_servers: ["http://as.example.com"] } },
      "untrusted_destination",
    ],
    [
      "that names no web address",
      { resourceMetadata: { authorization_servers: ["file:///etc/passwd"] } },
      "untrusted_destination",
    ],
    [
      "that calls itself otherwise",
      { metadata: { issuer: "https://honest.example" } },
      "untrusted_destination",
    ],
    [
      "that calls itself otherwise by a slash",
      { metadata: { issuer: "http://127.0.0.1/" } },
      "untrusted_destination",
    ],
    [
      "whose page is plain http",
      { metadata: { authorization_endpoint: "http://as.example.com/a" } },
      "untrusted_destination",
    ],
    [
      "whose page is a script",
      { metadata: { authorization_endpoint: "javascript:alert(1)" } },
      "sign_in_failed",
    ],
    [
      "whose page has a password",
      { metadata: { authorization_endpoint: "https://a:b@as.example.com/" } },
      "untrusted_destination",
    ],
    [
      "whose token endpoint is plain http",
      { metadata: { token_endpoint: "http://as.example.com/t" } },
      "untrusted_destination",
    ],
    [
      "whose registration is plain http",
      { metadata: { registration_endpoint: "http://as.example.com/r" } },
      "untrusted_destination",
    ],
    ["without PKCE", { metadata: { code_challenge_methods_supported: undefined } }, "sign_in_failed"],
    [
      "with plain PKCE alone",
      { metadata: { code_challenge_methods_supported: ["plain"] } },
      "sign_in_failed",
    ],
    ["without codes", { metadata: { response_types_supported: ["token"] } }, "sign_in_failed"],
    [
      "that is missing",
      { paths: { "/.well-known/oauth-protected-resource/mcp": () => new Response("", { status: 404 }) } },
      "sign_in_failed",
    ],
    [
      "that is no metadata",
      { paths: { "/.well-known/oauth-protected-resource/mcp": () => Response.json([]) } },
      "sign_in_failed",
    ],
    [
      "that is endless",
      { paths: { "/.well-known/oauth-authorization-server": () => new Response("x".repeat(300_000)) } },
      "protocol_error",
    ],
    [
      "that is elsewhere",
      {
        paths: {
          "/.well-known/oauth-authorization-server": () => Response.redirect("https://evil.example/"),
        },
      },
      "sign_in_failed",
    ],
  ];

  test.each([...rows])("%s leads nowhere", async (_, options, code) => {
    await using issuer = startFakeIssuer(options);
    const { tokens, person } = openTokens(createHome(), { url: issuer.url });
    expect(await codeOf(tokens.getToken({ challenged: issuer.challenge() }))).toBe(code);
    expect(person.shown).toEqual([]);
    expect(issuer.count("/register") + issuer.count("/token")).toBe(
      code === "sign_in_failed" && "metadata" in options && options.metadata?.["response_types_supported"]
        ? 1
        : 0,
    );
  });

  test("is not read from another origin", async () => {
    await using issuer = startFakeIssuer();
    const challenged = new Response(null, {
      status: 401,
      headers: { "www-authenticate": 'Bearer resource_metadata="http://localhost:1/x"' },
    });
    const { tokens } = openTokens(createHome(), { url: issuer.url });
    expect(await codeOf(tokens.getToken({ challenged }))).toBe("untrusted_destination");
    expect(issuer.seen).toEqual([]);
  });
});

describe("a server on the Internet", () => {
  test.each(["http://127.0.0.1:9/", "https://localhost:9/", "http://[::1]:9/", "https://127.1/"])(
    "cannot make us call %s on this machine",
    async (issuer) => {
      const { fetch, asked } = remote(issuer);
      const { tokens } = openTokens(createHome(), { url: server, fetch });
      expect(await codeOf(tokens.getToken({ challenged: challenge() }))).toBe("untrusted_destination");
      expect(asked).toEqual([resourceMetadata]);
    },
  );

  test("cannot name somebody else's issuer without a person's word", async () => {
    const { fetch, asked } = remote("https://login.corp.example");
    const { tokens, person } = openTokens(createHome(), { url: server, fetch });
    expect(await codeOf(tokens.getToken({ challenged: challenge() }))).toBe("untrusted_destination");
    expect(person.shown).toEqual([]);
    expect(asked.filter((url) => /register|token$/.test(url))).toEqual([]);
  });

  test("gets a person asked once about its issuer, and again about another one", async () => {
    const home = createHome();
    const asked: string[] = [];
    const signIn = async (issuer: string, agrees: boolean) => {
      const { fetch } = remote(issuer);
      const prompts = {
        show() {},
        askToTrust: async (record: { issuer: string }) => asked.push(record.issuer) > 0 && agrees,
      };
      return codeOf(
        openTokens(home, { url: server, fetch, prompts }).tokens.getToken({ challenged: challenge() }),
      );
    };
    // Who agreed goes on to register, which this issuer does not answer.
    expect(await signIn("https://a.example", false)).toBe("untrusted_destination");
    expect(await signIn("https://a.example", true)).toBe("sign_in_failed");
    expect(await signIn("https://a.example", false)).toBe("sign_in_failed");
    expect(await signIn("https://b.example", false)).toBe("untrusted_destination");
    expect(asked).toEqual(["https://a.example", "https://a.example", "https://b.example"]);
  });

  test("that is on this machine needs a person's word for an issuer that is not", async () => {
    await using local = startFakeIssuer({
      resourceMetadata: { authorization_servers: ["https://login.corp.example"] },
    });
    const { fetch: answer } = remote("https://login.corp.example");
    const { tokens } = openTokens(createHome(), {
      url: local.url,
      fetch: (url, init) => (url.startsWith(local.issuer) ? fetch(url, init) : answer!(url, init)),
    });
    expect(await codeOf(tokens.getToken({ challenged: local.challenge() }))).toBe("untrusted_destination");
  });

  test("needs no word for the issuer that was configured, and gets no other", async () => {
    const { fetch, asked } = remote("https://login.corp.example");
    const open = (issuer: string) => openTokens(createHome(), { url: server, fetch, issuer }).tokens;
    const configured = open("https://login.corp.example").getToken({ challenged: challenge() });
    expect(await codeOf(configured)).toBe("sign_in_failed");
    expect(asked.at(-1)).toBe("https://login.corp.example/register");
    asked.length = 0;
    const other = open("https://other.example").getToken({ challenged: challenge() });
    expect(await codeOf(other)).toBe("untrusted_destination");
    expect(asked).toEqual([resourceMetadata]);
  });

  describe("that is its own issuer", () => {
    const own = "https://mcp.example.com";
    const elsewhere = [
      [{ authorization_endpoint: "https://honest.example/authorize" }, { page: "https://honest.example" }],
      [{ token_endpoint: "https://other.example/token" }, { tokenEndpoint: "https://other.example" }],
    ] as const;

    test("is taken at its word about itself", async () => {
      const { fetch, asked } = remote(own);
      const { tokens } = openTokens(createHome(), { url: server, fetch });
      expect(await codeOf(tokens.getToken({ challenged: challenge() }))).toBe("sign_in_failed");
      expect(asked.at(-1)).toBe(`${own}/register`);
    });

    test.each(elsewhere)("needs a person's word for %j", async (metadata, said) => {
      const home = createHome();
      const records: unknown[] = [];
      const signIn = (agrees: boolean | undefined) => {
        const { fetch } = remote(own, metadata);
        const askToTrust = async (record: unknown) => records.push(record) > 0 && agrees === true;
        const prompts = {
          show() {},
          ...(agrees !== undefined && { askToTrust }),
        };
        const { tokens } = openTokens(home, { url: server, fetch, prompts });
        return codeOf(tokens.getToken({ challenged: challenge() }));
      };
      expect(await signIn(undefined)).toBe("untrusted_destination");
      expect(await signIn(false)).toBe("untrusted_destination");
      expect(await signIn(true)).toBe("sign_in_failed");
      expect(await signIn(undefined)).toBe("sign_in_failed");
      expect(records).toEqual([
        { origin: own, issuer: own, ...said },
        { origin: own, issuer: own, ...said },
      ]);
    });
  });

  test("that is confirmed is asked about again when its page is another's", async () => {
    const home = createHome();
    const signIn = (metadata: Record<string, unknown>, agrees: boolean) => {
      const prompts = { show() {}, askToTrust: async () => agrees };
      const { fetch } = remote("https://a.example", metadata);
      const { tokens } = openTokens(home, { url: server, fetch, prompts });
      return codeOf(tokens.getToken({ challenged: challenge() }));
    };
    expect(await signIn({}, true)).toBe("sign_in_failed");
    const page = { authorization_endpoint: "https://honest.example/authorize" };
    expect(await signIn(page, false)).toBe("untrusted_destination");
  });

  test("on this machine needs a person's word for a page that is not", async () => {
    const metadata = {
      authorization_endpoint: "https://honest.example/authorize",
    };
    await using local = startFakeIssuer({ metadata });
    const { tokens, person } = openTokens(createHome(), { url: local.url });
    expect(await codeOf(tokens.getToken({ challenged: local.challenge() }))).toBe("untrusted_destination");
    expect(person.shown).toEqual([]);
  });
});
