import { describe, expect, test } from "bun:test";
import { openModel } from "../../lib/agent/open-model.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { AccessTokenRequest } from "../../lib/transport/client/contract.ts";
import { failureOf } from "../transport-client/settled.ts";
import { refuse, type Reply, say, type SeenRequest, startOpenAiServer } from "./openai-server.ts";
import { echoTool } from "./stepping-tool.ts";
import { startTalk } from "./talk.ts";

/** A source that gives `token-1`, and the next one for each that was refused. */
function createTokens(renewals = Infinity) {
  const requests: AccessTokenRequest[] = [];
  let current = 1;
  return {
    requests,
    async getToken(request: AccessTokenRequest = {}) {
      requests.push(request);
      if (request.rejected === `token-${current}` && current <= renewals) current += 1;
      return { value: `token-${current}`, expiresAtSeconds: 4_000_000_000 };
    },
  };
}

/** Refuses a token as Azure does; answers whoever brings another one. */
const refusing =
  (token: string, reply: Reply): Reply =>
  (request: SeenRequest) =>
    request.headers.get("authorization") === `Bearer ${token}` ? refuse(401)(request) : reply(request);

async function startSignedIn(tokens: ReturnType<typeof createTokens>, ...replies: Reply[]) {
  const modelServer = startOpenAiServer(...replies);
  const model = openModel({ model: "m", baseUrl: modelServer.url, apiKey: undefined, tokens });
  const talk = await startTalk([echoTool], [], { model });
  const authorizations = () => modelServer.requests.map(({ headers }) => headers.get("authorization"));
  return {
    ...talk,
    authorizations,
    async [Symbol.asyncDispose]() {
      await talk[Symbol.asyncDispose]();
      await modelServer[Symbol.asyncDispose]();
    },
  };
}

const ok = say({ text: ["ok"] });

describe("a model that is signed in to", () => {
  test("gets a token in place of a key, asked for before each request", async () => {
    const tokens = createTokens();
    const call = say({ calls: [{ name: "echo_tool", args: {} }] });
    await using talk = await startSignedIn(tokens, call, ok);
    await talk.runTurn("go");
    expect(talk.authorizations()).toEqual(["Bearer token-1", "Bearer token-1"]);
    expect(tokens.requests.every(({ signal }) => signal instanceof AbortSignal)).toBe(true);
  });

  test("gets another one, once, when it refuses the first", async () => {
    const tokens = createTokens();
    const reply = refusing("token-1", ok);
    await using talk = await startSignedIn(tokens, reply, reply);
    expect((await talk.runTurn("go")).text).toBe("ok");
    expect(talk.authorizations()).toEqual(["Bearer token-1", "Bearer token-2"]);
    expect(talk.ofType("model_retry")).toEqual([]);
  });

  test.each([
    ["another one, too", Infinity, ["Bearer token-1", "Bearer token-2"]],
    ["and there is no other", 0, ["Bearer token-1"]],
  ])("that refuses %s is one error, without the token", async (_, renewals, sent) => {
    const no = refuse(401, { message: "token-1 token-2" });
    await using talk = await startSignedIn(createTokens(renewals), no, no, no);
    const error = await failureOf(talk.runTurn("go"));
    expect([error.code, error.exitCode]).toEqual(["model_refused", 3]);
    expect(error.message).toContain("refused the sign-in");
    expect(`${error.message}${error.hint}`).not.toContain("token-");
    expect(talk.authorizations()).toEqual(sent);
  });

  test("for whom nobody is signed in ends the turn with that error", async () => {
    const error = new AppError("sign_in_required", "Sign in first.");
    const tokens = { ...createTokens(), getToken: () => Promise.reject(error) };
    await using talk = await startSignedIn(tokens, ok);
    expect((await failureOf(talk.runTurn("go"))).code).toBe("sign_in_required");
    expect(talk.authorizations()).toEqual([]);
  });
});

describe("a token for a model", () => {
  const open = (baseUrl: string | undefined, apiKey?: string) =>
    openModel({ model: "m", baseUrl, apiKey, tokens: createTokens() });

  test.each([
    "https://name.openai.azure.com/openai/v1",
    "https://name.cognitiveservices.azure.com/openai/v1",
    "https://name.services.ai.azure.com/openai/v1",
    "http://127.0.0.1:1234/v1",
    "http://localhost:1234/v1",
  ])("may go to %s", (baseUrl) => {
    expect(() => open(baseUrl)).not.toThrow();
  });

  test.each([
    "http://name.openai.azure.com/openai/v1",
    "https://name.openai.azure.com:8443/openai/v1",
    "https://openai.azure.com/v1",
    "https://name.openai.azure.com.example.com/v1",
    "https://nameopenai.azure.com/v1",
    "https://a.b.openai.azure.com/v1",
    "https://name.azurewebsites.net/v1",
    "https://api.openai.com/v1",
    "http://192.168.0.1/v1",
  ])("never goes to %s", (baseUrl) => {
    expect(() => open(baseUrl)).toThrow(expect.objectContaining({ code: "untrusted_destination" }));
  });

  test("needs an address, and goes beside no key", () => {
    expect(() => open(undefined)).toThrow(expect.objectContaining({ code: "invalid_config" }));
    expect(() => open("http://localhost:1/v1", "sk-1")).toThrow(
      expect.objectContaining({ code: "invalid_config" }),
    );
  });
});
