import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as LegacyStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** The part of the SDKs' clients that the tests use. */
export interface SdkClient {
  listTools(): Promise<string[]>;
  call(
    name: string,
    args: Record<string, unknown>,
    options?: { onProgress?: (progress: number) => void; signal?: AbortSignal },
  ): Promise<{ structuredContent?: unknown; content?: unknown; isError?: unknown }>;
  close(): Promise<void>;
}

export const clientKinds = ["v1", "v2 legacy", "v2 auto", "v2 2026-07-28"] as const;
export type ClientKind = (typeof clientKinds)[number];

function requestInit(token: string | undefined) {
  return token === undefined ? {} : { requestInit: { headers: { authorization: `Bearer ${token}` } } };
}

async function connectV1(transport: LegacyTransport | LegacyStdio): Promise<SdkClient> {
  const client = new LegacyClient({ name: "test", version: "1" });
  // The SDK declares its own transport without exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    async call(name, args, { onProgress, signal } = {}) {
      const { structuredContent, content, isError } = await client.callTool(
        { name, arguments: args },
        undefined,
        {
          ...(onProgress ? { onprogress: ({ progress }) => onProgress(progress) } : {}),
          ...(signal ? { signal } : {}),
        },
      );
      return { structuredContent, content, isError };
    },
    close: () => client.close(),
  };
}

async function connectV2(kind: ClientKind, transport: Transport): Promise<SdkClient> {
  const mode = kind === "v2 auto" ? "auto" : kind === "v2 legacy" ? "legacy" : { pin: "2026-07-28" };
  const client = new ModernClient({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args, { onProgress, signal } = {}) =>
      client.callTool(
        { name, arguments: args },
        {
          ...(onProgress ? { onprogress: ({ progress }) => onProgress(progress) } : {}),
          ...(signal ? { signal } : {}),
        },
      ),
    close: () => client.close(),
  };
}

/** Connects one of the SDKs' clients. */
export function connectSdk(kind: ClientKind, url: string, token: string | undefined): Promise<SdkClient> {
  const [endpoint, init] = [new URL(url), requestInit(token)];
  return kind === "v1"
    ? connectV1(new LegacyTransport(endpoint, init))
    : connectV2(kind, new ModernTransport(endpoint, init));
}

/** Starts a program as a host does and connects one of the SDKs' clients to its standard input and output. */
export function connectSdkOnStdio(kind: ClientKind, command: string, args: string[]): Promise<SdkClient> {
  const server = { command, args, stderr: "ignore" } as const;
  return kind === "v1" ? connectV1(new LegacyStdio(server)) : connectV2(kind, new ModernStdio(server));
}
