import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";

/** Three base64url parts with dots between: what a JWT looks like, also one that was cut. */
const tokenLike = /[\w-]{16,}\.[\w-]{16,}(?:\.[\w-]*)?|Bearer\s+[\w.~+/-]{16,}=*/gi;

/** Shows what a server wrote, cut and on one line; a token that it echoes is taken out first. */
export function quoteRemote(text: unknown, maxLength = 200): string {
  return quote(typeof text === "string" ? text.replace(tokenLike, "(token)") : text, maxLength);
}

/**
 * Reads a body to its end, as text.
 *
 * @param limits.maxBytes what is longer is not read on
 * @param limits.onChunk called for each piece that arrives
 * @throws `protocol_error` when it is longer; the network's own error when it breaks off
 */
export async function readText(
  response: Response,
  limits: { readonly maxBytes: number; readonly onChunk?: (() => void) | undefined },
): Promise<string> {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    limits.onChunk?.();
    bytes += chunk.byteLength;
    if (bytes > limits.maxBytes) {
      throw new AppError("protocol_error", `The server's answer is larger than ${limits.maxBytes} bytes.`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The beginning of the body of a refusal, for its reason; nothing when it cannot be read. */
export async function readRefusal(response: Response): Promise<string> {
  try {
    return await readText(response, { maxBytes: 65_536 });
  } catch {
    return "";
  }
}
