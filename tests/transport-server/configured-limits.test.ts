import { expect, test } from "bun:test";
import { transportLimitsFrom } from "../../cmd/mcp-server/transport-limits.ts";
import { limitOptionNames, limitOptions } from "../../lib/config/limit-options.ts";
import { serverProgram } from "../../lib/config/mcp-server.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";
import { defaultTransportLimits } from "../../lib/transport/server/limits.ts";

function configure(flags: Record<string, string>) {
  return resolveSettings(serverProgram.options, { flags, environment: {}, envFile: undefined }).values;
}

test("the limits are what the transport takes for safe, where nobody sets them", () => {
  expect(transportLimitsFrom(configure({}))).toEqual(defaultTransportLimits);
});

test("every limit of the transport is set by its flag", () => {
  const before = JSON.stringify(transportLimitsFrom(configure({})));
  for (const name of limitOptionNames) {
    const option = limitOptions[name];
    if (option.kind !== "number" || name === "callSeconds") continue;
    const limits = JSON.stringify(transportLimitsFrom(configure({ [name]: String(option.max) })));
    expect([name, limits]).not.toEqual([name, before]);
    expect(limits).toMatch(new RegExp(`:${option.max}(000)?[,}]`));
  }
});

test.each([
  ["10.0.0.0/8", true],
  ["2001:db8::/32", true],
  ["::1", true],
  ["10.0.0.0/33", false],
  ["2001:db8::/129", false],
  ["10.0.0.0/", false],
  ["10.0.0.0/8/8", false],
  ["10.0.0", false],
  ["proxy.example", false],
  ["/8", false],
])("%s is a proxy that can be named: %p", (text, isRange) => {
  const { check } = limitOptions.trustedProxies;
  expect(check(text) === undefined).toBe(isRange);
});
