import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { type JWTPayload, SignJWT } from "jose";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { hasOpenssl, makeCertificate } from "../harness/certificates.ts";
import { type Fields, postEntra, readJson, readRefusal, refusal } from "./sign-in.ts";
import { takeApart } from "./take-apart.ts";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant();
});
afterAll(() => tenant.stop());

function ask(fields: Fields): Promise<Response> {
  return postEntra(tenant, "token", {
    grant_type: "client_credentials",
    client_id: tenant.daemonClientId,
    scope: `api://${tenant.apiClientId}/.default`,
    ...fields,
  });
}

test("the daemon gets a token for itself by its secret, with its roles and nothing to renew it", async () => {
  const answer = await readJson(await ask({ client_secret: tenant.daemon.secret }));
  expect(Object.keys(answer).toSorted()).toEqual([
    "access_token",
    "expires_in",
    "ext_expires_in",
    "token_type",
  ]);
  const { claims } = takeApart(String(answer["access_token"]));
  expect(claims).toMatchObject({ azp: tenant.daemonClientId, roles: ["Tools.Execute"], azpacr: "1" });
  expect(claims["scp"]).toBeUndefined();
});

test.each<[string, () => Fields, [number, string, number]]>([
  ["no secret", () => ({}), [401, "invalid_client", 7000218]],
  ["a wrong secret", () => ({ client_secret: "wrong" }), [401, "invalid_client", 7000215]],
  [
    "its secret for the public client",
    () => ({ client_secret: tenant.daemon.secret, client_id: tenant.publicClientId }),
    [401, "invalid_client", 7000215],
  ],
  [
    "an unknown client",
    () => ({ client_secret: "x", client_id: "dec0de00-0000-4000-8000-00000000ffff" }),
    [400, "unauthorized_client", 700016],
  ],
  [
    "a single scope",
    () => ({ client_secret: tenant.daemon.secret, scope: tenant.scope }),
    [400, "invalid_scope", 1002012],
  ],
  [
    "an unknown API",
    () => ({ client_secret: tenant.daemon.secret, scope: "api://x/.default" }),
    [400, "invalid_resource", 500011],
  ],
  [
    "a text in the place of an assertion",
    () => ({ client_assertion: "a.b.c", client_assertion_type: assertionType }),
    [401, "invalid_client", 50027],
  ],
])("with %s it is refused", async (_, fields, expected) => {
  expect(await readRefusal(await ask(fields()))).toEqual(refusal(...expected));
});

test.skipIf(!hasOpenssl)(
  "the daemon gets in by an assertion that a registered certificate signed (needs openssl)",
  async () => {
    const { certificate, key } = makeCertificate({ names: "DNS:daemon" });
    const { certificate: unknown, key: otherKey } = makeCertificate({ names: "DNS:daemon" });
    tenant.daemon.addCertificate(certificate);
    const sign = (changes: JWTPayload = {}, pem = certificate, by = key) => {
      const thumbprint = new Bun.CryptoHasher("sha256")
        .update(new X509Certificate(pem).raw)
        .digest("base64url");
      const aud = `${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token`;
      const [iss, exp] = [tenant.daemonClientId, Math.floor(Date.now() / 1000) + 600];
      return new SignJWT({ aud, iss, sub: iss, exp, jti: crypto.randomUUID(), ...changes })
        .setProtectedHeader({ alg: "PS256", "x5t#S256": thumbprint })
        .sign(createPrivateKey(by));
    };
    const send = async (assertion: string) =>
      ask({ client_assertion: assertion, client_assertion_type: assertionType });
    expect((await send(await sign())).status).toBe(200);
    for (const [assertion, code] of [
      [await sign({ aud: "https://other.example" }), 700023],
      [await sign({ sub: "other" }), 700021],
      [await sign({ exp: 1000 }), 700024],
      [await sign({}, unknown, otherKey), 700027],
      [await sign({}, certificate, otherKey), 700027],
    ] as const) {
      expect(await readRefusal(await send(assertion))).toEqual(refusal(401, "invalid_client", code));
    }
  },
);

test("the daemon gets in by a token of an issuer that it is federated with", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const [issuer, subject] = ["https://token.actions.example", "repo:contoso/app:ref:refs/heads/main"];
  tenant.daemon.addFederation({ issuer, subject, publicKey: publicKey.export({ format: "jwk" }) });
  const sign = (changes: JWTPayload = {}, by = privateKey) =>
    new SignJWT({ iss: issuer, sub: subject, aud: "api://AzureADTokenExchange", ...changes })
      .setExpirationTime("5m")
      .setProtectedHeader({ alg: "RS256" })
      .sign(by);
  const send = async (assertion: string) =>
    ask({ client_assertion: assertion, client_assertion_type: assertionType });
  expect((await send(await sign())).status).toBe(200);
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  for (const [assertion, code] of [
    [await sign({ sub: "repo:contoso/app:pull_request" }), 700213],
    [await sign({ aud: "api://other" }), 700212],
    [await sign({}, other), 50027],
  ] as const) {
    expect(await readRefusal(await send(assertion))).toEqual(refusal(401, "invalid_client", code));
  }
});
