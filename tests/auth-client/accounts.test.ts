import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAuthority } from "../../lib/auth/client/authority.ts";
import { createEntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { signOut, signOutAccount } from "../../lib/auth/client/sign-out.ts";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { signInAt } from "../harness/browser.ts";
import { catchAppError, makeFolder } from "./fixtures.ts";

type Name = "ada" | "ben" | "gia";
const objectIdOfBen = "dec0de00-0000-4000-8000-0000000e0002";
let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant();
});
afterAll(() => tenant.stop());

function open(folder: string, account?: string, person?: Name) {
  const authority = parseAuthority(`${tenant.origin}/${tenant.tenantId}/v2.0`);
  if (!authority) throw new Error("no authority");
  const { publicClientId: clientId, scope } = tenant;
  const cachePath = join(folder, "cache.json");
  const showAddress =
    person && (({ address }: { readonly address: string }) => void signInAt(address, { person }));
  return createEntraTokens({ authority, clientId, scope, cachePath, account, login: "browser", showAddress });
}

async function usernameOf(folder: string, account?: string): Promise<string | undefined> {
  return (await open(folder, account).readAccount())?.username;
}

/** Ada and Ben in one cache. */
async function signBothIn() {
  const folder = makeFolder();
  await open(folder.path, undefined, "ada").signIn();
  await open(folder.path, undefined, "ben").signIn();
  return folder;
}

describe("two people in one cache", () => {
  test("are told apart by --account, by name in any letters or by id, and keep tokens of their own", async () => {
    using folder = await signBothIn();
    expect(await usernameOf(folder.path, "ADA@devtenant.example")).toBe("ada@devtenant.example");
    expect(await usernameOf(folder.path, objectIdOfBen)).toBe("ben@devtenant.example");
    expect(await usernameOf(folder.path, `${objectIdOfBen}.${tenant.tenantId}`)).toBe(
      "ben@devtenant.example",
    );
    const ada = await open(folder.path, "ada@devtenant.example").getToken();
    const ben = await open(folder.path, objectIdOfBen).getToken();
    expect(ada.value).not.toBe(ben.value);
    const renewed = await open(folder.path, "ada@devtenant.example").getToken({ rejected: ada.value });
    expect(JSON.parse(Buffer.from(renewed.value.split(".")[1] ?? "", "base64url").toString())).toMatchObject({
      name: "Ada Lindqvist",
    });
  });

  test("without --account are an error that names both, before anything is sent", async () => {
    using folder = await signBothIn();
    const before = structuredClone(tenant.counts.token);
    const tokens = open(folder.path);
    for (const run of [
      () => tokens.getToken(),
      () => tokens.getToken({ rejected: "x" }),
      () => tokens.readAccount(),
    ]) {
      const error = await catchAppError(run);
      expect([error.code, error.exitCode]).toEqual(["several_accounts", 2]);
      expect(error.message).toContain('"ada@devtenant.example", "ben@devtenant.example"');
      expect(error.hint).toContain("--account");
    }
    expect(tenant.counts.token).toEqual(before);
    expect((await tokens.listAccounts()).map(({ username }) => username).toSorted()).toEqual([
      "ada@devtenant.example",
      "ben@devtenant.example",
    ]);
  });

  test("whoever signs in here and now is the one, also for the calls after it", async () => {
    using folder = await signBothIn();
    const tokens = open(folder.path, undefined, "gia");
    await tokens.signIn();
    expect((await tokens.readAccount())?.username).toBe("gia@partner.example");
    const { value } = await tokens.getToken();
    expect((await tokens.getToken({ rejected: value })).value).not.toBe(value);
  });

  test("somebody else's sign-in is not taken for the one that was asked for", async () => {
    using folder = makeFolder();
    const error = await catchAppError(() => open(folder.path, "ada@devtenant.example", "ben").getToken());
    expect([error.code, error.message]).toEqual([
      "sign_in_failed",
      '"ben@devtenant.example" signed in, and not "ada@devtenant.example".',
    ]);
    expect(await usernameOf(folder.path, "ada@devtenant.example")).toBeUndefined();
  });

  test("one of them whose sign-in was revoked stands in the other's way no more", async () => {
    using folder = await signBothIn();
    const path = join(folder.path, "cache.json");
    const ben = open(folder.path, "ben@devtenant.example");
    const { value } = await ben.getToken();
    tenant.faults.set({ refuseRefresh: "revoked" });
    expect((await catchAppError(() => ben.getToken({ rejected: value }))).code).toBe("sign_in_required");
    tenant.faults.clear();
    expect(await ben.readAccount()).toBeUndefined();
    expect(await usernameOf(folder.path)).toBe("ada@devtenant.example");
    expect((await open(folder.path).getToken({ rejected: "x" })).value).toBeTruthy();
    expect(await signOutAccount(path, "ben@devtenant.example")).toBe(true);
  });

  test("are forgotten one by one, or both", async () => {
    using folder = await signBothIn();
    const path = join(folder.path, "cache.json");
    expect(await signOutAccount(path, "nobody@devtenant.example")).toBe(false);
    expect(await signOutAccount(path, "Ben@devtenant.example")).toBe(true);
    expect(readFileSync(path, "utf8")).not.toContain(objectIdOfBen);
    expect(await usernameOf(folder.path)).toBe("ada@devtenant.example");
    expect((await open(folder.path).getToken({ rejected: "x" })).value).toBeTruthy();
    expect(await signOut(path)).toBe(true);
    expect(await signOutAccount(path, "ada@devtenant.example")).toBe(false);
  });
});
