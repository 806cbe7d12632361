import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { refuse, say, startOpenAiServer } from "../agent/openai-server.ts";
import { createFolder, runProgram, startProgram } from "../harness/program.ts";
import { recordSecrets } from "../harness/recorder.ts";

const tenantId = "11111111-2222-4333-8444-555555555555";
const clientId = "cccccccc-2222-4333-8444-555555555555";

async function startOpenServer() {
  const server = startProgram("mcp-server", { args: ["--no-auth", "--port", "0", "--reverse-seconds", "0"] });
  const [, url = ""] = await server.waitForStderr(/Endpoint\s+(http\S+)/);
  return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A folder in whose token cache somebody has signed in at Azure OpenAI. */
function createSignedInFolder(): { readonly folder: string; readonly token: string } {
  const folder = createFolder();
  const token = `fake-token-${crypto.randomUUID()}`;
  recordSecrets([token]);
  const shared = { home_account_id: "ada.t", environment: "login.windows.net", realm: tenantId };
  const account = {
    ...shared,
    local_account_id: "ada",
    username: "ada@example.com",
    authority_type: "MSSTS",
  };
  const accessToken = {
    ...shared,
    client_id: clientId,
    credential_type: "AccessToken",
    secret: token,
    target: "https://cognitiveservices.azure.com/.default",
    cached_at: `${Math.floor(Date.now() / 1000)}`,
    expires_on: `${Math.floor(Date.now() / 1000) + 3600}`,
    token_type: "Bearer",
  };
  const cache = { Account: { a: account }, AccessToken: { t: accessToken } };
  writeFileSync(join(folder, ".token_cache.json"), JSON.stringify(cache), { mode: 0o600 });
  return { folder, token };
}

const call = { name: "reverse_tool", args: { query: "abc" }, id: "call_1" };
const replies = () => [say({ reasoning: ["Hm."], calls: [call] }), say({ text: ["It is cba."] })];

describe("a turn", () => {
  test("over the Responses API", async () => {
    await using open = await startOpenServer();
    await using model = startOpenAiServer(...replies());
    const { exitCode, stdout } = await runProgram("mcp-agent", {
      args: [
        "-n",
        "--url",
        open.url,
        "--base-url",
        model.url,
        "--model",
        "m",
        "--api",
        "responses",
        "-p",
        "go",
      ],
    });
    expect([exitCode, stdout.trim()]).toEqual([0, "It is cba."]);
    expect(model.requests.map(({ path }) => path)).toEqual(["/v1/responses", "/v1/responses"]);
  });

  test("ends with exit code 1 after --max-steps answers", async () => {
    await using open = await startOpenServer();
    await using model = startOpenAiServer(...replies());
    const { exitCode, stderr } = await runProgram("mcp-agent", {
      args: [
        "-n",
        "--url",
        open.url,
        "--base-url",
        model.url,
        "--model",
        "m",
        "--max-steps",
        "1",
        "-p",
        "go",
      ],
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("all the steps");
    expect(model.requests).toHaveLength(1);
  });

  test("says whose server does not listen", async () => {
    await using open = await startOpenServer();
    const gone = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    const baseUrl = `http://127.0.0.1:${gone.port}/v1`;
    await gone.stop(true);
    const { exitCode, stderr } = await runProgram("mcp-agent", {
      args: ["-n", "--url", open.url, "--base-url", baseUrl, "--model", "m", "-p", "go"],
    });
    expect(exitCode).toBe(4);
    expect(stderr).toContain("The model's server does not answer");
  });
});

describe("--model-auth entra", () => {
  const identity = ["--tenant-id", tenantId, "--client-id", clientId, "--model-auth", "entra"];

  test("shows the model the token of who is signed in, and never the key", async () => {
    await using open = await startOpenServer();
    await using model = startOpenAiServer(...replies());
    const { folder, token } = createSignedInFolder();
    const key = `sk-test-${crypto.randomUUID()}`;
    recordSecrets([key]);
    const { exitCode, stdout, stderr } = await runProgram("mcp-agent", {
      args: ["-n", "--url", open.url, "--base-url", model.url, "--model", "m", ...identity, "-p", "go"],
      env: { OPENAI_API_KEY: key },
      folder,
    });
    expect([exitCode, stdout.trim(), stderr]).toEqual([0, "It is cba.", expect.any(String)]);
    const sent = model.requests.map(({ headers }) => headers.get("authorization"));
    expect(sent).toEqual([`Bearer ${token}`, `Bearer ${token}`]);
  });

  test.each([
    ["nobody is signed in", identity, 3, /Start mcp-agent on a terminal/],
    ["no tenant is known", ["--model-auth", "entra"], 2, /--tenant-id and --client-id/],
  ])("fails at once where %s and nobody can be asked", async (_, args, code, said) => {
    await using open = await startOpenServer();
    await using model = startOpenAiServer(refuse(500));
    const { exitCode, stderr } = await runProgram("mcp-agent", {
      args: ["-n", "--url", open.url, "--base-url", model.url, "--model", "m", ...args, "-p", "go"],
    });
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(said);
    expect(model.requests).toEqual([]);
  });

  test("sends no token to a host that is not Azure's", async () => {
    const { exitCode, stderr } = await runProgram("mcp-agent", {
      args: ["-n", "--base-url", "https://api.example.com/v1", "--model", "m", ...identity, "-p", "go"],
    });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("not Azure OpenAI");
  });
});
