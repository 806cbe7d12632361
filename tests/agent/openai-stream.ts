/** A tool call for an answer: arguments as text are sent exactly so. */
export interface AskedCall {
  readonly name: string;
  readonly args: unknown;
  readonly id?: string;
}

/** Tokens that a server says it counted. */
export interface CountedTokens {
  readonly input: number;
  readonly output: number;
  readonly cached?: number;
  readonly reasoning?: number;
}

/** What an answer consists of: pieces of text, and promises that it waits for. */
export interface Answer {
  /** What the model thinks first. */
  readonly reasoning?: readonly string[];
  readonly text?: readonly (string | Promise<unknown>)[];
  readonly calls?: readonly AskedCall[];
  /** Default `stop`, or `tool_calls` with calls. Responses knows `length` and `content_filter` only. */
  readonly finishReason?: string;
  /** Sent as it is, between the text and the calls. */
  readonly noise?: string;
  /** Waits here, between the calls and the end. */
  readonly pause?: Promise<unknown>;
  /** Ends early: `reset` breaks the connection, `end` closes the stream in order, but with nothing to say it is done. */
  readonly cut?: "reset" | "end";
  /** Default 11 and 7. */
  readonly usage?: CountedTokens;
}

/** The tokens of an answer that says nothing of them. */
export const usualUsage: CountedTokens = { input: 11, output: 7 };

const encoder = new TextEncoder();
const eventStream = { headers: { "content-type": "text/event-stream; charset=utf-8" } };

/** Streams frames as they come; what they throw breaks the connection. */
export function streamOf(frames: AsyncGenerator<string>): Response {
  const body = new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await frames.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (thrown) {
        controller.error(thrown);
      }
    },
  });
  return new Response(body, eventStream);
}

/** Arguments as text, in small pieces. */
export function piecesOf(args: unknown): readonly string[] {
  const text = typeof args === "string" ? args : JSON.stringify(args);
  return text.match(/[^]{1,5}/gu) ?? [];
}
