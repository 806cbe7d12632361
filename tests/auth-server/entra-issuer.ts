import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { EntraCloud } from "../../lib/auth/server/entra-cloud.ts";

export const tenantId = "11111111-2222-3333-4444-555555555555";
export const apiClientId = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
export const appIdUri = `api://${apiClientId}`;
const clientApp = "99999999-8888-7777-6666-555555555555";

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** What a token is to differ in. `undefined` removes a member. */
export interface TokenChanges {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly pair?: KeyPair;
}

/** A key set over HTTP whose answers a test controls, and tokens signed with its keys. */
export async function startEntraIssuer() {
  const pair = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: "key-1", use: "sig" };
  const state = {
    fetches: 0,
    /** Times that the tenant's domain was looked up. */
    lookups: 0,
    respond: (): Response | Promise<Response> => Response.json({ keys: [jwk] }),
  };
  const server: Bun.Server<undefined> = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/contoso.com/v2.0/.well-known/openid-configuration") {
        state.lookups++;
        return Response.json({ issuer: `http://127.0.0.1:${server.port}/${tenantId}/v2.0` });
      }
      if (pathname !== `/${tenantId}/discovery/v2.0/keys`) return new Response("not found", { status: 404 });
      state.fetches++;
      return state.respond();
    },
  });
  const origin = `http://127.0.0.1:${server.port}`;
  const cloud: EntraCloud = { loginUrl: origin, stsUrl: `${origin}/sts` };

  const now = () => Math.floor(Date.now() / 1000);
  const common = () => ({
    tid: tenantId,
    oid: "00000000-0000-0000-0000-00000000a11c",
    sub: "alice",
    scp: "execute",
    iat: now() - 10,
    nbf: now() - 10,
    exp: now() + 3600,
  });
  const claimsOf = {
    "2.0": () => ({
      ...common(),
      ver: "2.0",
      iss: `${origin}/${tenantId}/v2.0`,
      aud: apiClientId,
      azp: clientApp,
    }),
    "1.0": () => ({
      ...common(),
      ver: "1.0",
      iss: `${origin}/sts/${tenantId}/`,
      aud: appIdUri,
      appid: clientApp,
    }),
  };

  return {
    cloud,
    state,
    pair,
    jwk,
    /** Signs a token like Entra's, with changes. */
    mint(version: "1.0" | "2.0", changes: TokenChanges = {}): Promise<string> {
      const claims: JWTPayload = JSON.parse(JSON.stringify({ ...claimsOf[version](), ...changes.claims }));
      const header = JSON.parse(
        JSON.stringify({ alg: "RS256", typ: "JWT", kid: "key-1", ...changes.header }),
      );
      return new SignJWT(claims).setProtectedHeader(header).sign((changes.pair ?? pair).privateKey);
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}
