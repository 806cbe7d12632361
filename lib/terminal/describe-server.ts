import { neutraliseLine } from "../base/text.ts";
import { cutToWidth } from "./fit.ts";

/** What a server says of itself, and where it is. */
export interface ShownConnection {
  readonly serverName: string | undefined;
  readonly serverVersion: string | undefined;
  readonly protocolVersion: string;
}

const maxNameColumns = 60;

/** Says to which server a program is connected: one line, however long a name the server gives itself. */
export function describeConnection(connection: ShownConnection, url: string): string {
  const { serverName = "the server", serverVersion = "", protocolVersion } = connection;
  const name = cutToWidth(neutraliseLine(`${serverName} ${serverVersion}`), maxNameColumns);
  return `Connected to ${name} at ${url} (MCP ${cutToWidth(neutraliseLine(protocolVersion), 20)}).`;
}
