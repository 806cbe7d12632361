import { expect, test } from "bun:test";
import { chooseMediaType } from "../../lib/web/accept.ts";

const offered = ["application/json", "text/event-stream"] as const;
const [json, events] = offered;

test.each([
  [null, json],
  ["", json],
  ["*/*", json],
  ["application/*", json],
  ["application/json", json],
  ["APPLICATION/JSON; charset=utf-8", json],
  ["text/event-stream", events],
  ["text/*", events],
  ["application/json, text/event-stream", json],
  ["text/event-stream, application/json", json],
  ["application/json;q=0.5, text/event-stream", events],
  ["text/event-stream;q=0.5, */*;q=0.1", events],
  ["*/*, application/json;q=0", events],
  ["application/json;q=0, text/event-stream;q=0", undefined],
  ["application/json;q=2", undefined],
  ["application/json;q=x", undefined],
  ["text/html", undefined],
  ["application/jsonx", undefined],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", json],
])("Accept %p is answered with %p", (accept, expected) => {
  expect(chooseMediaType(accept, offered)).toBe(expected);
});

test("an Accept of thousands of ranges costs no more than one of fifty", () => {
  const behind = (ranges: number) => `${"a/b;".repeat(20)},${",".repeat(ranges - 1)}application/json`;
  expect(chooseMediaType(behind(49), offered)).toBe(json);
  expect(chooseMediaType(behind(50), offered)).toBeUndefined();
  expect(chooseMediaType(`application/json${";x=y".repeat(10)};q=0`, offered)).toBe(json);
});
