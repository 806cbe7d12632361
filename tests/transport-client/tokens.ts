import type { AccessTokens } from "../../lib/transport/client/connect.ts";

/** Tokens from a list: a rejected one makes the next one current. Remembers what it was asked. */
export function listedTokens(...values: string[]) {
  const asked: (string | undefined)[] = [];
  let current = 0;
  const tokens: AccessTokens = {
    async getToken({ rejected } = {}) {
      asked.push(rejected);
      if (rejected !== undefined && rejected === values[current])
        current = Math.min(current + 1, values.length - 1);
      return { value: values[current] ?? "", expiresAtSeconds: 4_000_000_000 };
    },
  };
  const renewals = () => asked.filter((rejected) => rejected !== undefined);
  return { tokens, renewals };
}

/** Answers 401 to every token but those that are good now. */
export function bearerCheck(good: Set<string>, challenge = 'Bearer error="invalid_token"') {
  return (request: Request): Response | undefined => {
    const token = request.headers.get("authorization")?.replace(/^Bearer /, "");
    if (token !== undefined && good.has(token)) return undefined;
    return new Response("no", { status: 401, headers: { "www-authenticate": challenge } });
  };
}
