import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { createIssuerAuthority } from "../../lib/auth/server/issuer-authority.ts";
import { defaultKeyStoreTimes } from "../../lib/auth/server/key-store.ts";
import { createTokenVerifier, type TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import { type Clock, systemClock } from "../../lib/base/clock.ts";
import { silentLog } from "../../lib/base/log.ts";
import type { SignatureAlgorithm } from "../../lib/config/signature-algorithms.ts";

export const audience = "https://mcp.example.com/mcp";

/** A key of an algorithm, as a signer has it and as a key set names it. */
export interface IssuerKey {
  readonly alg: SignatureAlgorithm;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

/** Makes a key. */
export async function createIssuerKey(alg: SignatureAlgorithm, kid?: string): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { alg, privateKey, jwk: kid === undefined ? jwk : { ...jwk, kid } };
}

/** What a token is to differ in. `undefined` removes a member. */
export interface IssuerTokenChanges {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
}

/**
 * An OAuth issuer on loopback with a path, as Keycloak's realms have; `state` says what it answers, and `paths`
 * what it was asked for.
 */
export async function startOtherIssuer(...keys: readonly IssuerKey[]) {
  const state = {
    keys,
    /** Path of the metadata document: OpenID Connect's, or OAuth's. */
    metadataPath: "/realms/a/.well-known/openid-configuration",
    keysPath: "/keys",
    metadata: undefined as Record<string, unknown> | undefined,
  };
  const paths: string[] = [];
  const server: Bun.Server<undefined> = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      paths.push(pathname);
      if (pathname === state.metadataPath) {
        const jwksUri = `${origin}${state.keysPath}`;
        return Response.json(state.metadata ?? { issuer: `${origin}/realms/a`, jwks_uri: jwksUri });
      }
      if (pathname === state.keysPath) return Response.json({ keys: state.keys.map(({ jwk }) => jwk) });
      return new Response("not found", { status: 404 });
    },
  });
  const origin = `http://127.0.0.1:${server.port}`;
  const issuer = `${origin}/realms/a`;
  return {
    origin,
    issuer,
    state,
    paths,
    /** Signs an access token as RFC 9068 has it, with changes. */
    mint(key: IssuerKey, changes: IssuerTokenChanges = {}): Promise<string> {
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, sub: "alice", aud: audience, client_id: "app", scope: "execute" };
      const times = { iat: now, exp: now + 600 };
      const payload: JWTPayload = JSON.parse(JSON.stringify({ ...claims, ...times, ...changes.claims }));
      const { kid } = key.jwk;
      const header = JSON.parse(JSON.stringify({ alg: key.alg, typ: "at+jwt", kid, ...changes.header }));
      return new SignJWT(payload).setProtectedHeader(header).sign(key.privateKey);
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

/** What a test wants otherwise. */
export interface IssuerVerifierChanges {
  readonly jwksUri?: string;
  readonly algorithms?: readonly SignatureAlgorithm[];
  readonly clock?: Clock;
}

/** The verifier of another issuer's tokens with the server's defaults. */
export function createIssuerVerifier(issuer: string, changes: IssuerVerifierChanges = {}): TokenVerifier {
  const clock = changes.clock ?? systemClock;
  const authority = createIssuerAuthority({
    issuer,
    jwksUri: changes.jwksUri,
    audiences: [audience],
    algorithms: changes.algorithms ?? ["RS256"],
    skewSeconds: 60,
    keyTimes: defaultKeyStoreTimes,
    fetchTimeoutMs: 5000,
    clock,
    log: silentLog,
  });
  const policy = { requiredScopes: ["execute"], appRoles: [], allowedClients: [], allowGuests: false };
  return createTokenVerifier({ authority, policy, maxRemembered: 0, clock });
}
