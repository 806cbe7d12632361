import { AppError } from "../base/errors.ts";
import { verifiedFetch } from "../base/verified-fetch.ts";
import { type ModelServer, notChatCompletions } from "./model-error.ts";

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

/**
 * The way to a model's server: follows no redirects, because the key would go along; sends no `Authorization`
 * where there is no key; reads no more than 32 MiB of an answer.
 */
export function createModelFetch(server: ModelServer): typeof fetch {
  const request = async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
    const headers = new Headers(init?.headers);
    if (server.apiKey === undefined) headers.delete("authorization");
    const response = await verifiedFetch(input, { ...init, headers, redirect: "manual" });
    if (response.ok && response.headers.get("content-type")?.startsWith("text/html")) {
      await response.body?.cancel().catch(() => {});
      throw notChatCompletions(server, "it is a web page");
    }
    return limitBody(response);
  };
  return Object.assign(request, { preconnect: fetch.preconnect });
}
