import { describe, expect, test } from "bun:test";
import { type Connection, connect, type ProtocolChoice } from "../../lib/transport/client/connect.ts";
import { audience, createIssuerKey, startOtherIssuer } from "../auth-server/other-issuer.ts";
import { startProgram } from "../harness/program.ts";
import { recordSecrets } from "../harness/recorder.ts";
import { startCuttingProxy } from "../transport-client/cutting-proxy.ts";
import { failureOf } from "../transport-client/settled.ts";

const families: readonly [protocol: ProtocolChoice, revision: string][] = [
  ["auto", "2026-07-28"],
  ["2026-07-28", "2026-07-28"],
  ["legacy", "2025-11-25"],
];

/** A compiled server that can be killed and started again at the same address. */
async function startKillable(settings: readonly string[]) {
  const launch = async (port: string) => {
    const program = startProgram("mcp-server", { args: [...settings, "--port", port] });
    const [, url = ""] = await program.waitForStderr(/Endpoint\s+(http\S+)/);
    return { program, url };
  };
  const first = await launch("0");
  let { program } = first;
  return {
    url: first.url,
    async kill() {
      program.kill("SIGKILL");
      await program.finished;
    },
    async restart() {
      ({ program } = await launch(new URL(first.url).port));
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** As {@link startKillable}, with authentication, an issuer that lives on, and a caller's token. */
async function startMortal(reverseSeconds = 0) {
  const key = await createIssuerKey("ES256", "k");
  const issuer = await startOtherIssuer(key);
  const token = await issuer.mint(key);
  recordSecrets([token]);
  const access = ["--issuer", issuer.issuer, "--audience", audience, "--algorithms", "ES256"];
  const server = await startKillable([...access, "--reverse-seconds", String(reverseSeconds)]);
  return {
    ...server,
    tokens: { getToken: async () => ({ value: token, expiresAtSeconds: Date.now() / 1000 + 600 }) },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
    },
  };
}

async function reverse(connection: Connection, query: string): Promise<unknown> {
  const progress: number[] = [];
  const onProgress = (update: { progress: number }) => void progress.push(update.progress);
  const { structuredContent } = await connection.callTool("reverse_tool", { query }, { onProgress });
  expect(progress).toEqual([0, 1, 2, 3, 4, 5]);
  return structuredContent;
}

describe.each([...families])(
  "a server that is killed (kill -9) and started again, %s",
  (protocol, revision) => {
    test("while nothing runs: the client's next call works without anybody's help", async () => {
      await using server = await startMortal();
      const connection = await connect({ url: server.url, tokens: server.tokens, protocol });
      expect(connection.protocolVersion).toBe(revision);
      expect(await reverse(connection, "abc")).toEqual({ reversed_query: "cba" });
      for (let times = 0; times < 2; times++) {
        await server.kill();
        await server.restart();
        expect(await reverse(connection, "def")).toEqual({ reversed_query: "fed" });
      }
      await connection.close();
    });

    test("while nothing runs: several next calls at once work, too", async () => {
      await using server = await startMortal();
      const connection = await connect({ url: server.url, tokens: server.tokens, protocol });
      await server.kill();
      await server.restart();
      const calls = ["ab", "cd", "ef"].map((query) => reverse(connection, query));
      expect(await Promise.all(calls)).toEqual(["ba", "dc", "fe"].map((text) => ({ reversed_query: text })));
      await connection.close();
    });

    test("while a call runs: that one says that it may have run, and the next one works", async () => {
      await using server = await startMortal(1);
      const connection = await connect({ url: server.url, tokens: server.tokens, protocol });
      const running = Promise.withResolvers<void>();
      const onProgress = () => running.resolve();
      const cut = failureOf(connection.callTool("reverse_tool", { query: "abc" }, { onProgress }));
      await running.promise;
      await server.kill();
      await server.restart();
      const error = await cut;
      expect([error.code, error.exitCode]).toEqual(["connection_lost", 4]);
      expect(error.message).toContain("it may have run");
      expect(await reverse(connection, "def")).toEqual({ reversed_query: "fed" });
      await connection.close();
    });

    test("while it is away: a call says that nobody is there, and after that the next one works", async () => {
      await using server = await startMortal();
      const connection = await connect({ url: server.url, tokens: server.tokens, protocol });
      await server.kill();
      for (let times = 0; times < 2; times++) {
        const error = await failureOf(connection.callTool("reverse_tool", { query: "abc" }));
        expect([error.code, error.exitCode]).toEqual(["unreachable", 4]);
      }
      await server.restart();
      expect(await connection.listTools()).toHaveLength(2);
      expect(await reverse(connection, "def")).toEqual({ reversed_query: "fed" });
      await connection.close();
    });

    test("and never comes back does not hold up the end", async () => {
      await using server = await startMortal();
      const connection = await connect({ url: server.url, tokens: server.tokens, protocol });
      await server.kill();
      await connection.close();
      await connection.close();
    });
  },
);

describe("a connection that is cut while a call runs", () => {
  const cutAtFirstStep = async (protocol: ProtocolChoice) => {
    await using server = await startMortal(1);
    await using proxy = await startCuttingProxy(server.url);
    const connection = await connect({ url: proxy.url, tokens: server.tokens, protocol });
    const progress: number[] = [];
    const onProgress = (update: { progress: number }) => {
      if (progress.push(update.progress) === 2) proxy.cutAll();
    };
    const call = connection.callTool("reverse_tool", { query: "abc" }, { onProgress });
    const outcome = await call.catch((error: unknown) => error);
    await connection.close();
    return { outcome, progress };
  };

  test("is taken up again in 2025-11-25, and nothing is lost or run twice", async () => {
    const { outcome, progress } = await cutAtFirstStep("legacy");
    expect(outcome).toMatchObject({ structuredContent: { reversed_query: "cba" }, isError: false });
    expect(progress).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("ends the call in 2026-07-28, which says that it may have run", async () => {
    const { outcome, progress } = await cutAtFirstStep("auto");
    expect(outcome).toMatchObject({ code: "connection_lost", exitCode: 4 });
    expect(progress).toEqual([0, 1]);
  });
});

test("mcp-agent goes on in its next turn after its server was killed (kill -9) and started again", async () => {
  await using server = await startKillable(["--no-auth", "--reverse-seconds", "0"]);
  const args = ["-n", "--url", server.url, "--model", "scripted"];
  await using agent = startProgram("mcp-agent", { args, keepsStdin: true });
  agent.write("reverse abc\n");
  await agent.waitForStdout(/cba/);
  await server.kill();
  agent.write("reverse away\n");
  await agent.waitForStdout(/failed \(/);
  await server.restart();
  agent.write("reverse def\n");
  await agent.waitForStdout(/fed/);
  agent.endStdin();
  expect((await agent.finished).exitCode).toBe(0);
});
