import { PassThrough } from "node:stream";
import { Client as ModernClient } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import type { Log } from "../../lib/base/log.ts";
import { type BridgeOptions, runBridge } from "../../lib/transport/client/bridge/run-bridge.ts";

/** One JSON-RPC message as it stands on a line. */
export type Frame = Readonly<Record<string, unknown>> & {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
  readonly params?: Readonly<Record<string, unknown>>;
};

type Options = Partial<BridgeOptions> & { readonly url: string };

/** A bridge in this process, and the two streams that its host holds. */
export function startBridge(options: Options) {
  const input = new PassThrough();
  const output = new PassThrough();
  const stopping = new AbortController();
  const logged: string[] = [];
  const write = (line: string) => void logged.push(line);
  const log: Log = { error: write, warn: write, info: write, debug() {} };
  const ended = runBridge({ input, output, log, signal: stopping.signal, ...options });
  return { input, output, ended, logged, stop: () => stopping.abort() };
}

/** A host that writes lines itself. */
export function startRawHost(options: Options) {
  const bridge = startBridge(options);
  const frames: Frame[] = [];
  const lines: string[] = [];
  let rest = "";
  let wake = Promise.withResolvers<void>();
  bridge.output.on("data", (chunk: Buffer) => {
    const parts = (rest + chunk.toString("utf8")).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    frames.push(...parts.map((line) => JSON.parse(line) as Frame));
    wake.resolve();
    wake = Promise.withResolvers<void>();
  });
  const waitFor = async (matches: (frame: Frame) => boolean): Promise<Frame> => {
    for (;;) {
      const found = frames.find(matches);
      if (found) return found;
      await wake.promise;
    }
  };
  let lastId = 0;
  return {
    ...bridge,
    frames,
    lines,
    waitFor,
    write: (text: string | Uint8Array) => void bridge.input.write(text),
    send: (message: object) => void bridge.input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`),
    /** Sends a request and waits for its answer. */
    async ask(method: string, params?: object): Promise<Frame> {
      const id = `h${++lastId}`;
      this.send({ id, method, ...(params && { params }) });
      return waitFor((frame) => frame.id === id);
    },
    async initialize(capabilities: object = {}): Promise<Frame> {
      const clientInfo = { name: "raw", version: "1" };
      const params = { protocolVersion: "2025-11-25", capabilities, clientInfo };
      const answer = await this.ask("initialize", params);
      this.send({ method: "notifications/initialized" });
      return answer;
    },
    async [Symbol.asyncDispose]() {
      bridge.input.end();
      await bridge.ended;
    },
  };
}

/** Standard input and output as the SDKs' clients see them. */
function createTransport({ input, output }: { input: PassThrough; output: PassThrough }) {
  let rest = "";
  return {
    onmessage: undefined as ((message: never) => void) | undefined,
    onclose: undefined as (() => void) | undefined,
    async start() {
      output.on("data", (chunk: Buffer) => {
        const parts = (rest + chunk.toString("utf8")).split("\n");
        rest = parts.pop() ?? "";
        for (const line of parts) this.onmessage?.(JSON.parse(line) as never);
      });
    },
    async send(message: object) {
      input.write(`${JSON.stringify(message)}\n`);
    },
    async close() {
      input.end();
      this.onclose?.();
    },
  };
}

export const hostKinds = ["v1", "v2 legacy", "v2 auto", "v2 2026-07-28"] as const;
export type HostKind = (typeof hostKinds)[number];

export interface HostCall {
  readonly onProgress?: (progress: number) => void;
  readonly signal?: AbortSignal;
}

/** A client of one of the SDKs behind a bridge; it says `Ada` when it is asked for a name. */
export async function startSdkHost(kind: HostKind, options: Options) {
  const bridge = startBridge(options);
  const transport = createTransport(bridge);
  const capabilities = { elicitation: {} };
  const info = { name: "host", version: "1" };
  const mode = kind === "v2 auto" ? "auto" : kind === "v2 legacy" ? "legacy" : { pin: "2026-07-28" };
  const client =
    kind === "v1"
      ? new LegacyClient(info, { capabilities })
      : new ModernClient(info, { capabilities, versionNegotiation: { mode } });
  const modern = client as ModernClient;
  const answer = () => ({ action: "accept" as const, content: { name: "Ada" } });
  if (kind === "v1") {
    const { ElicitRequestSchema } = await import("@modelcontextprotocol/sdk/types.js");
    (client as LegacyClient).setRequestHandler(ElicitRequestSchema, answer);
  } else modern.setRequestHandler("elicitation/create", answer);
  await modern.connect(transport as never);
  return {
    ...bridge,
    client: modern,
    listTools: async () => (await modern.listTools()).tools.map(({ name }) => name),
    async call(name: string, args: Record<string, unknown> = {}, { onProgress, signal }: HostCall = {}) {
      const onprogress = onProgress && {
        onprogress: (update: { progress: number }) => onProgress(update.progress),
      };
      const settings = { ...onprogress, ...(signal && { signal }) };
      const request = { name, arguments: args };
      const result =
        kind === "v1"
          ? await (client as LegacyClient).callTool(request, undefined, settings)
          : await modern.callTool(request, settings);
      const [block] = result.content as { text?: string }[];
      return block?.text;
    },
    async [Symbol.asyncDispose]() {
      await modern.close();
      await bridge.ended;
    },
  };
}
