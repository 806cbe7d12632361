import { expect, jest, test } from "bun:test";
import { limitTime, onAbort, sleep, unlessAborted } from "../../lib/base/abort.ts";

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

test("a signal wakes all who wait for it, once", () => {
  const controller = new AbortController();
  const called: string[] = [];
  onAbort(controller.signal, () => called.push("first"));
  onAbort(controller.signal, () => called.push("second"));
  controller.abort();
  expect(called).toEqual(["first", "second"]);
});

test("who has waited to the end is not woken any more", async () => {
  const { signal, abort, asked } = createCountingSignal();
  await sleep(0, { signal });
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

test("a wait does not begin once the signal has fired", async () => {
  expect(await reasonOf(sleep(0, { signal: AbortSignal.abort(new Error("over")) }))).toMatchObject({
    message: "over",
  });
});

test("a time limit fires with the caller's signal, or when its time is over", async () => {
  const controller = new AbortController();
  const limited = limitTime(1_000_000, controller.signal);
  controller.abort();
  expect(limited.aborted).toBe(true);
  const late = limitTime(1, new AbortController().signal);
  expect(await reasonOf(unlessAborted(new Promise(() => {}), late))).toMatchObject({ name: "TimeoutError" });
});

test("a wait that is broken off leaves no timer behind", () => {
  jest.useFakeTimers();
  const controller = new AbortController();
  void sleep(1_000_000, controller).catch(() => {});
  expect(jest.getTimerCount()).toBe(1);
  controller.abort();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});
