import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Configuration, type INetworkModule, PublicClientApplication } from "@azure/msal-node";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { decide } from "./sign-in.ts";

let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant({ pollIntervalSeconds: 0 });
});
afterAll(() => tenant.stop());

/** MSAL refuses an http authority, so it is given the metadata that it would else have fetched. */
async function configureMsal(networkClient?: INetworkModule): Promise<Configuration> {
  const { host } = new URL(tenant.origin);
  const url = `${tenant.origin}/${tenant.tenantId}/v2.0/.well-known/openid-configuration`;
  return {
    auth: {
      clientId: tenant.publicClientId,
      authority: `https://${host}/${tenant.tenantId}`,
      knownAuthorities: [host],
      authorityMetadata: await (await fetch(url)).text(),
    },
    ...(networkClient ? { system: { networkClient } } : {}),
  };
}

async function signInWithMsal(application: PublicClientApplication, person = "ada") {
  return application.acquireTokenByDeviceCode({
    scopes: [tenant.scope],
    deviceCodeCallback: ({ userCode }) => void decide(tenant, { user_code: userCode, person }),
  });
}

test("MSAL signs in by device code, knows the account and answers silently from its cache", async () => {
  const application = new PublicClientApplication(await configureMsal());
  const result = await signInWithMsal(application);
  expect(result).toMatchObject({
    tenantId: tenant.tenantId,
    scopes: [tenant.scope],
    account: {
      homeAccountId: `dec0de00-0000-4000-8000-0000000e0001.${tenant.tenantId}`,
      username: "ada@devtenant.example",
      name: "Ada Lindqvist",
    },
  });
  const [account] = await application.getAllAccounts();
  if (!account) throw new Error("MSAL has no account");
  const before = structuredClone(tenant.counts.token);
  const silent = await application.acquireTokenSilent({ account, scopes: [tenant.scope] });
  expect(silent).toMatchObject({ fromCache: true, accessToken: result?.accessToken });
  expect(tenant.counts.token).toEqual(before);
});

test("MSAL refreshes again and again with the tokens that rotate", async () => {
  const application = new PublicClientApplication(await configureMsal());
  await signInWithMsal(application);
  const [account] = await application.getAllAccounts();
  if (!account) throw new Error("MSAL has no account");
  const tokens = new Set<string>();
  const before = tenant.counts.token.refresh_token["ok"] ?? 0;
  for (let round = 0; round < 3; round++) {
    const request = { account, scopes: [tenant.scope], forceRefresh: true };
    const { accessToken, fromCache } = await application.acquireTokenSilent(request);
    expect(fromCache).toBe(false);
    tokens.add(accessToken);
  }
  expect(tokens.size).toBe(3);
  expect(tenant.counts.token.refresh_token["ok"]).toBe(before + 3);
});

test("MSAL sees in a refused refresh that the person must sign in again", async () => {
  const application = new PublicClientApplication(await configureMsal());
  await signInWithMsal(application);
  const [account] = await application.getAllAccounts();
  if (!account) throw new Error("MSAL has no account");
  tenant.faults.set({ conditionalAccessBlocks: 1 });
  const refreshed = application.acquireTokenSilent({ account, scopes: [tenant.scope], forceRefresh: true });
  await expect(refreshed).rejects.toMatchObject({
    name: "InteractionRequiredAuthError",
    errorCode: "invalid_grant",
    subError: "message_only",
    errorMessage: expect.stringContaining("AADSTS53003"),
    claims: expect.stringContaining("capolids"),
  });
});

test("MSAL asks nobody but the dev tenant", async () => {
  const asked = new Set<string>();
  const read = async (response: Response) => {
    asked.add(new URL(response.url).origin);
    return { headers: {}, body: await response.json(), status: response.status };
  };
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const networkClient = {
    sendGetRequestAsync: async (url: string) => read(await fetch(url)),
    sendPostRequestAsync: async (url: string, options?: { body?: string }) =>
      read(await fetch(url, { method: "POST", headers, body: options?.body ?? "" })),
  } as INetworkModule;
  const application = new PublicClientApplication(await configureMsal(networkClient));
  expect((await signInWithMsal(application, "gia"))?.account?.username).toBe("gia@partner.example");
  expect([...asked]).toEqual([tenant.origin]);
});
