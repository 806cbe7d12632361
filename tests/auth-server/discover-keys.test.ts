import { afterEach, describe, expect, spyOn, test } from "bun:test";
import { discoverKeyUrl } from "../../lib/auth/server/discover-keys.ts";
import type { AppError } from "../../lib/base/errors.ts";

const issuer = "https://id.example.com";
const fetched: string[] = [];
const spies: { mockRestore(): void }[] = [];
afterEach(() => {
  for (const spy of spies.splice(0)) spy.mockRestore();
  fetched.length = 0;
});

/** Every issuer of the world has this document. */
function publish(document: object): void {
  const fake = async (url: string) => {
    fetched.push(url);
    return Response.json(document);
  };
  spies.push(spyOn(globalThis, "fetch").mockImplementation(fake as unknown as typeof fetch));
}

const discover = (of: string) =>
  discoverKeyUrl(of, 5000).catch((error: AppError) => `${error.code} ${error.detail}`);

describe("the address of an issuer's keys", () => {
  test("may be on another host, with a port, a path and a query", async () => {
    const keys = "https://keys.example.net:8443/set?of=a";
    publish({ issuer, jwks_uri: keys });
    expect(await discover(issuer)).toBe(keys);
    expect(fetched).toEqual([`${issuer}/.well-known/openid-configuration`]);
  });

  test.each([
    ["http://127.0.0.1:9200/_search"],
    ["http://localhost/keys"],
    ["https://localhost/keys"],
    ["https://127.0.0.1/keys"],
    ["https://[::1]/keys"],
    ["https://2130706433/keys"],
    ["http://169.254.169.254/metadata/identity/oauth2/token"],
    ["https://user:secret@keys.example.com/keys"],
    ["https://user@keys.example.com/keys"],
    ["file:///etc/passwd"],
    ["data:application/json,{}"],
    ["//keys.example.com/keys"],
    [""],
  ])("is not %s where the issuer is elsewhere", async (keys) => {
    publish({ issuer, jwks_uri: keys });
    expect(await discover(issuer)).toStartWith(
      `keys_unavailable ${issuer}/.well-known/openid-configuration: keys are not taken from its jwks_uri, "`,
    );
  });

  test("may be on this machine where the issuer is", async () => {
    const local = "http://127.0.0.1:8080/realms/a";
    publish({ issuer: local, jwks_uri: "http://localhost:8080/keys" });
    expect(await discover(local)).toBe("http://localhost:8080/keys");
  });

  test("is not taken from a document of another issuer, and the log says of which", async () => {
    publish({ issuer: `${issuer}/`, jwks_uri: "https://id.example.com/keys" });
    expect(await discover(issuer)).toEndWith(`: its issuer is "${issuer}/", not "${issuer}"`);
    publish({ jwks_uri: "https://id.example.com/keys" });
    expect(await discover(issuer)).toEndWith(`: its issuer is "missing", not "${issuer}"`);
  });
});
