import { describe, expect, test } from "bun:test";
import {
  type AuthorizedRequest,
  pauseForTokens,
  sendAuthorized,
} from "../../lib/transport/client/authorize.ts";
import type { AccessTokenRequest, AccessTokens } from "../../lib/transport/client/connect.ts";
import { Operation } from "../../lib/transport/client/operation.ts";
import { failureOf } from "./settled.ts";

const unauthorized = () => new Response("", { status: 401, headers: { "www-authenticate": "Bearer" } });
const tooNarrow = (scope: string) => {
  const value = `Bearer error="insufficient_scope", scope="${scope}"`;
  return new Response("", { status: 403, headers: { "www-authenticate": value } });
};
const token = (value: string) => ({ value, expiresAtSeconds: 4_000_000_000 });

/** Sends through a server that answers in turn, and remembers the tokens that it saw. */
async function send(answers: Response[], tokens: AccessTokens, more: Partial<AuthorizedRequest> = {}) {
  const sent: (string | null)[] = [];
  const request = { headers: new Headers(), signal: new AbortController().signal, ...more };
  const response = await sendAuthorized(request, tokens, async (headers) => {
    sent.push(headers.get("authorization"));
    return answers.shift() ?? new Response("ok");
  });
  return { response, sent };
}

/** Has no token until it is challenged; each wish for more gives the next one. */
function challengedTokens() {
  const requests: AccessTokenRequest[] = [];
  const widened: string[] = [];
  const tokens: AccessTokens = {
    async getToken(request = {}) {
      requests.push(request);
      return request.challenged ? token("A") : undefined;
    },
    async widenToken({ used }) {
      widened.push(used);
      return token(`${used}+`);
    },
  };
  return { tokens, requests, widened };
}

describe("a request", () => {
  test("without a token goes out bare, and again with the token that the 401 led to", async () => {
    const { tokens, requests } = challengedTokens();
    const { response, sent } = await send([unauthorized()], tokens);
    expect(response.status).toBe(200);
    expect(sent).toEqual([null, "Bearer A"]);
    expect(requests.map(({ challenged, rejected }) => [challenged?.status, rejected])).toEqual([
      [undefined, undefined],
      [401, undefined],
    ]);
  });

  test("that nobody waits for asks nobody", async () => {
    const { tokens, requests, widened } = challengedTokens();
    const error = await failureOf(send([unauthorized()], tokens, { isAside: true }));
    expect(error.code).toBe("token_refused");
    expect(requests.some(({ challenged }) => challenged)).toBe(false);
    const { tokens: known } = { tokens: { ...tokens, getToken: async () => token("A") } };
    expect((await send([tooNarrow("x")], known, { isAside: true })).response.status).toBe(403);
    expect(widened).toEqual([]);
  });

  test("is sent again with a wider token after a 403 that asks for scope", async () => {
    const { tokens, widened } = challengedTokens();
    const { response, sent } = await send([unauthorized(), tooNarrow("x")], tokens);
    expect(response.status).toBe(200);
    expect(sent).toEqual([null, "Bearer A", "Bearer A+"]);
    expect(widened).toEqual(["A"]);
  });

  test("is widened three times at most", async () => {
    const { tokens, widened } = challengedTokens();
    const answers = [unauthorized(), ...Array.from({ length: 9 }, () => tooNarrow("x"))];
    expect((await send(answers, tokens)).response.status).toBe(403);
    expect(widened).toEqual(["A", "A+", "A++"]);
  });

  test.each([
    ["another 403", new Response("", { status: 403 })],
    [
      "a 403 with another error",
      new Response("", { status: 403, headers: { "www-authenticate": 'Bearer error="invalid_token"' } }),
    ],
  ])("is not widened for %s", async (_, denied) => {
    const { tokens, widened } = challengedTokens();
    expect((await send([unauthorized(), denied], tokens)).response.status).toBe(403);
    expect(widened).toEqual([]);
  });

  test("keeps its 403 where scopes are fixed, or no wider token is to be had", async () => {
    const fixed: AccessTokens = { getToken: async () => token("A") };
    expect((await send([tooNarrow("x")], fixed)).response.status).toBe(403);
    const none: AccessTokens = { ...fixed, widenToken: async () => undefined };
    expect((await send([tooNarrow("x")], none)).response.status).toBe(403);
  });
});

test("the idle time stands still while a token is got, and starts anew after it", async () => {
  const operation = new Operation(
    { subject: "It", hasEffects: false },
    { idleTimeoutMs: 5, maxTimeMs: 60_000 },
  );
  const gate = Promise.withResolvers<void>();
  const slow: AccessTokens = {
    async getToken() {
      await gate.promise;
      return token("A");
    },
  };
  const got = pauseForTokens(slow, operation).getToken();
  await Bun.sleep(30);
  expect(operation.failure).toBeUndefined();
  gate.resolve();
  await got;
  await new Promise((resolve) => operation.signal.addEventListener("abort", resolve));
  expect(operation.failure?.code).toBe("timeout");
});
