import { Console } from "node:console";
import { Writable } from "node:stream";
import { openStderr, openStdout } from "./guard-output.ts";

/** Bytes that may wait for a slow reader before `write` says so. */
const highWaterMark = 1024 * 1024;

/** Methods of `console` that print. */
const printing = ["log", "info", "debug", "table", "dir", "dirxml", "group", "groupCollapsed"] as const;

/**
 * Keeps standard output for one writer. What anything else in this process prints there by `console` or
 * `process.stdout` goes to standard error instead. It does not reach who writes to file descriptor 1 itself.
 *
 * @returns the one way to standard output; call it once
 */
export function reserveStdout(): Writable {
  const stdout = openStdout();
  const stderr = openStderr();
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  const others = new Console(stderr, stderr);
  for (const method of printing) console[method] = others[method].bind(others);
  return new Writable({
    highWaterMark,
    write(chunk: Buffer, _encoding, done) {
      write(chunk, done);
    },
  });
}
