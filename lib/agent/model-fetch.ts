import { AppError } from "../base/errors.ts";
import { verifiedFetch } from "../base/verified-fetch.ts";
import { type ModelServer, notThisApi } from "./model-error.ts";
import type { ModelTokens } from "./model-options.ts";

/** How much of one answer is read, refusals included. */
const maxAnswerBytes = 32 * 1024 * 1024;

function limitBody(response: Response): Response {
  const { body, status, statusText, headers } = response;
  let bytes = 0;
  const limited = body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes > maxAnswerBytes) {
          const message = `The model's answer is larger than ${maxAnswerBytes} bytes.`;
          throw new AppError("model_failed", message);
        }
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(limited ?? null, { status, statusText, headers });
}

/** Whoever asks reads what the answer was, not a page that a proxy put in its place. */
async function checkAnswer(response: Response, server: ModelServer): Promise<Response> {
  if (response.ok && response.headers.get("content-type")?.startsWith("text/html")) {
    await response.body?.cancel().catch(() => {});
    throw notThisApi(server, "it is a web page");
  }
  return limitBody(response);
}

type Send = (authorization: string | undefined) => Promise<Response>;

/** Sends with a token, and once more with another one when the first is refused. */
async function sendWithToken(tokens: ModelTokens, send: Send, signal: AbortSignal | undefined) {
  const request = signal ? { signal } : {};
  const first = await tokens.getToken(request);
  const response = await send(first && `Bearer ${first.value}`);
  if (response.status !== 401 || !first) return response;
  const second = await tokens.getToken({ ...request, rejected: first.value });
  if (!second || second.value === first.value) return response;
  await response.body?.cancel().catch(() => {});
  return send(`Bearer ${second.value}`);
}

/**
 * The way to a model's server: follows no redirects, because key or token would go along; sends no `Authorization`
 * where there is neither; reads no more than 32 MiB of an answer.
 */
export function createModelFetch(server: ModelServer): typeof fetch {
  const { tokens, apiKey } = server;
  const request = async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
    const send: Send = (authorization) => {
      const headers = new Headers(init?.headers);
      if (authorization === undefined) headers.delete("authorization");
      else headers.set("authorization", authorization);
      return verifiedFetch(input, { ...init, headers, redirect: "manual" });
    };
    const response = await (tokens
      ? sendWithToken(tokens, send, init?.signal ?? undefined)
      : send(apiKey && `Bearer ${apiKey}`));
    return checkAnswer(response, server);
  };
  return Object.assign(request, { preconnect: fetch.preconnect });
}
