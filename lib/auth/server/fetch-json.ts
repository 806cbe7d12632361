import { limitTime } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { readCapped } from "../../base/read-capped.ts";

const maxBytes = 512 * 1024;

async function readText(response: Response): Promise<string> {
  const bytes = await readCapped(response.body, { maxBytes });
  if (!bytes) throw new Error(`more than ${maxBytes} bytes`);
  return bytes.toString("utf8");
}

/** What is thrown where it cannot be known at the moment who signed a token. `detail` is for the log. */
export function keysUnavailable(detail: string, { retryAfterSeconds = 1, cause }: Retry = {}): AppError {
  const message = "The signing keys of the issuer cannot be loaded at the moment.";
  return new AppError("keys_unavailable", message, { detail, retryAfterSeconds, cause });
}

interface Retry {
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * Fetches a JSON document of the issuer: no redirects, at most 512 KiB, within the given milliseconds.
 *
 * @throws `keys_unavailable` for every way in which that fails; `detail` says which
 */
export async function fetchJson(url: string, timeoutMs: number): Promise<unknown> {
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
    throw keysUnavailable(`${url}: ${reason}`, { cause });
  }
}
