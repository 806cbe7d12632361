import { afterAll, beforeAll, expect, test } from "bun:test";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { readJson } from "./sign-in.ts";

let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant();
});
afterAll(() => tenant.stop());

async function read(path: string) {
  const response = await fetch(`${tenant.origin}${path}`);
  expect(response.status).toBe(200);
  return readJson(response);
}

test.each([
  "dec0de00-0000-4000-8000-000000000001",
  "DEC0DE00-0000-4000-8000-000000000001",
  "devtenant.example",
])("the v2.0 configuration of %s names the tenant by its id", async (name) => {
  const base = `${tenant.origin}/${tenant.tenantId}`;
  expect(await read(`/${name}/v2.0/.well-known/openid-configuration`)).toMatchObject({
    issuer: `${base}/v2.0`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    tenant_region_scope: "EU",
    cloud_instance_name: new URL(tenant.origin).host,
  });
});

test.each(["", "/sts"])("the v1.0 configuration below %p has the issuer of v1.0 tokens", async (prefix) => {
  const path = `${prefix}/${tenant.tenantId}/.well-known/openid-configuration`;
  expect(await read(path)).toMatchObject({
    issuer: `${tenant.origin}/sts/${tenant.tenantId}/`,
    jwks_uri: `${tenant.origin}/${tenant.tenantId}/discovery/keys`,
  });
});

test("no document leads to the internet", async () => {
  for (const path of ["/v2.0/.well-known/openid-configuration", "/.well-known/openid-configuration"]) {
    const text = JSON.stringify(await read(`/${tenant.tenantId}${path}`));
    const origins = [...text.matchAll(/https?:\/\/[^/"]+/g)].map(([origin]) => origin);
    expect(new Set(origins)).toEqual(new Set([tenant.origin]));
  }
});

test("instance discovery knows this host alone", async () => {
  const { host } = new URL(tenant.origin);
  expect(await read("/common/discovery/instance?api-version=1.1")).toMatchObject({
    tenant_discovery_endpoint: `${tenant.origin}/${tenant.tenantId}/v2.0/.well-known/openid-configuration`,
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
  expect(tenant.counts.instance).toBe(1);
});

test.each(["/discovery/v2.0/keys", "/discovery/keys"])("%s has one public RSA key", async (path) => {
  const { keys } = await read(`/${tenant.tenantId}${path}`);
  expect(keys).toEqual([
    {
      kty: "RSA",
      use: "sig",
      kid: expect.stringMatching(/^[\w-]{27}$/),
      x5t: expect.any(String),
      n: expect.stringMatching(/^[\w-]{342}$/),
      e: "AQAB",
      issuer: `${tenant.origin}/{tenantid}/v2.0`,
    },
  ]);
});

test("each dev tenant has keys of its own", async () => {
  const other = await startDevTenant();
  const otherKeys = await (await fetch(`${other.origin}/${other.tenantId}/discovery/keys`)).text();
  await other.stop();
  const { keys } = await read(`/${tenant.tenantId}/discovery/keys`);
  expect(otherKeys).not.toContain((keys as { kid: string }[])[0]?.kid ?? "none");
});

test("requests are counted by endpoint", async () => {
  const before = structuredClone(tenant.counts);
  await read(`/${tenant.tenantId}/v2.0/.well-known/openid-configuration`);
  await read(`/${tenant.tenantId}/.well-known/openid-configuration`);
  await read(`/${tenant.tenantId}/discovery/keys`);
  expect(tenant.counts).toEqual({ ...before, discovery: before.discovery + 2, jwks: before.jwks + 1 });
});

test("what does not exist is 404, and documents cannot be posted to", async () => {
  for (const path of ["/", "/favicon.ico", `/${tenant.tenantId}/openid/userinfo`, "/control/counts"]) {
    expect((await fetch(`${tenant.origin}${path}`)).status).toBe(404);
  }
  const posted = await fetch(`${tenant.origin}/${tenant.tenantId}/discovery/keys`, { method: "POST" });
  expect(posted.status).toBe(405);
  expect(posted.headers.get("allow")).toBe("GET");
});
