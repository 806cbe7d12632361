import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { AppError } from "../../lib/base/errors.ts";
import { Operation } from "../../lib/transport/client/operation.ts";

const limits = { idleTimeoutMs: 1000, maxTimeMs: 5000 };
const call = { subject: "The call", hasEffects: true };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test("ends after the idle time without a sign of life", () => {
  const operation = new Operation(call, limits);
  jest.advanceTimersByTime(999);
  expect(operation.failure).toBeUndefined();
  jest.advanceTimersByTime(1);
  expect([operation.failure?.code, operation.failure?.message]).toEqual([
    "timeout",
    "The call showed no sign of life for 1 s.",
  ]);
});

test("goes on while there are signs of life, but not beyond the total time", () => {
  const operation = new Operation(call, limits);
  for (let second = 0; second < 4; second++) {
    jest.advanceTimersByTime(900);
    operation.touch();
  }
  expect(operation.failure).toBeUndefined();
  jest.advanceTimersByTime(900);
  operation.touch();
  jest.advanceTimersByTime(500);
  expect([operation.failure?.code, operation.failure?.message]).toEqual([
    "timeout",
    "The call took longer than 5 s.",
  ]);
});

test("does not fail any more once it is finished", () => {
  const operation = new Operation(call, limits);
  operation.finish();
  operation.touch();
  jest.advanceTimersByTime(10_000);
  operation.fail(new AppError("timeout", "late"));
  expect([operation.failure, operation.signal.aborted]).toEqual([undefined, false]);
});

test("keeps the first failure", () => {
  const caller = new AbortController();
  const operation = new Operation(call, limits, caller.signal);
  caller.abort();
  operation.fail(new AppError("connection_lost", "later"));
  expect(operation.failure?.code).toBe("interrupted");
});

test("takes over the error that the caller gives up with", () => {
  const reason = new AppError("timeout", "The turn took too long.");
  expect(new Operation(call, limits, AbortSignal.abort(reason)).failure).toBe(reason);
});
