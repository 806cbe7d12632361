/** A family of revisions. */
export type Era = "2025-11-25" | "2026-07-28";

/** Whom the requests are for, and how. */
export interface Target {
  readonly url: string;
  readonly era: Era;
  /** Session of the older revisions. */
  readonly session?: string | undefined;
  readonly token?: string | undefined;
}

const clientInfo = { name: "load", version: "1" };

function headersOf({ era, session, token }: Target): Record<string, string> {
  return {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": era,
    ...(session === undefined ? {} : { "mcp-session-id": session }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

/** Opens a session of revision 2025-11-25 and gives its id; nothing else is sent. */
export async function openSession(target: Omit<Target, "era">): Promise<string> {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params });
  const headers = headersOf({ ...target, era: "2025-11-25" });
  const response = await fetch(target.url, { method: "POST", headers, body });
  await response.text();
  if (!response.ok) throw new Error(`initialize: ${response.status}`);
  return response.headers.get("mcp-session-id") ?? "";
}

/** A target in that era, with a session where there are any. */
export async function openTarget(url: string, era: Era, token?: string): Promise<Target> {
  return { url, era, token, session: era === "2025-11-25" ? await openSession({ url, token }) : undefined };
}

/** A call of `reverse_tool` with progress, as fetch takes it. */
export function createReverseCall(target: Target, id: number, query: string): RequestInit {
  const meta = {
    progressToken: id,
    ...(target.era === "2026-07-28" && {
      "io.modelcontextprotocol/protocolVersion": target.era,
      "io.modelcontextprotocol/clientInfo": clientInfo,
      "io.modelcontextprotocol/clientCapabilities": {},
    }),
  };
  const params = { name: "reverse_tool", arguments: { query }, _meta: meta };
  const own = { "mcp-method": "tools/call", "mcp-name": "reverse_tool" };
  return {
    method: "POST",
    headers: { ...headersOf(target), ...(target.era === "2026-07-28" ? own : {}) },
    body: JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params }),
  };
}
