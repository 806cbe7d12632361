import { describe, expect, test } from "bun:test";
import { readBearerToken } from "../../lib/auth/server/bearer.ts";
import { toRefusal } from "../../lib/auth/server/challenge.ts";
import { describeResource, metadataUrlOf } from "../../lib/auth/server/resource-metadata.ts";
import { AppError, type ErrorCode } from "../../lib/base/errors.ts";

function codeOf(authorization: string | null): string {
  try {
    return `token ${readBearerToken(authorization)}`;
  } catch (error) {
    return error instanceof AppError ? error.code : "unexpected";
  }
}

describe("the Authorization header", () => {
  test.each([
    [null, "missing_token"],
    ["", "missing_token"],
    ["Basic abc", "missing_token"],
    ["Bearerabc", "missing_token"],
    ["Bearer abc", "token abc"],
    ["BEARER a-._~+/b==", "token a-._~+/b=="],
    ["Bearer", "malformed_authorization"],
    [" Bearer abc", "malformed_authorization"],
    ["Bearer abc ", "malformed_authorization"],
    ["Bearer\tabc", "missing_token"],
    ["Bearer a=b", "malformed_authorization"],
    ["Bearer abc, Bearer def", "malformed_authorization"],
    [`Bearer ${"a".repeat(16_384 - 7)}`, `token ${"a".repeat(16_384 - 7)}`],
    [`Bearer ${"a".repeat(16_384 - 6)}`, "malformed_authorization"],
  ])("%p is read as %s", (authorization, outcome) => {
    expect(codeOf(authorization)).toBe(outcome);
  });
});

describe("a refusal", () => {
  const metadataUrl = "https://mcp.contoso.com/.well-known/oauth-protected-resource/mcp";
  const options = { metadataUrl, scopes: ["api://x/execute", "api://x/read"] };
  const tail = `scope="api://x/execute api://x/read", resource_metadata="${metadataUrl}"`;

  test.each([
    ["missing_token", 401, undefined, `Bearer ${tail}`],
    [
      "malformed_authorization",
      400,
      "invalid_request",
      `Bearer error="invalid_request", error_description="malformed_authorization: Why.", ${tail}`,
    ],
    [
      "token_expired",
      401,
      "invalid_token",
      `Bearer error="invalid_token", error_description="token_expired: Why.", ${tail}`,
    ],
    [
      "insufficient_scope",
      403,
      "insufficient_scope",
      `Bearer error="insufficient_scope", error_description="insufficient_scope: Why.", ${tail}`,
    ],
    [
      "app_only_token",
      403,
      "access_denied",
      `Bearer error="access_denied", error_description="app_only_token: Why.", ${tail}`,
    ],
    ["keys_unavailable", 503, "temporarily_unavailable", null],
  ] satisfies [ErrorCode, number, string | undefined, string | null][])(
    "for %s is %p with its challenge",
    async (code, status, error, challenge) => {
      const response = toRefusal(new AppError(code, "Why."), options);
      expect(response.status).toBe(status);
      expect(response.headers.get("www-authenticate")).toBe(challenge);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
      expect(await response.json()).toEqual({
        ...(error === undefined ? {} : { error }),
        error_description: `${code}: Why.`,
        reason: code,
      });
    },
  );

  test("says when a retry makes sense", () => {
    const error = new AppError("keys_unavailable", "Why.", { retryAfterSeconds: 300 });
    expect(toRefusal(error, options).headers.get("retry-after")).toBe("300");
  });

  test("keeps to the characters that a challenge may have", () => {
    const error = new AppError("wrong_audience", 'The token is for "a\\b\r\nSet-Cookie: x=\u00e9".');
    expect(toRefusal(error, options).headers.get("www-authenticate")).toStartWith(
      `Bearer error="invalid_token", error_description="wrong_audience: The token is for 'a?b??Set-Cookie: x=?'.", scope=`,
    );
  });
});

describe("the protected-resource metadata", () => {
  test.each([
    ["https://mcp.contoso.com/mcp", "https://mcp.contoso.com/.well-known/oauth-protected-resource/mcp"],
    ["https://mcp.contoso.com/mcp/", "https://mcp.contoso.com/.well-known/oauth-protected-resource/mcp"],
    ["https://mcp.contoso.com/", "https://mcp.contoso.com/.well-known/oauth-protected-resource"],
    ["http://localhost:8000/a/b", "http://localhost:8000/.well-known/oauth-protected-resource/a/b"],
  ])("of %s lie at %s", (resource, url) => {
    expect(metadataUrlOf(resource)).toBe(url);
  });

  test("name resource, issuer and scopes, and the public client where there is one", () => {
    const facts = { resource: "https://r/mcp", issuers: ["https://i/v2.0"], scopes: ["api://x/execute"] };
    const document = {
      resource: "https://r/mcp",
      authorization_servers: ["https://i/v2.0"],
      scopes_supported: ["api://x/execute"],
      bearer_methods_supported: ["header"],
      resource_name: "mcp-server",
    };
    expect(describeResource({ ...facts, publicClientId: undefined })).toEqual(document);
    expect(describeResource({ ...facts, publicClientId: "id" })).toEqual({
      ...document,
      entra_public_client_id: "id",
    });
  });
});
