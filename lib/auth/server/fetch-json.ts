import { limitTime } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";

const timeoutMs = 5_000;
const maxBytes = 512 * 1024;

async function readCapped(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString("utf8");
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw new Error(`more than ${maxBytes} bytes`);
    }
    chunks.push(value);
  }
}

/**
 * Fetches a JSON document of the issuer: no redirects, at most 512 KiB, within 5 s.
 *
 * @throws `keys_unavailable` for every way in which that fails; `detail` says which
 */
export async function fetchJson(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: limitTime(timeoutMs),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    return JSON.parse(await readCapped(response));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("keys_unavailable", "The signing keys of the issuer cannot be loaded at the moment.", {
      cause,
      detail: `${url}: ${reason}`,
      retryAfterSeconds: 1,
    });
  }
}
