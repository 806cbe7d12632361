import { createHash } from "node:crypto";

type Json = Record<string, unknown>;

/** What the fake may be told to do otherwise. */
export interface FakeIssuerOptions {
  /** Merged into the protected-resource metadata. */
  resourceMetadata?: Json;
  /** Merged into the authorization server's metadata; undefined takes a member out. */
  metadata?: Json;
  /** Merged into the redirect back; undefined takes a parameter out. */
  callback?: Record<string, string | undefined>;
  /** Merged into the token endpoint's answers. */
  token?: Json;
  /** Answers in place of the path's own answer; the first is asked first. */
  intercept?: (path: string) => Response | undefined;
  paths?: Record<string, (request: Request) => Response | Promise<Response>>;
}

interface Grant {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly clientId: string;
  readonly scope: string;
  readonly resource: string;
}

function merge(base: Json, changes: Json = {}): Json {
  return JSON.parse(JSON.stringify({ ...base, ...changes })) as Json;
}

const refuse = (error: string) => Response.json({ error }, { status: 400 });

/**
 * An MCP server's protected-resource metadata and an authorization server that says yes to every person and no to
 * every mistake of a client: PKCE, one use of a code and of a refresh token, redirect URI, resource.
 */
export function startFakeIssuer(options: FakeIssuerOptions = {}) {
  const grants = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant>();
  const clients = new Map<string, Json>([["pre-registered", {}]]);
  const seen: { path: string; authorization: string | null; params: URLSearchParams }[] = [];
  let serial = 0;

  function authorize(params: URLSearchParams): Response {
    const get = (name: string) => params.get(name) ?? "";
    const clientId = get("client_id");
    if (!clients.has(clientId) && !clientId.startsWith("https://")) return refuse("unknown_client");
    if (get("code_challenge_method") !== "S256" || get("code_challenge") === "")
      return refuse("invalid_request");
    const code = `code-${++serial}`;
    grants.set(code, {
      challenge: get("code_challenge"),
      redirectUri: get("redirect_uri"),
      clientId,
      scope: get("scope"),
      resource: get("resource"),
    });
    const back = new URL(get("redirect_uri"));
    const answer = { code, state: get("state"), iss: issuer(), ...options.callback };
    for (const [name, value] of Object.entries(answer))
      if (value !== undefined) back.searchParams.set(name, value);
    return Response.redirect(back.href, 302);
  }

  function give(grant: Grant): Response {
    const refresh = `refresh-${++serial}`;
    refreshTokens.set(refresh, grant);
    const answer = {
      access_token: `access-${++serial}`,
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: refresh,
      ...(grant.scope === "" ? {} : { scope: grant.scope }),
    };
    return Response.json(merge(answer, options.token));
  }

  function redeem(form: URLSearchParams): Response {
    if (form.get("resource") !== resource()) return refuse("invalid_target");
    if (form.get("grant_type") === "refresh_token") {
      const token = form.get("refresh_token") ?? "";
      const grant = refreshTokens.get(token);
      return refreshTokens.delete(token) && grant ? give(grant) : refuse("invalid_grant");
    }
    const code = form.get("code") ?? "";
    const grant = grants.get(code);
    grants.delete(code);
    const hash = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const isRight = grant?.challenge === hash && grant.redirectUri === form.get("redirect_uri");
    return isRight && grant ? give(grant) : refuse("invalid_grant");
  }

  async function register(request: Request): Promise<Response> {
    const wanted = (await request.json()) as Json;
    const client = { ...wanted, client_id: `client-${++serial}` };
    clients.set(client.client_id, client);
    return Response.json(client, { status: 201 });
  }

  const metadata = () => ({
    issuer: issuer(),
    authorization_endpoint: `${issuer()}/authorize`,
    token_endpoint: `${issuer()}/token`,
    registration_endpoint: `${issuer()}/register`,
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["none", "client_secret_basic"],
    authorization_response_iss_parameter_supported: true,
  });

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname: path, searchParams } = new URL(request.url);
      const text = path === "/token" ? await request.clone().text() : "";
      const params = path === "/token" ? new URLSearchParams(text) : searchParams;
      seen.push({ path, authorization: request.headers.get("authorization"), params });
      const own = options.intercept?.(path) ?? options.paths?.[path]?.(request);
      if (own) return own;
      if (path === "/.well-known/oauth-protected-resource/mcp") {
        const named = { resource: resource(), authorization_servers: [issuer()] };
        return Response.json(merge(named, options.resourceMetadata));
      }
      if (path === "/.well-known/oauth-authorization-server") {
        return Response.json(merge(metadata(), options.metadata));
      }
      if (path === "/authorize") return authorize(searchParams);
      if (path === "/token") return redeem(params);
      if (path === "/register") return register(request);
      return new Response("nothing here", { status: 404 });
    },
  });
  const issuer = (): string => `http://127.0.0.1:${server.port}`;
  const resource = (): string => `${issuer()}/mcp`;

  return {
    issuer: issuer(),
    url: resource(),
    options,
    clients,
    seen,
    paths: () => seen.map(({ path }) => path),
    count: (path: string) => seen.filter((request) => request.path === path).length,
    paramsOf: (path: string) =>
      seen.findLast((request) => request.path === path)?.params ?? new URLSearchParams(),
    /** What the MCP server answers to a request without a good token. */
    challenge: (scope?: string, status = 401): Response => {
      const error = status === 403 ? 'error="insufficient_scope", ' : "";
      const wanted = scope === undefined ? "" : `, scope="${scope}"`;
      const metadataUrl = `${issuer()}/.well-known/oauth-protected-resource/mcp`;
      return new Response(null, {
        status,
        headers: { "www-authenticate": `Bearer ${error}resource_metadata="${metadataUrl}"${wanted}` },
      });
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

export type FakeIssuer = ReturnType<typeof startFakeIssuer>;
