import { AppError } from "../../base/errors.ts";
import { readCapped } from "../../base/read-capped.ts";
import { quote } from "../../base/text.ts";
import type { Deadlines } from "./deadlines.ts";
import { type JsonLimits, measureJson } from "./measure-json.ts";

/** Bounds on a request's body: 4 MiB, 30 s, 100 000 elements and 64 levels unless somebody says otherwise. */
export interface BodyLimits extends JsonLimits {
  readonly maxBytes: number;
  /** Milliseconds in which the whole body must have come. */
  readonly deadlineMs: number;
}

export const defaultBodyLimits: BodyLimits = {
  maxBytes: 4 * 1024 * 1024,
  deadlineMs: 30_000,
  maxElements: 100_000,
  maxDepth: 64,
};

function tooLarge(maxBytes: number): AppError {
  return new AppError("body_too_large", `The request's body is larger than ${maxBytes} bytes.`);
}

function tooSlow(deadlineMs: number): AppError {
  return new AppError("body_timeout", `The request's body did not come within ${deadlineMs / 1000} seconds.`);
}

function brokenOff(cause: unknown): AppError {
  return new AppError("invalid_request", "The request's body broke off.", { cause });
}

async function readBytes(request: Request, { maxBytes, deadlineMs }: BodyLimits): Promise<Buffer> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(tooSlow(deadlineMs)), deadlineMs);
  try {
    const bytes = await readCapped(request.body, { maxBytes, signal: deadline.signal });
    if (bytes) return bytes;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw brokenOff(cause);
  } finally {
    clearTimeout(timer);
  }
  throw tooLarge(maxBytes);
}

function checkStructure(bytes: Uint8Array, limits: BodyLimits): void {
  const { elements, depth } = measureJson(bytes, limits);
  const problem =
    depth > limits.maxDepth
      ? `is nested deeper than ${limits.maxDepth} levels`
      : elements > limits.maxElements && `has more than ${limits.maxElements} elements`;
  if (problem) throw new AppError("body_too_complex", `The request's body ${problem}.`);
}

/** Whether the media type is `application/json`, whatever its parameters. */
export function isJsonMediaType(contentType: string | null): boolean {
  if (contentType === "application/json") return true;
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}

/** @see RFC 9110 section 8.4: what is encoded must not be read as if it were not. */
function checkForm(headers: Headers): void {
  if (!isJsonMediaType(headers.get("content-type"))) {
    throw new AppError("unsupported_media_type", "The request's body must be application/json.");
  }
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return;
  const message = `The request's body must not be compressed, and its Content-Encoding is ${quote(encoding)}.`;
  throw new AppError("unsupported_media_type", message);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws `body_too_complex`, `invalid_json` */
function parseBody(bytes: Uint8Array, limits: BodyLimits): unknown {
  checkStructure(bytes, limits);
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw new AppError("invalid_json", "The request's body is not valid JSON.", { cause });
  }
}

export interface SmallBodyOptions {
  readonly limits: BodyLimits;
  /** Those of `limits.deadlineMs`. */
  readonly deadlines: Deadlines;
}

/**
 * Reads a body whose headers say that it is small, all at once: its stream, and a timer of its own, would cost more
 * than the rest of a request, and each promise on the way to its answer as much as a look at a token.
 *
 * @param use is handed the parsed body, unless that came too late
 * @returns what `use` gives
 * @throws as {@link readJsonBody} does, and what `use` throws
 */
export function readSmallBody<Outcome>(
  request: Request,
  { limits, deadlines }: SmallBodyOptions,
  use: (body: unknown) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    checkForm(request.headers);
    let isLate = false;
    const end = deadlines.begin(() => {
      isLate = true;
      reject(tooSlow(limits.deadlineMs));
    });
    const onBytes = (bytes: Uint8Array) => {
      end();
      if (isLate) return;
      try {
        if (bytes.length > limits.maxBytes) throw tooLarge(limits.maxBytes);
        resolve(use(parseBody(bytes, limits)));
      } catch (thrown) {
        reject(thrown);
      }
    };
    const onFailure = (cause: unknown) => {
      end();
      reject(brokenOff(cause));
    };
    request.bytes().then(onBytes, onFailure);
  });
}

/**
 * Reads a request's body once, with a cap and a total deadline, and parses it as JSON.
 *
 * @throws `unsupported_media_type`, `body_too_large`, `body_timeout`, `body_too_complex`, `invalid_request`,
 *   `invalid_json`
 */
export async function readJsonBody(
  request: Request,
  limits: BodyLimits = defaultBodyLimits,
): Promise<unknown> {
  const { headers } = request;
  checkForm(headers);
  if (Number(headers.get("content-length") ?? 0) > limits.maxBytes) throw tooLarge(limits.maxBytes);
  return parseBody(await readBytes(request, limits), limits);
}
