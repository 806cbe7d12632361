import { chatFrames } from "./chat-frames.ts";
import { type Answer, streamOf } from "./openai-stream.ts";
import { responsesFrames } from "./responses-frames.ts";

/** A message of Chat Completions, as far as the tests look at it. */
export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  readonly content: unknown;
  readonly tool_calls?: readonly {
    id: string;
    type: string;
    function: { name: string; arguments: string };
  }[];
  readonly tool_call_id?: string;
}

/** The body of a request for a chat completion. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly stream: boolean;
  readonly tools?: readonly {
    type: string;
    function: { name: string; description?: string; parameters: unknown };
  }[];
}

/** An item of a request to the Responses API, as far as the tests look at it. */
export interface ResponsesItem {
  readonly type?: string;
  readonly role?: string;
  readonly call_id?: string;
  readonly output?: unknown;
  readonly [member: string]: unknown;
}

/** A request that the server has seen. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: Headers;
  readonly body: ChatRequest;
  /** Of a request to the Responses API; else empty. */
  readonly input: readonly ResponsesItem[];
  /** Resolves when the caller hung up before the answer was complete. */
  readonly gone: Promise<void>;
}

/** Answers one request. */
export type Reply = (request: SeenRequest) => Response | Promise<Response>;

/** Streams an answer in the API that was asked. */
export function say(answer: Answer): Reply {
  return ({ path }) => streamOf(path.endsWith("/responses") ? responsesFrames(answer) : chatFrames(answer));
}

/** Refuses as OpenAI does. */
export function refuse(
  status: number,
  {
    message = "no",
    code = null,
    param = null,
    headers = {},
  }: {
    message?: string;
    code?: string | null;
    param?: string | null;
    headers?: Record<string, string>;
  } = {},
): Reply {
  return () => Response.json({ error: { message, type: "test_error", param, code } }, { status, headers });
}

/** Sends a body as it is. */
export function sendRaw(body: string, contentType = "text/event-stream"): Reply {
  return () => new Response(body, { headers: { "content-type": contentType } });
}

/** Never answers; the headers do not come either. */
export const hang: Reply = () => new Promise<Response>(() => {});

/** What OpenAI refuses in a history: a tool call without its one result right after it, a result without a call. */
export function findHistoryFault(messages: readonly ChatMessage[]): string | undefined {
  let open = new Set<string>();
  for (const { role, tool_calls: calls = [], tool_call_id: id = "" } of messages) {
    if (role === "tool") {
      if (!open.delete(id)) return `a result for ${id}, which was not asked for or has one already`;
      continue;
    }
    if (open.size > 0) return `no result for ${[...open].join(", ")}`;
    open = new Set(calls.map((call) => call.id));
  }
  return open.size > 0 ? `no result for ${[...open].join(", ")}` : undefined;
}

/** As {@link findHistoryFault}, for the Responses API. */
export function findInputFault(input: readonly ResponsesItem[]): string | undefined {
  const open = new Set<string>();
  for (const { type, call_id: id = "" } of input) {
    if (type === "function_call") open.add(id);
    if (type !== "function_call_output") continue;
    if (!open.delete(id)) return `No tool call found for function call output with call_id ${id}.`;
  }
  return open.size > 0 ? `No tool output found for function call ${[...open].join(", ")}.` : undefined;
}

/** Takes the frame off a tool's output that marks it as data. */
export function unmark(text: string): string {
  return text.replace(/<(tool-output-[0-9a-f]{8})>(?:\n|\\n)([^]*?)(?:\n|\\n)<\/\1>/g, "$2");
}

function unmarkMessage(message: ChatMessage): ChatMessage {
  const { role, content } = message;
  return role === "tool" ? { ...message, content: unmark(String(content)) } : message;
}

/**
 * An OpenAI-compatible server (Chat Completions and Responses, streaming) on a free port of loopback. It gives the replies one after
 * the other, and refuses histories that OpenAI refuses.
 */
export function startOpenAiServer(...replies: readonly Reply[]) {
  const requests: SeenRequest[] = [];
  const waiting = [...replies];
  const asked = Promise.withResolvers<void>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    development: false,
    async fetch(request) {
      const gone = Promise.withResolvers<void>();
      request.signal.addEventListener("abort", () => gone.resolve(), { once: true });
      const path = new URL(request.url).pathname;
      const body = (await request.json()) as ChatRequest & { input?: readonly ResponsesItem[] };
      const { input = [] } = body;
      const seen = { path, headers: request.headers, body, input, gone: gone.promise };
      requests.push(seen);
      asked.resolve();
      const isResponses = path.endsWith("/responses");
      const fault = isResponses ? findInputFault(input) : findHistoryFault(body.messages);
      const reply = fault === undefined ? waiting.shift() : refuse(400, { message: fault });
      return (reply ?? refuse(400, { message: "the test has no more replies" }))(seen);
    },
  });
  return {
    /** The base URL, as for `--base-url`. */
    url: `http://127.0.0.1:${server.port}/v1`,
    requests,
    /** Resolves with the first request. */
    asked: asked.promise,
    /** Adds replies for later requests. */
    reply: (...more: readonly Reply[]) => void waiting.push(...more),
    /** The messages of a request, results of tools without their frames; of the latest by default. */
    messages: (index = -1) => (requests.at(index)?.body.messages ?? []).map(unmarkMessage),
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}
