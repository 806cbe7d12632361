// The least that a server in Bun can do: it takes the same bytes, parses the JSON and answers with the same bytes.
// What it answers comes as JSON in the first argument, by the method of the JSON-RPC request or else of HTTP.

/** One answer: the members of a JSON object beside `id`, or the frames of a stream with `{{id}}` in them. */
export interface BareAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: Readonly<Record<string, unknown>>;
  readonly hasId?: boolean;
  readonly frames?: readonly string[];
  /** Milliseconds between two frames. */
  readonly pauseMs?: number;
}

const answers = JSON.parse(process.argv[2] ?? "{}") as Record<string, BareAnswer>;
const encoder = new TextEncoder();

function stream(frames: readonly string[], id: string, pauseMs: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      for (const [index, frame] of frames.entries()) {
        if (index > 1 && pauseMs > 0) await Bun.sleep(pauseMs);
        controller.enqueue(encoder.encode(frame.replaceAll("{{id}}", id)));
      }
      controller.close();
    },
  });
}

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  development: false,
  async fetch(request) {
    const isPost = request.method === "POST";
    const { id = 0, method = request.method } = isPost
      ? ((await request.json()) as { readonly id?: number; readonly method?: string })
      : {};
    const { status, headers, json, hasId, frames, pauseMs } = answers[method] as BareAnswer;
    if (frames) return new Response(stream(frames, String(id), pauseMs ?? 0), { status, headers });
    if (!json) return new Response(null, { status, headers });
    return Response.json(hasId ? { ...json, id } : json, { status, headers });
  },
});
process.stdout.write(`port ${server.port}\n`);
