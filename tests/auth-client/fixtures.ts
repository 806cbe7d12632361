import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../lib/base/clock.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { Log } from "../../lib/base/log.ts";

/** A folder that is removed afterwards. */
export function makeFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "auth-client-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A clock that moves only when told to, and a `sleep` that moves it. Starts now, because MSAL has no other. */
export function makeClock(): Clock & {
  advance(ms: number): void;
  readonly sleeps: number[];
  sleep(ms: number, options: { signal?: AbortSignal | undefined }): Promise<void>;
} {
  let nowMs = Date.now();
  const sleeps: number[] = [];
  return {
    nowMs: () => nowMs,
    advance: (ms) => void (nowMs += ms),
    sleeps,
    async sleep(ms, { signal }) {
      signal?.throwIfAborted();
      sleeps.push(ms / 1000);
      nowMs += ms;
    },
  };
}

/** A log that keeps its lines. */
export function makeLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const add = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return { lines, error: add("error"), warn: add("warn"), info: add("info"), debug: add("debug") };
}

/** The AppError that something throws; fails when it throws anything else or nothing. */
export async function catchAppError(run: () => unknown): Promise<AppError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** All that a person or a log may see of an error. */
export function textOf(error: AppError): string {
  return [error.message, error.hint, error.detail].join("\n");
}
