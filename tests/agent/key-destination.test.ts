import { expect, test } from "bun:test";
import { checkKeyDestination } from "../../cmd/mcp-agent/choose-model.ts";
import { agentProgram } from "../../lib/config/mcp-agent.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";
import type { Context } from "../../lib/config/run-program.ts";

function check(baseUrl: string): void {
  const settings = resolveSettings(agentProgram.options, {
    flags: { baseUrl },
    environment: { OPENAI_API_KEY: "k" },
    envFile: undefined,
  });
  checkKeyDestination(settings as Context<typeof agentProgram.options>);
}

test.each(["https://api.example.com/v1", "HTTPS://api.example.com/v1", "http://127.0.0.1:1234/v1"])(
  "a key may go to %s",
  (baseUrl) => expect(() => check(baseUrl)).not.toThrow(),
);

test.each(["http://api.example.com/v1", "HTTP://api.example.com/v1", "http://127.0.0.1.example.com/v1"])(
  "no key goes to %s",
  (baseUrl) => {
    expect(() => check(baseUrl)).toThrow(expect.objectContaining({ code: "untrusted_destination" }));
  },
);
