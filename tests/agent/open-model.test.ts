import { describe, expect, test } from "bun:test";
import { AppError } from "../../lib/base/errors.ts";
import type { ModelOptions } from "../../lib/agent/model-options.ts";
import { openModel } from "../../lib/agent/open-model.ts";
import { redactKey } from "../../lib/agent/redact-key.ts";
import { refuse, say, startOpenAiServer } from "./openai-server.ts";
import { failureOf } from "../transport-client/settled.ts";
import { echoTool } from "./stepping-tool.ts";
import { apiKey, startTalk } from "./talk.ts";

function failureToOpen(options: Partial<ModelOptions>): AppError {
  try {
    openModel({ model: undefined, baseUrl: undefined, apiKey: undefined, ...options });
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error("It was expected to fail.");
}

describe("opening a model", () => {
  test("without a key and a base URL fails and names all ways", () => {
    const error = failureToOpen({ model: "gpt" });
    expect([error.code, error.exitCode]).toEqual(["invalid_config", 2]);
    expect(error.message).toBe("There is neither an API key nor a base URL for the model.");
    for (const way of ["OPENAI_API_KEY", "--base-url", "Ollama", "--model scripted"])
      expect(error.hint).toContain(way);
  });

  test.each([undefined, ""])("without a name (%p) fails and names the flag", (model) => {
    const error = failureToOpen({ model, apiKey });
    expect(error.code).toBe("invalid_config");
    expect(error.hint).toContain("--model");
  });

  test.each(["", "sk-a\nsk-b", "sk-ä", "sk a"])(
    "with a key that cannot be one (%j) fails, and does not show it",
    (key) => {
      const error = failureToOpen({ model: "m", apiKey: key });
      expect(error.code).toBe("invalid_config");
      expect(`${error.message} ${error.hint}`).not.toContain("sk");
    },
  );

  test("with a base URL that is none fails", () => {
    expect(failureToOpen({ model: "m", baseUrl: "localhost:11434" }).code).toBe("invalid_config");
  });

  test("scripted needs neither", () => {
    expect(openModel({ model: "scripted", baseUrl: undefined, apiKey: undefined })).toMatchObject({
      modelId: "scripted",
    });
  });
});

describe("a request to a model", () => {
  test("goes to the base URL with the key, and asks for a stream with usage", async () => {
    await using talk = await startTalk([echoTool], [say({ text: ["ok"] })]);
    await talk.runTurn("hi");
    const [request] = talk.modelServer.requests;
    expect(request?.path).toBe("/v1/chat/completions");
    expect(request?.headers.get("authorization")).toBe(`Bearer ${apiKey}`);
    expect(request?.body).toMatchObject({
      model: "test-model",
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test.each([undefined, "sk-of-the-environment"])(
    "carries no key when there is none, with %p in the environment",
    async (environmentKey) => {
      await using server = startOpenAiServer(say({ text: ["ok"] }), refuse(401));
      const { env } = process;
      if (environmentKey !== undefined) env["OPENAI_API_KEY"] = environmentKey;
      env["OPENAI_BASE_URL"] = "http://127.0.0.1:9/v1";
      try {
        const model = openModel({ model: "m", baseUrl: `${server.url}/`, apiKey: undefined });
        await using talk = await startTalk([echoTool], [], { model });
        await talk.runTurn("hi");
        expect(server.requests[0]?.headers.get("authorization")).toBeNull();
        const error = await failureOf(talk.runTurn("hi"));
        expect(error.message).toContain("wants an API key");
        expect(error.hint).toContain("OPENAI_API_KEY");
      } finally {
        delete env["OPENAI_API_KEY"];
        delete env["OPENAI_BASE_URL"];
      }
    },
  );

  test("does not follow a redirect with the key", async () => {
    await using elsewhere = startOpenAiServer(say({ text: ["stolen"] }));
    const headers = { location: `${elsewhere.url}/chat/completions` };
    await using talk = await startTalk([echoTool], [refuse(307, { headers })]);
    expect((await failureOf(talk.runTurn("hi"))).code).toBe("model_failed");
    expect(elsewhere.requests).toHaveLength(0);
  });
});

test("the SDK's warnings go to the log alone", async () => {
  const warned: unknown[] = [];
  const listener = (warning: Error) => void warned.push(warning.message);
  process.on("warning", listener);
  const connection = {
    listTools: async () => [
      { name: "it", inputSchema: { type: "object", propertyNames: { pattern: "^a" } } },
    ],
    callTool: () => Promise.reject(new Error("not called")),
  };
  await using talk = await startTalk([], [say({ text: ["ok"] })], { connection });
  await talk.runTurn("hi");
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listener);
  expect(warned).toEqual([]);
  expect(talk.lines.join("\n")).toContain("propertyNames");
});

test.each([
  [`bad ${apiKey}`, "bad (key)"],
  [`bad key="${apiKey}", sorry`, 'bad key="(key)", sorry'],
  [`it ends in ${apiKey.slice(-8)}.`, "it ends in (key)"],
  ["sk-pr**********1234 is wrong", "(key) is wrong"],
  ["Bearer abc is wrong", "(key) is wrong"],
  ["eyJ0eXAiOiJKV1Qi.eyJhdWQiOiJ4In0.c2ln-_ is wrong", "(key) is wrong"],
  ["the model is busy", "the model is busy"],
])("takes the key out of %p", (text, expected) => {
  expect(redactKey(text, apiKey)).toBe(expected);
});
