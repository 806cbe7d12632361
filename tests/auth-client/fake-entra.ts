import type { EntraAuthority } from "../../lib/auth/client/authority.ts";

/** Tenant, client and scope of the scripted endpoints. */
export const tenantId = "11111111-2222-4333-8444-555555555555";
export const clientId = "66666666-7777-4888-9999-aaaaaaaaaaaa";
export const scope = "api://bbbbbbbb-cccc-4ddd-8eee-ffffffffffff/execute";

/** What one answer of a scripted endpoint is. */
export interface Scripted {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
type Answer = Scripted | Response | undefined;
type Script = (form: URLSearchParams) => Answer | Promise<Answer>;

/** Scripted endpoints that speak Entra's wire format, as far as a client sees it. */
export interface FakeEntra extends AsyncDisposable {
  readonly authority: EntraAuthority;
  /** Paths asked for, in order, without the tenant. */
  readonly requests: string[];
  readonly forms: URLSearchParams[];
  /** Every token and code that was handed out. */
  readonly secrets: string[];
  /** Replaces the answer of an endpoint; undefined answers as usual. */
  on(endpoint: "devicecode" | "token" | "configuration", script: Script): void;
  /** Answers of the token endpoint to device code polls, in order; afterwards it succeeds. */
  poll(...answers: Scripted[]): void;
  count(path: string): number;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** An error answer as Entra gives it. */
export function oauthError(error: string, aadsts: number, status = 400, suberror?: string): Scripted {
  const body = {
    error,
    error_description: `AADSTS${aadsts}: a sentence. Trace ID: 1 Timestamp: 2`,
    error_codes: [aadsts],
    trace_id: "t",
    correlation_id: "c",
    ...(suberror !== undefined && { suberror }),
  };
  return { status, body };
}

interface Minted {
  readonly expiresIn: number;
  readonly secrets: string[];
  readonly scope: string;
}

function mintTokens({ expiresIn, secrets, scope: granted }: Minted) {
  const serial = secrets.length + 1;
  const filler = "x".repeat(60);
  const person = { tid: tenantId, oid: "oid-1", sub: "sub-1", name: "Ada Example" };
  const claims = { ...person, preferred_username: "ada@contoso.com", aud: clientId, ver: "2.0" };
  const tokens = {
    access_token: `access-${serial}-${filler}`,
    refresh_token: `refresh-${serial}-${filler}`,
    id_token: `${encode({ alg: "none" })}.${encode(claims)}.`,
  };
  secrets.push(tokens.access_token, tokens.refresh_token, tokens.id_token);
  return {
    token_type: "Bearer",
    scope: `${granted} openid profile offline_access`,
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    ...tokens,
    client_info: encode({ uid: "oid-1", utid: tenantId }),
  };
}

function toResponse(answer: Scripted | Response): Response {
  if (answer instanceof Response) return answer;
  return Response.json(answer.body ?? {}, { status: answer.status ?? 200, headers: answer.headers ?? {} });
}

/** Starts the endpoints on loopback. */
export function startFakeEntra(given: { expiresIn?: number; scope?: string } = {}): FakeEntra {
  const requests: string[] = [];
  const forms: URLSearchParams[] = [];
  const secrets: string[] = [];
  const scripts = new Map<string, Script>();
  const polls: Scripted[] = [];
  let refreshToken: string | undefined;

  const mint = () => {
    const options = { expiresIn: given.expiresIn ?? 3600, secrets, scope: given.scope ?? scope };
    const body = mintTokens(options);
    refreshToken = body.refresh_token;
    return { body };
  };
  const answers: Record<string, (form: URLSearchParams, base: string) => Scripted> = {
    configuration: (_form, base) => ({
      body: {
        issuer: `${base}/v2.0`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      },
    }),
    devicecode: (_form, base) => {
      secrets.push(`device-${"d".repeat(60)}`);
      const code = { user_code: "ABCD-1234", device_code: `device-${"d".repeat(60)}` };
      const times = { expires_in: 900, interval: 5 };
      return { body: { ...code, ...times, verification_uri: `${base}/devicelogin`, message: "Go there." } };
    },
    token: (form) => {
      // MSAL sends the short name, not the one of RFC 8628; Entra takes both.
      if (form.get("grant_type")?.endsWith("device_code")) {
        return polls.shift() ?? mint();
      }
      // Refresh tokens rotate: an old one is never good again.
      return form.get("refresh_token") === refreshToken ? mint() : oauthError("invalid_grant", 70000);
    },
  };

  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    async fetch(request) {
      const url = new URL(request.url);
      const path = url.pathname.replace(`/${tenantId}`, "");
      requests.push(path);
      const name = path.endsWith("openid-configuration") ? "configuration" : (path.split("/").at(-1) ?? "");
      const form = new URLSearchParams(await request.text());
      forms.push(form);
      const scripted = await scripts.get(name)?.(form);
      const base = `${url.origin}/${tenantId}`;
      return toResponse(scripted ?? answers[name]?.(form, base) ?? { status: 404 });
    },
  });

  return {
    authority: { loginUrl: `http://127.0.0.1:${server.port}`, tenant: tenantId },
    requests,
    forms,
    secrets,
    on: (endpoint, script) => void scripts.set(endpoint, script),
    poll: (...scripted) => void polls.push(...scripted),
    count: (path) => requests.filter((request) => request === path).length,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
