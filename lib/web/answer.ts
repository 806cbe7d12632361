import { AppError } from "../base/errors.ts";
import { chooseMediaType } from "./accept.ts";

/** Of every answer of the REST API: it is data of one caller, and no page. */
export const securityHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  // Pages that CORS lets read it are not concerned; without tokens any other page could pull it into its process.
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
} as const;

const json = { headers: new Headers({ ...securityHeaders, "content-type": "application/json" }) };

/** Answers with a JSON value. */
export function answerJson(value: unknown): Response {
  return new Response(JSON.stringify(value), json);
}

/**
 * Chooses the media type of an answer.
 *
 * @throws `not_acceptable`
 */
export function negotiate<MediaType extends string>(
  { headers }: Request,
  offered: readonly MediaType[],
): MediaType {
  const chosen = chooseMediaType(headers.get("accept"), offered);
  if (chosen !== undefined) return chosen;
  throw new AppError("not_acceptable", `The answer can be ${offered.join(" or ")}.`);
}

/** Makes {@link negotiate} for many requests: nearly all of them accept what the last one did. */
export function createNegotiation<MediaType extends string>(
  offered: readonly MediaType[],
): (request: Request) => MediaType {
  let last: { readonly accept: string | null; readonly chosen: MediaType } | undefined;
  return (request) => {
    const accept = request.headers.get("accept");
    if (last?.accept !== accept) last = { accept, chosen: negotiate(request, offered) };
    return last.chosen;
  };
}
