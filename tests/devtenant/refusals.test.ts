import { afterAll, beforeAll, expect, test } from "bun:test";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import {
  begin,
  decide,
  deviceCodeGrant,
  type Fields,
  ManualClock,
  poll,
  postEntra,
  postForm,
  readJson,
  readRefusal,
  refresh,
  refusal,
  signIn,
} from "./sign-in.ts";

const clock = new ManualClock();
let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant({ clock });
});
afterAll(() => tenant.stop());

const api = "api://dec0de00-0000-4000-8000-0000000000a1";
const execute = `${api}/execute`;
const someoneElse = "dec0de00-0000-4000-8000-00000000ffff";

type Row = [title: string, fields: Fields, expected: ReturnType<typeof refusal>];

const missing = refusal(400, "invalid_request", 900144);
const badClient = refusal(400, "unauthorized_client", 700016);
const unknownScope = refusal(400, "invalid_client", 650053);
const graphScope = "https://graph.microsoft.com/User.Read";

test.each<Row>([
  ["an unknown client", { scope: execute, client_id: someoneElse }, badClient],
  ["no client", { scope: execute, client_id: undefined }, missing],
  [
    "the API, which is no public client",
    { scope: execute, client_id: api.slice(6) },
    refusal(401, "invalid_client", 7000218),
  ],
  ["no scope", {}, missing],
  ["an empty scope", { scope: "" }, missing],
  ["a bare scope", { scope: "execute" }, unknownScope],
  ["an unknown scope of the API", { scope: `${api}/fly` }, unknownScope],
  ["a scope in other letters", { scope: `${api}/EXECUTE` }, unknownScope],
  ["an unknown resource", { scope: graphScope }, refusal(400, "invalid_resource", 500011)],
  ["two resources", { scope: `${execute} ${graphScope}` }, refusal(400, "invalid_request", 28000)],
  ["the API and a bare scope", { scope: `${execute} User.Read` }, refusal(400, "invalid_request", 28000)],
  [".default beside a scope", { scope: `${api}/.default ${execute}` }, refusal(400, "invalid_scope", 70011)],
  ["OpenID scopes alone", { scope: "openid profile" }, refusal(400, "invalid_scope", 70011)],
  [
    "a resource that is not the App ID URI",
    { scope: execute, resource: "http://localhost:8000/mcp" },
    refusal(400, "invalid_target", 9010010),
  ],
])("the device code endpoint refuses %s", async (_, fields, expected) => {
  const response = await postEntra(tenant, "devicecode", fields);
  expect(response.headers.get("cache-control")).toContain("no-store");
  expect(await readRefusal(response)).toEqual(expected);
});

test.each<[string, Fields]>([
  ["the scope by the App ID URI", { scope: execute }],
  ["the scope by the client id", { scope: `${api.slice(6)}/execute` }],
  [".default", { scope: `${api}/.default` }],
  ["OpenID scopes beside the API's", { scope: `${execute} openid profile offline_access email` }],
  ["a resource that is the App ID URI", { scope: execute, resource: api }],
])("the device code endpoint accepts %s", async (_, fields) => {
  expect((await postEntra(tenant, "devicecode", fields)).status).toBe(200);
});

test.each<Row>([
  ["no grant type", {}, missing],
  [
    "a grant type that is not offered",
    { grant_type: "password" },
    refusal(400, "unsupported_grant_type", 70003),
  ],
  ["an unknown client", { grant_type: deviceCodeGrant, client_id: someoneElse, device_code: "x" }, badClient],
  ["no client", { grant_type: deviceCodeGrant, client_id: undefined }, missing],
  ["no device code", { grant_type: deviceCodeGrant }, missing],
  [
    "an unknown device code",
    { grant_type: deviceCodeGrant, device_code: "x" },
    refusal(400, "bad_verification_code", 70018),
  ],
  ["no refresh token", { grant_type: "refresh_token" }, missing],
  [
    "an unknown refresh token",
    { grant_type: "refresh_token", refresh_token: "x" },
    refusal(400, "invalid_grant", 9002313),
  ],
])("the token endpoint refuses %s", async (_, fields, expected) => {
  expect(await readRefusal(await postEntra(tenant, "token", fields))).toEqual(expected);
});

test("a poll is told to wait until the person decides", async () => {
  const { deviceCode } = await begin(tenant);
  expect(await readRefusal(await poll(tenant, deviceCode))).toEqual(
    refusal(400, "authorization_pending", 70016),
  );
});

test("a declined sign-in is refused", async () => {
  const { deviceCode, userCode } = await begin(tenant);
  await decide(tenant, { user_code: userCode, decision: "decline" });
  expect(await readRefusal(await poll(tenant, deviceCode))).toEqual(
    refusal(400, "authorization_declined", 65004),
  );
});

test("a device code expires at its second, approved or not", async () => {
  const pending = await begin(tenant);
  const approved = await begin(tenant);
  await decide(tenant, { user_code: approved.userCode });
  clock.advanceSeconds(899);
  expect((await readRefusal(await poll(tenant, pending.deviceCode))).error).toBe("authorization_pending");
  clock.advanceSeconds(1);
  const expired = refusal(400, "expired_token", 70020);
  expect(await readRefusal(await poll(tenant, pending.deviceCode))).toEqual(expired);
  expect(await readRefusal(await poll(tenant, approved.deviceCode))).toEqual(expired);
});

test("a device code is redeemed once, even by two polls at the same time", async () => {
  const { deviceCode, userCode } = await begin(tenant);
  await decide(tenant, { user_code: userCode });
  const answers = await Promise.all([poll(tenant, deviceCode), poll(tenant, deviceCode)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400]);
  expect(await readRefusal(await poll(tenant, deviceCode))).toEqual(refusal(400, "invalid_grant", 54005));
});

test("a refresh token is good for one use, even by two at the same time", async () => {
  const { refresh_token } = await signIn(tenant);
  const answers = await Promise.all([refresh(tenant, refresh_token), refresh(tenant, refresh_token)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400]);
  const used = await refresh(tenant, refresh_token);
  expect(await readRefusal(used)).toEqual(refusal(400, "invalid_grant", 54005));
  const good = answers.find(({ ok }) => ok);
  if (!good) throw new Error("neither refresh was good");
  const again = await refresh(tenant, (await readJson(good))["refresh_token"]);
  expect(again.status).toBe(200);
});

test("a refresh token dies after 90 days, with the suberror from which MSAL forgets it", async () => {
  const { refresh_token } = await signIn(tenant);
  clock.advanceSeconds(90 * 24 * 3600);
  const response = await refresh(tenant, refresh_token);
  expect(await response.json()).toMatchObject({
    error: "invalid_grant",
    error_codes: [700082],
    suberror: "bad_token",
  });
});

test("a refresh that asks for a wrong scope does not use its token up", async () => {
  const { refresh_token } = await signIn(tenant);
  const wrong = await refresh(tenant, refresh_token, { scope: "execute" });
  expect(await readRefusal(wrong)).toEqual(refusal(400, "invalid_client", 650053));
  expect((await refresh(tenant, refresh_token)).status).toBe(200);
});

test.each(["common", "contoso.example", someoneElse])("the tenant %s does not exist", async (name) => {
  const expected = refusal(400, "invalid_tenant", 90002);
  const read = await fetch(`${tenant.origin}/${name}/v2.0/.well-known/openid-configuration`);
  expect(await readRefusal(read)).toEqual(expected);
  for (const endpoint of ["devicecode", "token"]) {
    const posted = await postForm(`${tenant.origin}/${name}/oauth2/v2.0/${endpoint}`, { scope: execute });
    expect(await readRefusal(posted)).toEqual(expected);
  }
});

test("the same parameter twice is refused", async () => {
  const response = await fetch(`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams([
      ["grant_type", "refresh_token"],
      ["grant_type", "refresh_token"],
    ]),
  });
  expect(await readRefusal(response)).toEqual(refusal(400, "invalid_request", 9000411));
});

test("a GET of the token endpoint is refused and names the method that it takes", async () => {
  const response = await fetch(`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token`);
  expect(response.headers.get("allow")).toBe("POST");
  expect(await readRefusal(response)).toEqual(refusal(405, "invalid_request", 900561));
});

test.each(["application/json", "text/plain"])("a body of type %s counts as no parameters", async (type) => {
  const response = await fetch(`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    headers: { "Content-Type": type },
    body: "grant_type=password",
  });
  expect(await readRefusal(response)).toEqual(missing);
});

test("a value of the caller's is cut in the text of a refusal", async () => {
  const response = await postEntra(tenant, "token", { grant_type: "x".repeat(1000) });
  const { error_description } = await readJson(response);
  expect(error_description).toContain(`'${"x".repeat(80)}'`);
});

test("an error has Entra's members, the caller's correlation id and the tenant's time", async () => {
  const correlationId = "7b3f0c1e-95d6-4a44-9f0b-2d8f3f1f7e55";
  const response = await postForm(
    `${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token`,
    { grant_type: "x\u001b[31m'y" },
    { "client-request-id": correlationId },
  );
  const body = await readJson(response);
  const timestamp = new Date(clock.nowMs()).toISOString().replace("T", " ").replace(".000", "");
  expect(body).toEqual({
    error: "unsupported_grant_type",
    error_description: expect.stringMatching(/^AADSTS70003: .*'x'y'\. Trace ID: /),
    error_codes: [70003],
    timestamp,
    trace_id: response.headers.get("x-ms-request-id"),
    correlation_id: correlationId,
    error_uri: `${tenant.origin}/error?code=70003`,
  });
  expect(body["error_description"]).toEndWith(
    ` Trace ID: ${body["trace_id"]} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
  );
});
