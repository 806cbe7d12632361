import { describe, expect, test } from "bun:test";
import { quoteRemote } from "../../lib/transport/client/remote-text.ts";

function measureMs(text: string): number {
  const startedMs = performance.now();
  quoteRemote(text);
  return performance.now() - startedMs;
}

describe("text of a server", () => {
  test("that is eight times as long takes no longer to be shown", () => {
    measureMs("a".repeat(20_000));
    const [short = 0, long = 0] = [20_000, 160_000].map((length) => measureMs("a".repeat(length)));
    expect(long / short).toBeLessThan(8);
  });

  test.each(["gho_16C7e42F292c6912E7710c838347Ae178B4a", "AQoDYXdzEJr1K3example9Zx0"])(
    "holds no opaque token %p",
    (token) => expect(quoteRemote(`the token ${token} is bad`)).toBe('"the token (token) is bad"'),
  );

  test.each(["my_very_long_tool_name_of_version_2", "0b5e7c1a-2222-4333-8444-555555555555", "x".repeat(60)])(
    "keeps what is no token: %p",
    (word) => expect(quoteRemote(word)).toBe(`"${word}"`),
  );

  test("holds no token, however long the one is that it echoes", () => {
    const part = "h".repeat(12_000);
    for (const token of [`${part}.${part}.${part}`, `Bearer ${part}${part}`]) {
      expect(quoteRemote(`no: ${token} is bad`)).toStartWith('"no: (token)');
    }
  });
});
