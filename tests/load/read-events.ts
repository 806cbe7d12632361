/** A message in a stream of server-sent events. */
export interface RpcMessage {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly progress?: number };
  readonly result?: { readonly structuredContent?: { readonly reversed_query?: string } };
}

/** The messages of an answer, stream or not. */
export async function readMessages(response: Response): Promise<readonly RpcMessage[]> {
  const text = await response.text();
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return [JSON.parse(text)];
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice("data: ".length)) as RpcMessage);
}
