const tenantId = "11111111-2222-4333-8444-555555555555";
const apiId = "aaaaaaaa-2222-4333-8444-555555555555";
const clientId = "cccccccc-2222-4333-8444-555555555555";

/** An answer in place of the good one. */
export interface FaultyAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** An error of Entra as it answers it. */
export function entraError(error: string, aadsts: number): FaultyAnswer {
  const body = { error, error_description: `AADSTS${aadsts}: Something.`, error_codes: [aadsts] };
  return { status: 400, body };
}

/** What a server that is at once its own sign-in service does wrong. Without any member all is well until the token. */
export interface FaultyServerOptions {
  readonly metadata?: FaultyAnswer;
  readonly configuration?: FaultyAnswer;
  readonly deviceCode?: FaultyAnswer;
  readonly mcp?: () => Response;
}

const good = (body: unknown): FaultyAnswer => ({ status: 200, body });

/** Starts a server that asks for a token, has metadata, and gives out device codes, but for its faults. */
export function startFaultyServer(faults: FaultyServerOptions = {}) {
  const asked: string[] = [];
  const authorizations: string[] = [];
  const challenge = { "www-authenticate": "Bearer" };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    fetch(request) {
      const { pathname, origin } = new URL(request.url);
      asked.push(`${request.method} ${pathname}`);
      authorizations.push(...[request.headers.get("authorization") ?? []].flat());
      if (pathname === "/mcp")
        return faults.mcp?.() ?? new Response(null, { status: 401, headers: challenge });
      const issuer = `${origin}/${tenantId}`;
      const answers: Readonly<Record<string, FaultyAnswer>> = {
        "/.well-known/oauth-protected-resource/mcp":
          faults.metadata ??
          good({
            resource: `${origin}/mcp`,
            authorization_servers: [`${issuer}/v2.0`],
            scopes_supported: [`api://${apiId}/execute`],
            entra_public_client_id: clientId,
          }),
        [`/${tenantId}/v2.0/.well-known/openid-configuration`]:
          faults.configuration ??
          good({
            issuer: `${issuer}/v2.0`,
            token_endpoint: `${issuer}/oauth2/v2.0/token`,
            authorization_endpoint: `${issuer}/oauth2/v2.0/authorize`,
            jwks_uri: `${issuer}/discovery/v2.0/keys`,
          }),
        [`/${tenantId}/oauth2/v2.0/devicecode`]:
          faults.deviceCode ?? good({ device_code: "secret-device-code", user_code: "SECRETCODE" }),
      };
      const { status, body } = answers[pathname] ?? { status: 404, body: "nothing" };
      return Response.json(body, { status });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/mcp`,
    /** Method and path of each request. */
    asked,
    /** Every `Authorization` header that came. */
    authorizations,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
