import { describe, expect, test } from "bun:test";
import { discoverAuthorization } from "../../lib/auth/client/discover.ts";
import { clientId, scope, tenantId } from "./fake-entra.ts";
import { catchAppError } from "./fixtures.ts";

const wellKnown = "/.well-known/oauth-protected-resource";

type Answers = Record<string, (origin: string) => Response | Promise<Response>>;

/** A server that has answers at some paths and 404 elsewhere. */
function startServer(answers: Answers) {
  const paths: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    fetch(request) {
      const { pathname, origin } = new URL(request.url);
      paths.push(pathname);
      return answers[pathname]?.(origin) ?? new Response("", { status: 404 });
    },
  });
  const origin = `http://127.0.0.1:${server.port}`;
  return { origin, paths, [Symbol.asyncDispose]: () => server.stop(true) };
}

function metadata(resource: string, more: Record<string, unknown> = {}): Response {
  const base = {
    resource,
    authorization_servers: [`https://login.microsoftonline.com/${tenantId}/v2.0`],
    scopes_supported: [scope],
    entra_public_client_id: clientId,
  };
  return Response.json({ ...base, ...more });
}

describe("discoverAuthorization", () => {
  test("reads the metadata below the path", async () => {
    await using server = startServer({ [`${wellKnown}/mcp`]: (origin) => metadata(`${origin}/mcp`) });
    expect(await discoverAuthorization(`${server.origin}/mcp`)).toEqual({
      resource: `${server.origin}/mcp`,
      authority: { loginUrl: "https://login.microsoftonline.com", tenant: tenantId },
      issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      scope,
      clientId,
    });
    expect(server.paths).toEqual([`${wellKnown}/mcp`]);
  });

  test("reads it at the root where there is none below the path", async () => {
    await using server = startServer({ [wellKnown]: (origin) => metadata(`${origin}/mcp`) });
    expect(await discoverAuthorization(`${server.origin}/mcp/`)).toBeDefined();
    expect(server.paths).toEqual([`${wellKnown}/mcp`, wellKnown]);
  });

  test.each([
    ["404", () => new Response("", { status: 404 })],
    ["401", () => new Response("", { status: 401 })],
    ["a start page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
  ])("finds nothing where the server answers %s everywhere", async (_title, answer) => {
    await using server = startServer({ [wellKnown]: answer, [`${wellKnown}/mcp`]: answer });
    expect(await discoverAuthorization(`${server.origin}/mcp`)).toBeUndefined();
  });

  test.each([
    ["/mcp", "/mcp", true],
    ["/mcp", "/mcp/", true],
    ["/mcp/", "/mcp", true],
    ["/mcp", "", true],
    ["/mcp", "/", true],
    ["/a/mcp", "/a", false],
    ["/mcp", "/mcp2", false],
    ["/mcp", "/MCP", false],
    ["/mcp", "/mcp?x=1", false],
    ["/mcp", "/mcp#x", false],
    ["/", "/mcp", false],
  ])("for %s takes metadata about %p: %p", async (path, resource, isTaken) => {
    const answer = (origin: string) => metadata(`${origin}${resource}`);
    await using server = startServer({ [wellKnown]: answer });
    const discovered = discoverAuthorization(`${server.origin}${path}`);
    if (isTaken) expect(await discovered).toBeDefined();
    else expect((await catchAppError(() => discovered)).code).toBe("untrusted_destination");
  });

  test.each([
    ["another host's", "https://other.example/mcp"],
    ["another scheme's", "https://127.0.0.1/mcp"],
    ["no URL", "mcp"],
    ["no text", 7],
    ["missing", undefined],
  ])("refuses metadata whose resource is %s", async (_title, resource) => {
    await using server = startServer({ [wellKnown]: () => metadata("", { resource }) });
    const error = await catchAppError(() => discoverAuthorization(`${server.origin}/mcp`));
    expect([error.code, error.exitCode]).toEqual(["untrusted_destination", 3]);
  });

  test("prefers an authorization server that can be used and drops the scopes of OpenID Connect", async () => {
    await using server = startServer({
      [wellKnown]: (origin) =>
        metadata(origin, {
          authorization_servers: [
            "https://other.example",
            `https://login.microsoftonline.us/${tenantId}/v2.0`,
          ],
          scopes_supported: ["openid", "offline_access", scope, "api://x/y", 7],
          entra_public_client_id: "not a GUID",
        }),
    });
    expect(await discoverAuthorization(server.origin)).toMatchObject({
      authority: { loginUrl: "https://login.microsoftonline.us" },
      scope: `${scope} api://x/y`,
      clientId: undefined,
    });
  });

  test("names an authorization server that cannot be used, and does without any", async () => {
    await using server = startServer({
      [`${wellKnown}/a`]: (origin) => metadata(origin, { authorization_servers: ["https://other.example"] }),
      [`${wellKnown}/b`]: (origin) => metadata(origin, { authorization_servers: 7, scopes_supported: [] }),
    });
    const other = await discoverAuthorization(`${server.origin}/a`);
    expect(other).toMatchObject({ authority: undefined, issuer: "https://other.example" });
    const none = await discoverAuthorization(`${server.origin}/b`);
    expect(none).toMatchObject({ authority: undefined, issuer: "", scope: undefined });
  });

  test.each([
    ["text that is not JSON", () => new Response("{", { headers: { "content-type": "application/json" } })],
    ["a list", () => Response.json([])],
    ["more than 64 KiB", () => Response.json({ x: "x".repeat(70_000) })],
  ])("says that metadata cannot be used when it is %s", async (_title, answer) => {
    await using server = startServer({ [wellKnown]: answer });
    const error = await catchAppError(() => discoverAuthorization(server.origin));
    expect([error.code, error.exitCode]).toEqual(["protocol_error", 6]);
  });

  test("follows a redirect within the origin only", async () => {
    await using other = startServer({ "/x": (origin) => metadata(origin) });
    await using server = startServer({
      [`${wellKnown}/a`]: () => Response.redirect("/moved", 307),
      "/moved": (origin) => metadata(`${origin}/a`),
      [`${wellKnown}/b`]: () => Response.redirect(`${other.origin}/x`, 307),
      [`${wellKnown}/c`]: () => Response.redirect(`${wellKnown}/c`, 307),
    });
    expect(await discoverAuthorization(`${server.origin}/a`)).toBeDefined();
    for (const path of ["/b", "/c"]) {
      const error = await catchAppError(() => discoverAuthorization(`${server.origin}${path}`));
      expect(error.code).toBe("untrusted_destination");
    }
    expect(other.paths).toEqual([]);
    expect(server.paths.length).toBeLessThan(10);
  });

  test("tells a failing server from one that cannot be reached", async () => {
    const server = startServer({ [wellKnown]: () => new Response("", { status: 503 }) });
    expect((await catchAppError(() => discoverAuthorization(server.origin))).code).toBe("server_failed");
    await server[Symbol.asyncDispose]();
    const error = await catchAppError(() => discoverAuthorization(server.origin));
    expect([error.code, error.exitCode]).toEqual(["unreachable", 4]);
  });

  test("ends at once with the caller's reason", async () => {
    const abort = new AbortController();
    const reason = new Error("stop");
    const held = Promise.withResolvers<Response>();
    await using server = startServer({
      [wellKnown]: () => {
        abort.abort(reason);
        return held.promise;
      },
    });
    await expect(discoverAuthorization(server.origin, { signal: abort.signal })).rejects.toBe(reason);
    held.resolve(new Response());
  });
});
