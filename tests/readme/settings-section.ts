import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agentProgram } from "../../lib/config/mcp-agent.ts";
import { clientProgram } from "../../lib/config/mcp-client.ts";
import { serverProgram } from "../../lib/config/mcp-server.ts";
import { renderSettingsTable } from "../../lib/config/settings-table.ts";

export const readmePath = join(import.meta.dir, "../../README.md");

const section = /(<!-- settings: made by `make readme` -->\n)[^]*?(<!-- \/settings -->)/;

/** The README as it is and as the schemas want it. */
export function compareReadme(): { current: string; wanted: string } {
  const current = readFileSync(readmePath, "utf8");
  if (!section.test(current)) throw new Error("README.md has no settings section");
  const table = renderSettingsTable([serverProgram, clientProgram, agentProgram]);
  return { current, wanted: current.replace(section, (_, start, end) => `${start}${table}\n${end}`) };
}
