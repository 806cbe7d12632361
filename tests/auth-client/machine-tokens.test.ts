import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { parseAuthority } from "../../lib/auth/client/authority.ts";
import { createEntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import {
  createMachineTokens,
  type MachineTokensOptions,
  toDefaultScope,
} from "../../lib/auth/client/machine/machine-tokens.ts";
import { parseMsalCache } from "../../lib/auth/client/msal-cache.ts";
import type { MachineCredential } from "../../lib/config/machine-settings.ts";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { hasOpenssl, makeCertificate } from "../harness/certificates.ts";
import { catchAppError, makeFolder, textOf } from "./fixtures.ts";

const needsOpenssl = test.skipIf(!hasOpenssl);
let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant();
});
afterAll(() => tenant.stop());

function optionsFor(folder: string, more: Partial<MachineTokensOptions> = {}): MachineTokensOptions {
  const authority = parseAuthority(`${tenant.origin}/${tenant.tenantId}/v2.0`);
  if (!authority) throw new Error("no authority");
  const { daemonClientId: clientId, scope } = tenant;
  const credential: MachineCredential = { kind: "secret", secret: tenant.daemon.secret };
  return { authority, clientId, scope, cachePath: join(folder, "cache.json"), credential, ...more };
}

function asked(): number {
  return Object.values(tenant.counts.token.client_credentials).reduce((sum, count) => sum + count, 0);
}

function writeFile(folder: string, text: string, mode = 0o600): string {
  const path = join(folder, crypto.randomUUID());
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

describe("an application that signs in as itself", () => {
  test("gets its token by its secret, keeps it closed to others, and asks once", async () => {
    using folder = makeFolder();
    const options = optionsFor(folder.path);
    const before = asked();
    const { value } = await createMachineTokens(options).getToken();
    expect(claimsOf(value)).toMatchObject({ azp: tenant.daemonClientId, roles: ["Tools.Execute"] });
    expect((await createMachineTokens(options).getToken()).value).toBe(value);
    expect(asked()).toBe(before + 1);
    expect(statSync(options.cachePath).mode & 0o777).toBe(0o600);
    expect(await createMachineTokens(options).readAccount()).toMatchObject({
      username: `application ${tenant.daemonClientId}`,
      tenantId: tenant.tenantId,
      scopes: [`api://${tenant.apiClientId}/.default`],
    });
  });

  test("gets a new token for a rejected one, for a claims challenge and at login", async () => {
    using folder = makeFolder();
    const tokens = createMachineTokens(optionsFor(folder.path));
    const values = new Set([
      (await tokens.getToken()).value,
      (await tokens.getToken({ claims: '{"access_token":{"acrs":{"value":"c1"}}}' })).value,
      (await tokens.signIn()).value,
    ]);
    const [latest = ""] = [...values].slice(-1);
    expect((await tokens.getToken()).value).toBe(latest);
    values.add((await tokens.getToken({ rejected: latest })).value);
    expect(values.size).toBe(4);
  });

  test("of many at once, one asks", async () => {
    using folder = makeFolder();
    const before = asked();
    const all = await Promise.all(
      Array.from({ length: 5 }, () => createMachineTokens(optionsFor(folder.path)).getToken()),
    );
    expect(new Set(all.map(({ value }) => value)).size).toBe(1);
    expect(asked()).toBe(before + 1);
  });

  test("never takes a person's token, nor a person its", async () => {
    using folder = makeFolder();
    const { credential: _, ...options } = optionsFor(folder.path);
    await createMachineTokens(optionsFor(folder.path)).getToken();
    const error = await catchAppError(() => createEntraTokens(options).getToken());
    expect(error.code).toBe("sign_in_required");
    expect(await createEntraTokens(options).readAccount()).toBeUndefined();
    // The same registration used by a person: MSAL's cache with an account on the token.
    const cache = JSON.parse(readFileSync(options.cachePath, "utf8"));
    for (const entry of Object.values<Record<string, string>>(cache.AccessToken)) {
      entry["home_account_id"] = "ada.tenant";
      entry["secret"] = "a-person's-token";
    }
    writeFileSync(options.cachePath, JSON.stringify(cache));
    expect((await createMachineTokens(optionsFor(folder.path)).getToken()).value).not.toContain("person");
  });

  test("gets in by a secret from a file, through a link as containers make it", async () => {
    using folder = makeFolder();
    const path = writeFile(folder.path, `${tenant.daemon.secret}\n`, 0o440);
    symlinkSync(path, join(folder.path, "link"));
    const credential = { kind: "secret_file", path: join(folder.path, "link") } as const;
    expect(
      (await createMachineTokens(optionsFor(folder.path, { credential })).getToken()).value,
    ).toBeTruthy();
  });

  test("gets in by a federated token, which is read anew each time", async () => {
    using folder = makeFolder();
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    tenant.daemon.addFederation({
      issuer: "https://oidc.example",
      subject: "system:serviceaccount:a:b",
      publicKey: publicKey.export({ format: "jwk" }),
    });
    const sign = (subject: string) =>
      new SignJWT({ iss: "https://oidc.example", sub: subject, aud: "api://AzureADTokenExchange" })
        .setProtectedHeader({ alg: "RS256" })
        .setExpirationTime("5m")
        .sign(privateKey);
    const path = writeFile(folder.path, await sign("system:serviceaccount:a:other"), 0o644);
    const tokens = createMachineTokens(optionsFor(folder.path, { credential: { kind: "federated", path } }));
    const error = await catchAppError(() => tokens.getToken());
    expect([error.code, error.message]).toEqual(["sign_in_failed", expect.stringContaining("AADSTS700213")]);
    expect(error.hint).toContain("Federated credentials");
    writeFileSync(path, await sign("system:serviceaccount:a:b"));
    expect((await tokens.getToken()).value).toBeTruthy();
  });

  needsOpenssl("gets in by a certificate", async () => {
    using folder = makeFolder();
    const { certificate, key } = makeCertificate({ names: "DNS:daemon" });
    const path = writeFile(folder.path, `${key}${certificate}`);
    const options = optionsFor(folder.path, { credential: { kind: "certificate", path } });
    const error = await catchAppError(() => createMachineTokens(options).getToken());
    expect([error.code, error.message]).toEqual(["sign_in_failed", expect.stringContaining("AADSTS700027")]);
    tenant.daemon.addCertificate(certificate);
    expect((await createMachineTokens(options).getToken()).value).toBeTruthy();
  });

  needsOpenssl("does not try a certificate that cannot be right", async () => {
    using folder = makeFolder();
    const [one, other] = [makeCertificate({ names: "DNS:a" }), makeCertificate({ names: "DNS:b" })];
    const validity = ["20200101000000Z", "20200201000000Z"] as const;
    const expired = makeCertificate({ names: "DNS:c", validity });
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const before = asked();
    for (const [text, says] of [
      [`${one.certificate}${other.key}`, "does not belong to the private key"],
      [`${expired.certificate}${expired.key}`, "expired on 2020-02-01"],
      [one.certificate, "has no private key"],
      [one.key, "is missing"],
      [
        `${one.certificate}${ec.privateKey.export({ type: "pkcs8", format: "pem" }).toString()}`,
        "no RSA key",
      ],
      [`${one.certificate}-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----`, "cannot be read"],
    ] as const) {
      const path = writeFile(folder.path, text);
      const options = optionsFor(folder.path, { credential: { kind: "certificate", path } });
      const error = await catchAppError(() => createMachineTokens(options).getToken());
      expect([error.code, error.exitCode, error.message]).toEqual([
        "invalid_config",
        2,
        expect.stringContaining(says),
      ]);
    }
    expect(asked()).toBe(before);
  });

  test.each([
    ["open to others", "secret", 0o604, "is open to other users"],
    ["writable for its group", "secret", 0o620, "is open to other users"],
    ["empty", " \n", 0o600, "is empty"],
    ["too large", "x".repeat(70_000), 0o600, "is too large"],
  ])("refuses a secret's file that is %s", async (_, text, mode, says) => {
    using folder = makeFolder();
    const credential = { kind: "secret_file", path: writeFile(folder.path, text, mode) } as const;
    const tokens = createMachineTokens(optionsFor(folder.path, { credential }));
    const error = await catchAppError(() => tokens.getToken());
    expect([error.code, error.message]).toEqual(["invalid_config", expect.stringContaining(says)]);
  });

  test.each([
    [{ kind: "secret_file", path: "/no/such/file" }, "cannot be read (ENOENT)"],
    [{ kind: "federated", path: import.meta.dir }, "cannot be read"],
    [{ kind: "federated", path: import.meta.path }, "is no JWT"],
  ] as const)("refuses %j", async (credential, says) => {
    using folder = makeFolder();
    const tokens = createMachineTokens(optionsFor(folder.path, { credential }));
    const error = await catchAppError(() => tokens.getToken());
    expect([error.code, error.message]).toEqual(["invalid_config", expect.stringContaining(says)]);
  });

  test("with a wrong secret is told so, and not the secret", async () => {
    using folder = makeFolder();
    const credential = { kind: "secret", secret: "wrong-secret-of-mine" } as const;
    const error = await catchAppError(() =>
      createMachineTokens(optionsFor(folder.path, { credential })).getToken(),
    );
    expect([error.code, error.message]).toEqual(["sign_in_failed", expect.stringContaining("AADSTS7000215")]);
    expect(textOf(error)).not.toContain("of-mine");
  });

  test("uses a token's last minutes while the sign-in service fails", async () => {
    using folder = makeFolder();
    const options = optionsFor(folder.path);
    const { value } = await createMachineTokens(options).getToken();
    const cache = JSON.parse(readFileSync(options.cachePath, "utf8"));
    for (const entry of Object.values<Record<string, string>>(cache.AccessToken)) {
      entry["expires_on"] = String(Math.floor(Date.now() / 1000) + 100);
    }
    writeFileSync(options.cachePath, JSON.stringify(cache));
    tenant.faults.set({ throttledRequests: 1 });
    expect((await createMachineTokens(options).getToken()).value).toBe(value);
    expect((await createMachineTokens(options).getToken()).value).not.toBe(value);
    expect(parseMsalCache(readFileSync(options.cachePath, "utf8"))?.accessTokens).toHaveLength(1);
  });
});

test.each([
  ["api://a/execute", "api://a/.default"],
  ["api://a/execute api://a/read", "api://a/.default"],
  ["api://a/.default", "api://a/.default"],
  ["https://mcp.contoso.com/mcp/execute", "https://mcp.contoso.com/mcp/.default"],
])("the scope %s becomes %s for an application", (scope, expected) => {
  expect(toDefaultScope(scope)).toBe(expected);
});

test.each(["api://a/execute api://b/read", "execute", ""])("the scope %j is of no one API", (scope) => {
  expect(() => toDefaultScope(scope)).toThrow("one API");
});
