import { expect, jest, test } from "bun:test";
import { createSleep, limitTime, sleep, unlessAborted } from "../../lib/base/abort.ts";

/** `expect().rejects` would wait for ever for a promise that never settles. */
const reasonOf = (promise: Promise<unknown>) => promise.then(() => "none").catch((reason: unknown) => reason);

/** A signal that counts how often somebody asks why it has fired. */
function createCountingSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  let asked = 0;
  Object.defineProperty(signal, "reason", {
    get() {
      asked++;
      return new Error("aborted");
    },
  });
  return { signal, abort: () => controller.abort(), asked: () => asked };
}

test("who has waited to the end is not woken any more", async () => {
  const { signal, abort, asked } = createCountingSignal();
  await sleep(0, { signal });
  await createSleep(signal)(0);
  expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
  expect(await reasonOf(unlessAborted(Promise.reject(new Error("its own")), signal))).toMatchObject({
    message: "its own",
  });
  await sleep(0);
  abort();
  expect(asked()).toBe(0);
});

test("a promise is not waited for once the signal fires, or has fired", async () => {
  const controller = new AbortController();
  const never = new Promise<never>(() => {});
  const waiting = unlessAborted(never, controller.signal);
  controller.abort(new Error("over"));
  expect(await reasonOf(waiting)).toMatchObject({ message: "over" });
  expect(await reasonOf(unlessAborted(never, controller.signal))).toMatchObject({ message: "over" });
});

const over = AbortSignal.abort(new Error("over"));

test.each([
  ["one wait", () => sleep(0, { signal: over })],
  ["one of many waits", () => createSleep(over)(0)],
])("%s does not begin once the signal has fired", async (_, wait) => {
  expect(await reasonOf(wait())).toMatchObject({ message: "over" });
});

test("a time limit fires with the caller's signal, or when its time is over", async () => {
  const controller = new AbortController();
  const limited = limitTime(1_000_000, controller.signal);
  controller.abort();
  expect(limited.aborted).toBe(true);
  const late = limitTime(1, new AbortController().signal);
  expect(await reasonOf(unlessAborted(new Promise(() => {}), late))).toMatchObject({ name: "TimeoutError" });
});

test.each([
  ["one wait", (signal: AbortSignal) => sleep(1_000_000, { signal })],
  ["one of many waits", (signal: AbortSignal) => createSleep(signal)(1_000_000)],
])("%s that is broken off leaves no timer behind", (_, wait) => {
  jest.useFakeTimers();
  const controller = new AbortController();
  void wait(controller.signal).catch(() => {});
  expect(jest.getTimerCount()).toBe(1);
  controller.abort();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});
