import { limitTime } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { readCapped } from "../../base/read-capped.ts";

const timeoutMs = 5_000;
const maxBytes = 512 * 1024;

async function readText(response: Response): Promise<string> {
  const bytes = await readCapped(response.body, { maxBytes });
  if (!bytes) throw new Error(`more than ${maxBytes} bytes`);
  return bytes.toString("utf8");
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
    return JSON.parse(await readText(response));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("keys_unavailable", "The signing keys of the issuer cannot be loaded at the moment.", {
      cause,
      detail: `${url}: ${reason}`,
      retryAfterSeconds: 1,
    });
  }
}
