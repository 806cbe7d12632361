import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes } from "../../lib/config/help.ts";
import { agentProgram } from "../../lib/config/mcp-agent.ts";
import { clientProgram } from "../../lib/config/mcp-client.ts";
import { serverProgram } from "../../lib/config/mcp-server.ts";
import { renderSettingsTable } from "../../lib/config/settings-table.ts";
import { renderExitCodes, renderRefusals, renderStatuses } from "./refusals.ts";

export const readmePath = join(import.meta.dir, "../../README.md");
export const programs = [serverProgram, clientProgram, agentProgram];

const sections: Readonly<Record<string, () => string>> = {
  settings: () => renderSettingsTable(programs),
  refusals: renderRefusals,
  statuses: renderStatuses,
  "exit codes": () => renderExitCodes(exitCodes),
};

/** The README as it is and as the schemas and the table of errors want it. */
export function compareReadme(): { current: string; wanted: string } {
  const current = readFileSync(readmePath, "utf8");
  let wanted = current;
  for (const [name, render] of Object.entries(sections)) {
    const section = new RegExp(`(<!-- ${name}: made by \`make readme\` -->\n)[^]*?(<!-- /${name} -->)`);
    if (!section.test(current)) throw new Error(`README.md has no section of ${name}`);
    const text = render();
    wanted = wanted.replace(section, (_, start, end) => `${start}${text}\n${end}`);
  }
  return { current, wanted };
}
