import { beforeAll, describe, expect, test } from "bun:test";
import { postForm } from "../../lib/auth/client/msal-network.ts";
import { hasOpenssl } from "../harness/certificates.ts";
import { type CertificateKind, makeAuthority, startTlsServer } from "../harness/tls-server.ts";
import { catchAppError } from "./fixtures.ts";

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
