import { readProduct } from "./lock.ts";
import type { Target } from "./targets.ts";

const { name, version } = readProduct();

/** What a person must do before a program from this archive starts. */
const notes: Readonly<Record<string, string>> = {
  "macos-arm64":
    "macOS keeps programs from a browser's download from starting. Take the mark off once:\n\n    xattr -d com.apple.quarantine mcp-server mcp-client mcp-agent\n",
  "macos-x64":
    "The signature that these programs carry is not valid on macOS for Intel. Sign them anew once:\n\n    codesign --force --sign - mcp-server mcp-client mcp-agent\n    xattr -d com.apple.quarantine mcp-server mcp-client mcp-agent\n",
  "linux-x64-musl": "On Alpine Linux the programs need libstdc++: `apk add libstdc++`.\n",
  "linux-arm64-musl": "On Alpine Linux the programs need libstdc++: `apk add libstdc++`.\n",
};

/** The README.md of an archive: how to try the programs, and where to read on. */
export function renderReadme(target: Target): string {
  const note = notes[target.name];
  const server =
    target.serverFiles.length === 0
      ? ""
      : "\nTo run the server for others: mcp-server.service is a unit for systemd, Containerfile makes a container of it;\neach says at its top how.\n";
  return `# ${name} ${version} for ${target.name}

Three programs, each one file without anything to install:

- mcp-server: an MCP server that lets in only callers with a valid Microsoft Entra access token
- mcp-client: signs a person in, calls the tools of an MCP server, shows their progress
- mcp-agent: lets a model use the tools of an MCP server

${note === undefined ? "" : `${note}\n`}Try them without any account, in two terminals:

    ./mcp-server --dev
    ./mcp-client

Each program explains itself with --help; \`mcp-server --help\` says how to put it in front of your own tenant.
${server}
The file THIRD-PARTY-NOTICES.md names what is inside and under which licences.
`;
}
