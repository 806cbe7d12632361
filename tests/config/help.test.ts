import { describe, expect, test } from "bun:test";
import { describeErrorCode, type ErrorCode } from "../../lib/base/errors.ts";
import { renderHelp } from "../../lib/config/help.ts";
import { agentProgram } from "../../lib/config/mcp-agent.ts";
import { clientProgram } from "../../lib/config/mcp-client.ts";
import { serverProgram } from "../../lib/config/mcp-server.ts";
import type { Program } from "../../lib/config/program.ts";

const programs: readonly Program[] = [serverProgram, clientProgram, agentProgram];
const pages = programs.flatMap((program) =>
  [undefined, ...Object.keys(program.commands)].flatMap((command) =>
    [80, 120].map((columns) => [`${program.name} ${command ?? ""}`, columns, program, command] as const),
  ),
);

describe("help", () => {
  test.each(pages)("%s at %p columns fits and has all sections", (_, columns, program, command) => {
    const help = renderHelp(program, command, columns);
    for (const line of help.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
    for (const section of ["USAGE", "FLAGS", "EXIT CODES"]) expect(help).toContain(`\n${section}\n`);
    expect(help).not.toMatch(/undefined|\[object/);
  });

  test.each(programs.map((program) => [program.name, program] as const))(
    "of %s names every flag and variable",
    (_, program) => {
      const helps = Object.keys(program.commands)
        .map((command) => renderHelp(program, command, 80))
        .join("\n");
      for (const option of Object.values(program.options)) {
        if (option.flag !== undefined) expect(helps).toContain(`--${option.flag}`);
        for (const name of option.env ?? []) expect(helps).toContain(name);
      }
    },
  );

  test("of each command gives an example", () => {
    for (const { name, commands } of programs) {
      for (const [command, { isHidden, examples = [] }] of Object.entries(commands)) {
        if (isHidden === true) continue;
        expect([command, examples.length > 0]).toEqual([command, true]);
        for (const [line] of examples) expect(line).toMatch(new RegExp(`\\b${name}( |$)`));
      }
    }
  });

  test("of mcp-client names the variables that are no settings: proxies, authorities, colour", () => {
    const help = renderHelp(clientProgram, undefined, 80);
    for (const name of ["HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "NO_COLOR", "BROWSER"]) {
      expect(help).toMatch(new RegExp(`^  ([A-Z_]+, )?${name}\\b`, "m"));
    }
  });

  test("lists every exit code that an error can have", () => {
    const help = renderHelp(clientProgram, undefined, 80);
    const codes: ErrorCode[] = [
      "unexpected",
      "usage",
      "sign_in_required",
      "unreachable",
      "tool_failed",
      "not_mcp",
      "timeout",
      "interrupted",
    ];
    for (const code of codes) expect(help).toMatch(new RegExp(`^  ${describeErrorCode(code).exit} `, "m"));
  });
});
