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

/** A request that the server has seen. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: Headers;
  readonly body: ChatRequest;
  /** Resolves when the caller hung up before the answer was complete. */
  readonly gone: Promise<void>;
}

/** Answers one request. */
export type Reply = (request: SeenRequest) => Response | Promise<Response>;

/** A tool call for {@link say}: arguments as text are sent exactly so. */
export interface AskedCall {
  readonly name: string;
  readonly args: unknown;
  readonly id?: string;
}

const encoder = new TextEncoder();
const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

function frame(delta: unknown, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ ...chunkHead, choices, usage: null })}\n\n`;
}
const chunkHead = {
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_760_000_000,
  model: "test-model",
  system_fingerprint: "fp_1",
};

function* callFrames(calls: readonly AskedCall[]): Generator<string> {
  for (const [index, { name, args, id = `call_${crypto.randomUUID()}` }] of calls.entries()) {
    yield frame({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] });
    const text = typeof args === "string" ? args : JSON.stringify(args);
    for (const piece of text.match(/[^]{1,5}/gu) ?? []) {
      yield frame({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
}

const eventStream = { headers: { "content-type": "text/event-stream; charset=utf-8" } };

function streamOf(frames: () => AsyncGenerator<string>): Response {
  const iterator = frames();
  const body = new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (thrown) {
        controller.error(thrown);
      }
    },
  });
  return new Response(body, eventStream);
}

/** What an answer consists of: pieces of text, and promises that it waits for. */
export interface Answer {
  readonly text?: readonly (string | Promise<unknown>)[];
  readonly calls?: readonly AskedCall[];
  /** Default `stop`, or `tool_calls` with calls. */
  readonly finishReason?: string;
  /** Sent as it is, between the text and the calls. */
  readonly noise?: string;
  /** Waits here, between the calls and the end. */
  readonly pause?: Promise<unknown>;
  /** Ends early: `reset` breaks the connection, `end` closes the stream in order, but with nothing to say it is done. */
  readonly cut?: "reset" | "end";
}

/** Streams an answer as Chat Completions do. */
export function say(answer: Answer): Reply {
  const { text = [], calls = [], cut } = answer;
  return () =>
    streamOf(async function* () {
      yield frame({ role: "assistant", content: text.length > 0 ? "" : null, refusal: null });
      for (const piece of text) {
        if (typeof piece === "string") yield frame({ content: piece });
        else await piece;
      }
      if (answer.noise !== undefined) yield answer.noise;
      yield* callFrames(calls);
      await answer.pause;
      if (cut === "end") return;
      if (cut === "reset") throw new Error("cut");
      yield frame({}, answer.finishReason ?? (calls.length > 0 ? "tool_calls" : "stop"));
      yield `data: ${JSON.stringify({ ...chunkHead, choices: [], usage })}\n\n`;
      yield "data: [DONE]\n\n";
    });
}

/** Refuses as OpenAI does. */
export function refuse(
  status: number,
  {
    message = "no",
    code = null,
    headers = {},
  }: { message?: string; code?: string | null; headers?: Record<string, string> } = {},
): Reply {
  return () =>
    Response.json({ error: { message, type: "test_error", param: null, code } }, { status, headers });
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

/**
 * An OpenAI-compatible server (streaming Chat Completions) on a free port of loopback. It gives the replies one after
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
      const body = (await request.json()) as ChatRequest;
      const seen = { path, headers: request.headers, body, gone: gone.promise };
      requests.push(seen);
      asked.resolve();
      const fault = findHistoryFault(body.messages);
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
    /** The messages of a request; of the latest by default. */
    messages: (index = -1) => requests.at(index)?.body.messages ?? [],
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}
