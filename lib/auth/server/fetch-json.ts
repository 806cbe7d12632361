import { limitTime } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { readCapped } from "../../base/read-capped.ts";
import { quote } from "../../base/text.ts";

const maxBytes = 512 * 1024;

async function readJson(response: Response): Promise<unknown> {
  const bytes = await readCapped(response.body, { maxBytes });
  if (!bytes) throw new Error(`more than ${maxBytes} bytes`);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    // The parser's own message would quote the document.
    throw new Error(`not JSON but ${quote(response.headers.get("content-type") ?? "of no type")}`);
  }
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
 * Fetches a JSON document of the issuer: no redirects, at most 512 KiB, within the given milliseconds, by https from
 * a host whose certificate is good, whatever the environment says.
 *
 * @throws `keys_unavailable` for every way in which that fails; `detail` says which
 */
export async function fetchJson(url: string, timeoutMs: number): Promise<unknown> {
  try {
    const response = await fetch(url, {
      headers: { accept: "application/json" },
      redirect: "error",
      // Also where NODE_TLS_REJECT_UNAUTHORIZED=0 is set: who can put keys in the issuer's mouth can sign any token.
      tls: { rejectUnauthorized: true },
      signal: limitTime(timeoutMs),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    return await readJson(response);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw keysUnavailable(`${url}: ${reason}`, { cause });
  }
}
