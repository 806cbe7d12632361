import { describe, expect, test } from "bun:test";
import { createCors } from "../../lib/transport/server/cors.ts";
import { expectProblem, startRest } from "../web/rest-server.ts";

const page = "https://app.contoso.com";
const cors = createCors([`${page.toUpperCase()}/`]);
/** As `mcp-server` composes it: such origins may send requests, too. */
const open = () => startRest({ cors, allowedOrigins: [page], openRoutes: answerWellKnown });

function answerWellKnown(_: Request, path: string): Response | undefined {
  return path.startsWith("/.well-known/") ? Response.json({ resource: "x" }) : undefined;
}

const preflight = (origin: string) => ({
  method: "OPTIONS",
  headers: {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,mcp-session-id",
  },
});

const wellKnown = "/.well-known/oauth-protected-resource";
const paths = [
  "/mcp",
  "/api/tools",
  "/api/tools/reverse_tool",
  "/api/config",
  "/reverse",
  wellKnown,
] as const;

describe("a page of an origin on the list", () => {
  test.each([...paths])("may ask whether it may send to %s, without a token", async (path) => {
    await using server = open();
    const response = await fetch(server.origin + path, preflight(page));
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(page);
    const allowed = response.headers.get("access-control-allow-headers")?.split(", ");
    expect(allowed).toContain("authorization");
    expect(allowed).toContain("content-type");
    expect(allowed).toContain("mcp-session-id");
    expect(allowed).not.toContain("*");
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    expect(response.headers.get("vary")).toContain("Origin");
  });

  test.each([
    ["/api/config", {}, 200],
    ["/api/tools", {}, 401],
    ["/api/tools", { authorization: "Bearer alice" }, 200],
    ["/mcp", {}, 401],
    ["/mcp", { authorization: "Bearer alice" }, 400],
    ["/nowhere", {}, 404],
    [wellKnown, {}, 200],
  ])("reads the answer of %s with %p: %p", async (path, headers, status) => {
    await using server = open();
    const response = await fetch(server.origin + path, { headers: { origin: page, ...headers } });
    expect(response.status).toBe(status);
    expect(response.headers.get("access-control-allow-origin")).toBe(page);
    const exposed = response.headers.get("access-control-expose-headers")?.split(", ");
    expect(exposed).toEqual(expect.arrayContaining(["WWW-Authenticate", "Mcp-Session-Id", "Retry-After"]));
    expect(response.headers.get("vary")).toBe("Origin");
  });
});

describe("a page of another origin", () => {
  test.each([
    "https://evil.example",
    "null",
    "https://app.contoso.com.evil.example",
    "http://app.contoso.com",
  ])("%s reads nothing, and may not send", async (origin) => {
    await using server = open();
    for (const init of [preflight(origin), { headers: { origin } }]) {
      const response = await fetch(`${server.origin}/api/config`, init);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(response.headers.get("vary")).toBe("Origin");
      await expectProblem(response, 403, "forbidden_origin");
    }
  });

  test("of this machine may send, but reads nothing unless it is on the list", async () => {
    await using server = open();
    const origin = "http://localhost:5173";
    const answer = await fetch(`${server.origin}/api/config`, { headers: { origin } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    const asked = await fetch(`${server.origin}/api/config`, preflight(origin));
    expect(asked.headers.get("access-control-allow-methods")).toBeNull();
    await expectProblem(asked, 405, "method_not_allowed");
  });
});

describe("without a list", () => {
  test.each([...paths])("nothing of %s is for other pages", async (path) => {
    await using server = startRest({ allowedOrigins: [page] });
    for (const init of [preflight(page), { headers: { origin: page } }]) {
      const response = await fetch(server.origin + path, init);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(response.headers.get("vary")).toBeNull();
      expect(response.status).not.toBe(204);
      await response.text();
    }
  });
});

test("OPTIONS that is no preflight needs a token as everything does", async () => {
  await using server = open();
  const response = await fetch(`${server.origin}/api/tools`, {
    method: "OPTIONS",
    headers: { origin: page },
  });
  await expectProblem(response, 401, "missing_token");
});
