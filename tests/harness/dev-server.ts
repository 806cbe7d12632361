import { recordSecrets, recordText } from "./recorder.ts";
import { startProgram } from "./program.ts";

interface Secret {
  readonly kind: string;
  readonly value: string;
}

/** What the dev tenant still knows of what it minted, and how much it had to forget. */
interface Collected {
  readonly secrets: readonly Secret[];
  readonly forgotten: number;
}

export interface DevServerOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How long reverse_tool takes. */
  readonly reverseSeconds?: number;
}

/** `mcp-server --dev` as compiled, with the dev tenant's control endpoints. */
export async function startDevServer({ args = [], env = {}, reverseSeconds = 0.2 }: DevServerOptions = {}) {
  const controlKey = crypto.randomUUID();
  const program = startProgram("mcp-server", {
    args: ["--dev", "--port", "0", "--reverse-seconds", String(reverseSeconds), ...args],
    env: { MCP_DEV_CONTROL_KEY: controlKey, ...env },
  });
  const [, url = ""] = await program.waitForStderr(/Endpoint\s+(http\S+)/);
  const [, pageUrl = ""] = await program.waitForStderr(/Sign in\s+at (http\S+)/);
  recordSecrets([controlKey]);

  async function control(method: string, name: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(new URL(`/control/${name}`, pageUrl), {
      method,
      headers: { authorization: `Bearer ${controlKey}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`control ${name}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }

  /** @returns how many secrets the dev tenant had to forget */
  async function collectSecrets(): Promise<number> {
    const { secrets, forgotten } = (await control("GET", "secrets")) as unknown as Collected;
    recordSecrets(secrets.filter(({ kind }) => kind !== "user_code").map(({ value }) => value));
    return forgotten;
  }

  return {
    url,
    pageUrl,
    program,
    setFaults: (faults: Record<string, unknown>) => control("POST", "faults", faults),
    readCounts: () => control("GET", "counts"),
    /** Lets the daemon in by one more way; gives its client id and its secret. */
    async changeDaemon(change: Record<string, unknown> = {}) {
      const { client_id: clientId, client_secret: secret } = await control("POST", "daemon", change);
      return { clientId: String(clientId), secret: String(secret) };
    },
    async mintToken(overrides: Record<string, unknown> = {}): Promise<string> {
      const { access_token: token } = await control("POST", "tokens", overrides);
      return String(token);
    },
    /** Sends a request and keeps its answer for the search for secrets. */
    async request(path: string, init: RequestInit = {}): Promise<Response> {
      const response = await fetch(new URL(path, url), init);
      recordText(
        `${init.method ?? "GET"} ${path}`,
        JSON.stringify([...response.headers]) + (await response.clone().text()),
      );
      return response;
    },
    async [Symbol.asyncDispose]() {
      // A server that a test has stopped already has nothing more to tell.
      const forgotten = await collectSecrets().catch(() => 0);
      if (forgotten > 0) throw new Error(`${forgotten} secrets cannot be searched for: they were forgotten`);
      program.kill("SIGTERM");
      const limit = setTimeout(() => program.kill("SIGKILL"), 12_000);
      await program.finished;
      clearTimeout(limit);
    },
  };
}

export type DevServer = Awaited<ReturnType<typeof startDevServer>>;
