import type { Abortable } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import { connect, type FullConnection, type ProtocolChoice } from "../transport/client/connect.ts";
import { type Check, type Examination, ok, warning } from "./check.ts";

const modern = "2026-07-28";

async function open(
  { settings }: Examination,
  { signal, protocol }: Abortable & { readonly protocol?: ProtocolChoice },
): Promise<FullConnection> {
  const { signIn, idleTimeoutMs } = settings;
  const credentials = await settings.openCredentials({ signal });
  return connect({ url: signIn.values.url, ...credentials, protocol, idleTimeoutMs, signal });
}

/** The revision of the older family that the server speaks, or nothing. */
async function findSessions(examination: Examination, options: Abortable): Promise<string | undefined> {
  try {
    const connection = await open(examination, { ...options, protocol: "legacy" });
    const { protocolVersion } = connection;
    await connection.close();
    return protocolVersion;
  } catch (thrown) {
    const isOther = thrown instanceof AppError && ["protocol_error", "not_mcp"].includes(thrown.code);
    if (isOther) return undefined;
    throw thrown;
  }
}

/** Which families of MCP revisions the server speaks. */
export const eraCheck: Check = {
  id: "era",
  title: "Protocol",
  async run(examination, options) {
    const connection = await open(examination, options);
    const { protocolVersion, serverName } = connection;
    await connection.close();
    const who = serverName === undefined ? "" : `${quote(serverName, 60)} speaks `;
    if (protocolVersion !== modern) {
      return warning(
        `${who}${quote(protocolVersion, 20)} (sessions) only, not ${modern}`,
        `It works from here. Clients that speak only ${modern} cannot use it: update the server.`,
      );
    }
    const older = await findSessions(examination, options);
    if (older !== undefined) return ok(`${who}${modern} and ${quote(older, 20)} (sessions)`);
    return warning(
      `${who}${modern} only, no sessions (2025-11-25 and older)`,
      "It works from here. Older hosts cannot use it by themselves; mcp-client bridge translates for them.",
    );
  },
};

/** Whether the tools can be listed. */
export const toolsCheck: Check = {
  id: "tools",
  title: "Tools",
  async run(examination, { signal }) {
    const connection = await open(examination, { signal });
    try {
      const tools = await connection.listTools({ signal });
      if (tools.length === 0) return warning("the server offers none", "Its operator can tell why.");
      const names = tools.slice(0, 5).map(({ name }) => quote(name, 40));
      return ok(`${tools.length}: ${names.join(", ")}${tools.length > names.length ? ", …" : ""}`);
    } finally {
      await connection.close();
    }
  },
};
