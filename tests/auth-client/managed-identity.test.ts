import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const script = join(import.meta.dir, "managed-identity-process.ts");

/** Azure's endpoint, as far as it is used; MSAL reads from the environment where it is. */
function startEndpoint(status = 200, body?: unknown) {
  const requests: { readonly url: URL; readonly headers: Headers }[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      requests.push({ url: new URL(request.url), headers: request.headers });
      const expires_on = String(Math.floor(Date.now() / 1000) + 3600);
      const resource = new URL(request.url).searchParams.get("resource");
      const token = {
        access_token: `mi-token-${requests.length}`,
        expires_on,
        resource,
        token_type: "Bearer",
      };
      return Response.json(body ?? token, { status });
    },
  });
  return {
    origin: `http://127.0.0.1:${server.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

async function ask(env: Record<string, string>, options: object = {}): Promise<Record<string, unknown>[]> {
  const child = Bun.spawn([process.execPath, script, JSON.stringify(options)], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const metadata = ({ origin }: { readonly origin: string }) => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: origin });

describe("a managed identity", () => {
  test("of a virtual machine is asked by the instance metadata service, each time anew", async () => {
    await using endpoint = startEndpoint();
    const [first, second] = await ask(metadata(endpoint), { calls: 2 });
    expect([first?.["value"], second?.["value"]]).toEqual(["mi-token-1", "mi-token-2"]);
    expect(first?.["expiresAtSeconds"]).toBeGreaterThan(Date.now() / 1000 + 3000);
    const [request] = endpoint.requests;
    expect(request?.url.pathname).toStartWith("/metadata/identity/oauth2/token");
    expect(request?.url.searchParams.get("resource")).toBe("api://bbbbbbbb-cccc-4ddd-8eee-ffffffffffff");
    expect(request?.headers.get("metadata")).toBe("true");
    expect(request?.url.searchParams.get("client_id")).toBeNull();
  }, 20_000);

  test("of an App Service is asked with its header, and by its client id", async () => {
    await using endpoint = startEndpoint();
    const clientId = "dddddddd-cccc-4ddd-8eee-ffffffffffff";
    const env = { IDENTITY_ENDPOINT: `${endpoint.origin}/msi/token`, IDENTITY_HEADER: "header-secret" };
    expect((await ask(env, { clientId }))[0]?.["value"]).toBe("mi-token-1");
    const [request] = endpoint.requests;
    expect(request?.headers.get("x-identity-header")).toBe("header-secret");
    expect(request?.url.searchParams.get("client_id")).toBe(clientId);
  }, 20_000);

  test.each([
    [400, { error: "invalid_request", error_description: "Identity not found" }, "sign_in_failed"],
    [404, {}, "sign_in_failed"],
    [500, {}, "server_failed"],
    [429, {}, "server_failed"],
    [200, { error: "nothing" }, "sign_in_failed"],
  ] as const)(
    "that answers %p %j is explained",
    async (status, body, code) => {
      await using endpoint = startEndpoint(status, body);
      expect(await ask(metadata(endpoint))).toEqual([
        { code, message: expect.any(String), hint: expect.any(String) },
      ]);
    },
    20_000,
  );

  test("that does not exist here is explained", async () => {
    const endpoint = startEndpoint();
    await endpoint[Symbol.asyncDispose]();
    const [error] = await ask(metadata(endpoint));
    expect(error).toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("no managed identity"),
      hint: expect.stringContaining("Azure only"),
    });
  }, 20_000);
});
