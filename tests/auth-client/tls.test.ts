import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { discoverAuthorization } from "../../lib/auth/client/discover.ts";
import { postForm } from "../../lib/auth/client/msal-network.ts";
import { createOAuthFetch } from "../../lib/auth/client/oauth/guarded-fetch.ts";
import { connect } from "../../lib/transport/client/connect.ts";
import { hasOpenssl } from "../harness/certificates.ts";
import { type CertificateKind, makeAuthority, startTlsServer } from "../harness/tls-server.ts";
import { catchAppError } from "./fixtures.ts";

const token = { value: "not-a-real-token", expiresAtSeconds: 4_102_444_800 };

describe.skipIf(!hasOpenssl)("NODE_TLS_REJECT_UNAUTHORIZED=0 (needs openssl)", () => {
  const authority = hasOpenssl ? makeAuthority() : undefined;
  beforeAll(() => {
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  });
  afterAll(() => {
    delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  });

  const asking: readonly (readonly [string, (url: string) => Promise<unknown>])[] = [
    ["MSAL's network", (url) => postForm(url, "a=b", {})],
    ["the metadata of a server", (url) => discoverAuthorization(`${url}mcp`)],
    [
      "the SDK's OAuth code",
      (url) => createOAuthFetch({ server: new URL(url) })(url, { method: "POST", body: "a=b" }),
    ],
    ["the transport", (url) => connect({ url, tokens: { getToken: async () => token } })],
  ];

  test.each([...asking])("lets %s talk to nobody without a good certificate", async (_, ask) => {
    let isAsked = false;
    const certificate = authority?.issue("self-signed") ?? { certificate: "", key: "" };
    await using server = startTlsServer(certificate, () => {
      isAsked = true;
      return new Response("{}");
    });
    const url = `https://localhost:${server.port}/`;
    const error = await catchAppError(() => ask(url));
    expect([error.code, isAsked]).toEqual(["unreachable", false]);
    expect(error.message).toContain("signed by itself");
    // The variable does what it says to a request that nobody guards.
    expect((await fetch(url)).status).toBe(200);
  });
});

describe.skipIf(!hasOpenssl)("the sign-in service over TLS (needs openssl)", () => {
  let authority: ReturnType<typeof makeAuthority>;
  beforeAll(() => {
    authority = makeAuthority();
  });

  const trusting = (url: string, init: RequestInit) =>
    fetch(url, { ...init, tls: { ca: authority.certificate } });

  test("answers to a client that trusts its authority", async () => {
    await using server = startTlsServer(authority.issue("good"), () => Response.json({ a: 1 }));
    const { body } = await postForm(`https://localhost:${server.port}/`, "a=b", { fetch: trusting });
    expect(body).toEqual({ a: 1 });
  });

  test.each<[CertificateKind, string, string]>([
    ["self-signed", "signed by itself", "--ca-cert"],
    ["expired", "has expired", "clock"],
    ["future", "not valid yet", "clock"],
    ["other-name", "another name", "the name"],
    ["other-authority", "issuer is not known", "--ca-cert"],
  ])("gets no secret when its certificate is %s, and the remedy is named", async (kind, says, hint) => {
    let isAsked = false;
    await using server = startTlsServer(authority.issue(kind), () => {
      isAsked = true;
      return new Response();
    });
    const url = `https://localhost:${server.port}/`;
    const error = await catchAppError(() => postForm(url, "a=b", { fetch: trusting }));
    expect([error.code, error.exitCode, isAsked]).toEqual(["unreachable", 4, false]);
    expect(error.message).toContain(says);
    expect(error.hint).toContain(hint);
  });
});
