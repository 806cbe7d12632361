import { expect, test } from "bun:test";
import { createRunningRequests } from "../../lib/transport/server/legacy/running-requests.ts";

function open() {
  const running = createRunningRequests();
  const seen: string[] = [];
  const begin = (id: number) =>
    running.begin(id, {
      isAlone: true,
      release: () => seen.push(`release ${id}`),
      cancel: () => seen.push(`cancel ${id}`),
    });
  return { running, seen, begin };
}

test("a request that is over is released once, and its id is free", () => {
  const { running, seen, begin } = open();
  begin(1);
  running.end(1);
  running.end(1);
  expect(seen).toEqual(["release 1"]);
  expect(running.get(1)).toBeUndefined();
});

test("the end of a session cancels and releases all that run in it", () => {
  const { running, seen, begin } = open();
  begin(1);
  begin(2);
  running.endAll();
  running.endAll();
  expect(seen).toEqual(["cancel 1", "release 1", "cancel 2", "release 2"]);
});
